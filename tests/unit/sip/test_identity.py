from __future__ import annotations

import pytest

from softphone.sip.identity import caller
from softphone.sip.message import Message

FROM = '"Anna" <sip:1001@x.example>'


def invite(*asserted: str) -> Message:
    headers = [("From", FROM), *(("P-Asserted-Identity", a) for a in asserted)]
    return Message("INVITE sip:me@x.example SIP/2.0", headers)


@pytest.mark.parametrize(
    ("asserted", "trusted", "shown"),
    [
        ([], True, ("1001", "Anna")),
        (['"Bank" <sip:+4930@x>'], False, ("1001", "Anna")),
        (['"Bank" <sip:+4930@x>'], True, ("+4930", "Bank")),
        (["<sip:a@x>, <tel:+4931>"], True, ("+4931", "")),
        (["<sip:a@x>", "<tel:+4931>"], True, ("+4931", "")),
    ],
)
def test_who_calls(asserted: list[str], trusted: bool, shown: tuple[str, str]):
    assert caller(FROM, invite(*asserted), trust_asserted=trusted) == shown


def test_an_unreadable_request_shows_what_the_dialog_says():
    assert caller(FROM, None, trust_asserted=True) == ("1001", "Anna")
