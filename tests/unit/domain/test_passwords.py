from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.errors import InvalidInput
from softphone.domain.passwords import LEAST_LENGTH, check_password, left


@pytest.mark.parametrize(
    "password",
    [
        "four random words here",
        "correct horse battery staple",
        "xK9#mQ2$vL7!pR",
        "der Fluss trägt Briefe",
        "nine million lilies",
        "зелёный чайник поёт",
    ],
)
def test_long_and_unusual_is_enough_without_rules_of_composition(password: str):
    check_password(password, ["Ida Root"])


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd2026!",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "qwertzuiop1234",
        "1234567890123",
        "Summer2026!!!",
        "password password password",
        "IdaRoot-12345678",
        "Ida.Root.Ida.Root",
        "0987654321poiuytrewq",
        "!!!!!!????????",
        "welcome-admin-2025",
    ],
)
def test_what_is_guessed_first_is_refused(password: str):
    with pytest.raises(InvalidInput, match="guessed first"):
        check_password(password, ["Ida Root"])


@given(st.text(max_size=LEAST_LENGTH - 1))
def test_short_ones_are_refused_whatever_they_are(password: str):
    with pytest.raises(InvalidInput):
        check_password(password)


@given(st.text(max_size=60), st.text(max_size=20))
def test_more_never_counts_less_than_nothing(password: str, name: str):
    assert 0 <= left(password, [name]) <= 4 * len(password)
