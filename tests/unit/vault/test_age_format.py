from __future__ import annotations

import base64
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.domain.errors import Damaged
from softphone.domain.recording import Stanza
from softphone.vault.age_format import (
    HEADER_LIMIT,
    decode_armor,
    decode_base64,
    encode_base64,
    encode_header,
    header_bytes,
    parse_header,
    read_header,
)

KEY = bytes(range(16))
words = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=80)
stanzas = st.lists(
    st.builds(
        Stanza,
        words.filter(lambda word: word != "scrypt"),
        st.lists(words, max_size=4).map(tuple),
        st.binary(max_size=200) | st.sampled_from([bytes(48), bytes(96)]),
    ),
    min_size=1,
    max_size=5,
).map(tuple)


@given(stanzas, st.binary(max_size=40))
@settings(deadline=None)
def test_a_header_parses_to_what_was_written(wanted: tuple[Stanza, ...], payload: bytes):
    written = header_bytes(wanted, KEY)
    stream = io.BytesIO(written + payload)
    header = read_header(stream)
    assert header.stanzas == wanted
    assert header.size == len(written)
    assert stream.read() == payload
    header.verify(KEY)
    assert encode_header(header.stanzas, header.mac) == written


@given(stanzas, st.data())
@settings(deadline=None)
def test_a_changed_header_does_not_verify(wanted: tuple[Stanza, ...], data: st.DataObject):
    written = bytearray(header_bytes(wanted, KEY))
    position = data.draw(st.integers(min_value=0, max_value=len(written) - 1))
    written[position] ^= data.draw(st.integers(min_value=1, max_value=255))
    with pytest.raises(Damaged):
        parse_header(bytes(written)).verify(KEY)


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_a_header_or_refused(data: bytes):
    with pytest.raises(Damaged):
        parse_header(b"age-encryption.org/v1\n-> X\n" + data)


def test_a_header_of_another_key_does_not_verify():
    with pytest.raises(Damaged):
        parse_header(header_bytes([Stanza("X", (), b"")], KEY)).verify(bytes(16))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"age-encryption.org/v1",
        b"age-encryption.org/v2\n-> X\n\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\r\n-> X\n\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n-> X\n\n--- " + b"A" * 42 + b"\n",
        b"age-encryption.org/v1\n-> X\n\n---" + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n-> X  Y\n\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n-> X\n" + b"A" * 68 + b"\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n-> X\n" + b"A" * 64 + b"\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n-> \xc3\xa4\n\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n-> scrypt\n\n-> X\n\n--- " + b"A" * 43 + b"\n",
        b"age-encryption.org/v1\n" + b"-> X\n\n" * (HEADER_LIMIT // 6),
    ],
)
def test_headers_that_are_not_canonical_are_refused(data: bytes):
    with pytest.raises(Damaged):
        parse_header(data)


@pytest.mark.parametrize("text", ["A", "AB=", "AB==", "AAB", "A\n", "A-__", "AAAA\n"])
def test_base64_is_strict(text: str):
    with pytest.raises(Damaged):
        decode_base64(text)


@given(st.binary(max_size=100))
@settings(deadline=None)
def test_base64_round_trip(data: bytes):
    assert decode_base64(encode_base64(data)) == data


@pytest.mark.parametrize("wrong", [[], [Stanza("", (), b"")], [Stanza("X", ("a b",), b"")]])
def test_what_no_parser_would_take_is_not_written(wrong: list[Stanza]):
    with pytest.raises(ValueError, match="stanza"):
        header_bytes(wrong, KEY)


def armor(data: bytes, eol: str = "\n") -> bytes:
    text = base64.b64encode(data).decode()
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    block = ["-----BEGIN AGE ENCRYPTED FILE-----", *lines, "-----END AGE ENCRYPTED FILE-----"]
    return (eol.join(block) + eol).encode()


@given(st.binary(min_size=1, max_size=400), st.sampled_from(["\n", "\r\n"]))
@settings(deadline=None)
def test_armor_decodes(data: bytes, eol: str):
    assert decode_armor(armor(data, eol)) == data
    assert decode_armor(b" \n\t" + armor(data, eol) + b"\r\n ") == data


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"FILE-----\n", b"FILE-----\nComment: x\n"),
        (b"BEGIN", b"begin"),
        (b"-----END", b"\n-----END"),
        (b"=\n", b"\n"),
        (b"-----END", b" -----END"),
        (b"FILE-----\nAA", b"FILE-----\nAA\nAA"),
        (b"-----END AGE ENCRYPTED FILE-----\n", b""),
        (b"FILE-----\n", b"FILE-----\n!"),
        (b"-----BEGIN", b"x-----BEGIN"),
    ],
)
def test_loose_armor_is_refused(old: bytes, new: bytes):
    good = armor(bytes(80))
    assert old in good
    with pytest.raises(Damaged):
        decode_armor(good.replace(old, new, 1))


def test_armor_with_stray_bits_is_refused():
    with pytest.raises(Damaged):
        decode_armor(armor(b"\x00").replace(b"AA==", b"AB=="))
