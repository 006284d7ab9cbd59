from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.app.numbers import display, normalise
from softphone.domain.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("020 7946 0000", "+442079460000"),
        (" +49 (30) 123456-78 ", "+493012345678"),
        ("tel:+442079460000", "+442079460000"),
        ("0049 30 12345678", "+493012345678"),
        ("201", "201"),
        ("*97#", "*97#"),
        ("sip:Ada@Example.ORG", "Ada@example.org"),
        ("SIPS:ada@[2001:db8::1]:5061", "ada@[2001:db8::1]:5061"),
        ("callto:201", "201"),
    ],
)
def test_what_people_type_becomes_one_spelling(text: str, expected: str):
    assert normalise(text, "GB") == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "12345678901234567890",
        "201\r\nContact: evil",
        "ada@example.org;transport=udp",
        "ada@example.org?Subject=x",
        "<sip:ada@example.org>",
        "+442079460000;ext=1",
        "a b@example.org",
        "ada@exa mple.org",
        "ada@-example.org",
        "\x00201",
    ],
)
def test_what_could_add_to_a_sip_message_is_refused(text: str):
    with pytest.raises(InvalidInput):
        normalise(text, "GB")


@given(st.text(max_size=30))
def test_nothing_dangerous_ever_passes(text: str):
    try:
        result = normalise(text, "GB")
    except InvalidInput:
        return
    assert not set(result) & set('\r\n;?<>" \t\0')
    assert normalise(result, "GB") == result


def test_numbers_are_shown_as_people_write_them():
    assert display("+442079460000") == "+44 20 7946 0000"
    for other in ("201", "ada@example.org", "+", "+abc"):
        assert display(other) == other
