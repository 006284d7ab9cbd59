from __future__ import annotations

import pytest

from softphone.domain.call_policy import Redirects
from softphone.sip.redirects import may_follow, takes_a_place

OWN = "phone.example"


@pytest.mark.parametrize(
    ("target", "rule", "allowed"),
    [
        ("sip:other@phone.example", Redirects.OWN_DOMAIN, True),
        ("<sip:other@PHONE.example;user=phone>", Redirects.OWN_DOMAIN, True),
        ("sip:0900@elsewhere.example", Redirects.OWN_DOMAIN, False),
        ("sip:phone.example@elsewhere.example", Redirects.OWN_DOMAIN, False),
        ("sip:a@elsewhere.example?x=@phone.example", Redirects.OWN_DOMAIN, False),
        ("tel:+4990012345", Redirects.OWN_DOMAIN, False),
        ("no address", Redirects.OWN_DOMAIN, False),
        ("sip:0900@elsewhere.example", Redirects.ALWAYS, True),
        ("sip:other@phone.example", Redirects.NEVER, False),
    ],
)
def test_the_policy_says_where_others_may_send_us(target: str, rule: Redirects, allowed: bool):
    assert may_follow(target, OWN, rule) is allowed


@pytest.mark.parametrize(
    ("target", "replaces"),
    [
        ("<sip:a@10.0.0.1:5061?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2>", True),
        ("<sip:a@10.0.0.1?Require=replaces&replaces=x>", True),
        ("<sip:replaces=@10.0.0.1>", False),
        ("<sip:a@10.0.0.1;replaces=x>", False),
        ("sip:a@10.0.0.1", False),
    ],
)
def test_to_take_a_place_is_in_the_headers_of_the_address(target: str, replaces: bool):
    assert takes_a_place(target) is replaces
