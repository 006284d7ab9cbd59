from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.masking import HIDDEN, masked


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+493012345678", "+49••••••••78"),
        ("+1555012", "+15•••12"),
        ("+49301", "••••••"),
        ("1001", "••••"),
        ("ada@pbx.example", "•" * 15),
        ("", ""),
    ],
)
def test_the_middle_is_hidden(number: str, shown: str):
    assert masked(number) == shown


@given(st.from_regex(r"\+[0-9]{6,15}", fullmatch=True))
def test_never_more_than_country_and_two_digits(number: str):
    shown = masked(number)
    assert len(shown) == len(number)
    assert len(shown.replace(HIDDEN, "")) <= 5
    assert shown.count(HIDDEN) >= 2


@given(st.text(max_size=30))
def test_whatever_is_no_number_is_hidden_whole(text: str):
    if not (text.startswith("+") and text[1:].isdecimal()):
        assert not masked(text).replace(HIDDEN, "")
