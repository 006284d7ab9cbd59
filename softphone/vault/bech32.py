"""Bech32 (BIP 173) without the length limit, as age keys are written (C2SP age.md)."""

from __future__ import annotations

from softphone.domain.errors import InvalidInput

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM = 6


def encode(prefix: str, data: bytes) -> str:
    """Return ``data`` under a human-readable prefix; upper case when the prefix is."""
    lower = prefix.lower()
    if not lower or prefix not in (lower, prefix.upper()) or not _printable(lower):
        raise ValueError("a Bech32 prefix is printable and of one case")
    values = _regroup(data, 8, 5, pad=True)
    checksum = _polymod([*_expand(lower), *values, *([0] * _CHECKSUM)]) ^ 1
    tail = [(checksum >> 5 * (_CHECKSUM - 1 - i)) & 31 for i in range(_CHECKSUM)]
    text = lower + "1" + "".join(_ALPHABET[v] for v in (*values, *tail))
    return text if prefix == lower else text.upper()


def decode(text: str) -> tuple[str, bytes]:
    """Return prefix (in the case it was written) and data. Raises InvalidInput."""
    lower = text.lower()
    if text not in (lower, text.upper()) or not _printable(text):
        raise _refusal("It mixes cases or holds characters that no key has.")
    prefix, separator, coded = lower.rpartition("1")
    if not separator or not prefix or len(coded) < _CHECKSUM:
        raise _refusal("A part is missing.")
    if any(letter not in _VALUES for letter in coded):
        raise _refusal("It holds characters that no key has.")
    values = [_VALUES[letter] for letter in coded]
    if _polymod([*_expand(prefix), *values]) != 1:
        raise _refusal("Its checksum is wrong.")
    return text[: len(prefix)], bytes(_regroup(values[:-_CHECKSUM], 5, 8, pad=False))


def _refusal(why: str) -> InvalidInput:
    return InvalidInput("This is not a key.", why, "Copy the whole key once more.")


def _printable(text: str) -> bool:
    return all(33 <= ord(letter) <= 126 for letter in text)


def _expand(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            if (top >> bit) & 1:
                checksum ^= generator
    return checksum


def _regroup(values: bytes | list[int], have: int, want: int, *, pad: bool) -> list[int]:
    result: list[int] = []
    pending = 0
    bits = 0
    for value in values:
        pending = (pending << have | value) & 0xFFF
        bits += have
        while bits >= want:
            bits -= want
            result.append(pending >> bits & ((1 << want) - 1))
    left = pending & ((1 << bits) - 1)
    if pad and bits:
        result.append(left << (want - bits))
    elif not pad and (bits >= have or left):
        raise _refusal("Its padding is wrong.")
    return result
