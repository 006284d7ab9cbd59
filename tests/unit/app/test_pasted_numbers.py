"""What people paste: letters, spaces, digits of other scripts, parameters, injected headers."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from softphone.app.numbers import normalise
from softphone.domain.errors import InvalidInput
from softphone.sip.uri import parse_uri, uri_of

SAFE = re.compile(r"(?:\+[0-9]{4,15}|[0-9*#]{1,15}|[!-~]+@[A-Za-z0-9.:\[\]-]+)")


@pytest.mark.parametrize(
    ("text", "dialled"),
    [
        ("030 23125-418", "+493023125418"),
        ("+49 (0)30 / 23125 418", "+493023125418"),
        ("tel:+49-30-23125-418", "+493023125418"),
        ("\u00a0+49\u202f30\u00a023125418\u200b", "+493023125418"),
        ("\u202a+493023125418\u202c", "+493023125418"),
        ("٠٣٠ ٢٣١٢٥ ٤١٨", "+493023125418"),
        ("０３０２３１２５４１８", "+493023125418"),
        ("+49 30 CALLUS", "+4930225587"),
        ("12", "12"),
        ("*21#", "*21#"),
        ("sip:anna@Phone.Example", "anna@phone.example"),
    ],
)
def test_what_can_be_dialled(text: str, dialled: str):
    assert normalise(text, "DE") == dialled


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello there",
        "+49 30 23125418;phone-context=evil.example",
        "tel:+4930123456;ext=12;isub=1",
        "sip:anna@phone.example;transport=udp",
        "sip:anna@phone.example?Subject=x",
        "sip:anna@phone.example>\r\nContact: <sip:evil@evil.example>",
        "+4930123456\r\nINVITE sip:evil@evil.example SIP/2.0",
        "+4930123456\n",
        "anna@phone.example\x00.evil.example",
        "anna@evil.example@phone.example;lr",
        "anna@phone.example:99999999",
        '"Anna" <sip:anna@phone.example>',
        "sip:sip:anna@phone.example",
        "anna@@phone.example",
        "@phone.example",
        "anna@",
        "０１２@phone.example",
        "an na@phone.example",
        "javascript:alert(1)",
        "https://evil.example/?+4930123456",
        "+" + "9" * 40,
    ],
)
def test_what_is_refused_with_a_reason(text: str):
    if text == "+4930123456\n":
        assert normalise(text, "DE") == "+4930123456"  # a line break at the end is a slip
        return
    with pytest.raises(InvalidInput) as caught:
        normalise(text, "DE")
    assert caught.value.why
    assert caught.value.do


@given(st.text(max_size=60))
@example("+4930123456;x")
@example("a@b;c")
@example("*#" * 9)
def test_nothing_typed_becomes_anything_but_a_number_or_an_address(text: str):
    try:
        target = normalise(text, "DE")
    except InvalidInput:
        return
    assert SAFE.fullmatch(target), target
    uri = parse_uri(uri_of(target, "phone.example"))
    assert uri is not None
    assert (uri.params, uri.headers) == ((), "")
