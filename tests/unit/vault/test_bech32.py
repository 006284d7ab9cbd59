from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.domain.errors import InvalidInput
from softphone.vault import bech32

IDENTITY = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"


@given(st.binary(max_size=1300), st.sampled_from(["age", "age1pq", "AGE-SECRET-KEY-"]))
@settings(deadline=None)
def test_what_is_encoded_decodes(data: bytes, prefix: str):
    assert bech32.decode(bech32.encode(prefix, data)) == (prefix, data)


@given(st.text(max_size=80))
@settings(deadline=None)
def test_any_text_is_a_key_or_refused(text: str):
    try:
        prefix, data = bech32.decode(text)
    except InvalidInput:
        return
    assert bech32.encode(prefix, data).lower() == text.lower()


def test_the_example_of_the_specification():
    assert bech32.decode(IDENTITY) == ("AGE-SECRET-KEY-", b"\x42" * 32)


@given(st.integers(min_value=0, max_value=len(IDENTITY) - 1), st.sampled_from("QPZRY9X8"))
@settings(deadline=None)
def test_a_changed_letter_is_noticed(position: int, letter: str):
    changed = IDENTITY[:position] + letter + IDENTITY[position + 1 :]
    if changed != IDENTITY:
        with pytest.raises(InvalidInput):
            bech32.decode(changed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "age",
        "age1",
        "1qqqqqq",
        IDENTITY.replace("AGE", "age"),
        IDENTITY + " ",
        "age1\u0130qqqqqq",
    ],
)
def test_what_is_no_key_is_refused(text: str):
    with pytest.raises(InvalidInput):
        bech32.decode(text)


@pytest.mark.parametrize("prefix", ["", "Age", "a ge"])
def test_prefixes_are_of_one_case_and_printable(prefix: str):
    with pytest.raises(ValueError, match="prefix"):
        bech32.encode(prefix, b"")


def test_padding_is_strict():
    prefix, data = "age", b"\x01"
    good = bech32.encode(prefix, data)
    # One byte is 8 bits in 10: the two that are left over must be zero.
    values = [bech32._VALUES[letter] for letter in good[4:6]]
    values[1] |= 1
    checksum = bech32._polymod([*bech32._expand(prefix), *values, *([0] * 6)]) ^ 1
    tail = [(checksum >> 5 * (5 - i)) & 31 for i in range(6)]
    wrong = "age1" + "".join(bech32._ALPHABET[value] for value in (*values, *tail))
    with pytest.raises(InvalidInput, match="padding"):
        bech32.decode(wrong)
