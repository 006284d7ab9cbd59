"""The textual header of an age v1 file (C2SP age.md), parsed and written strictly.

A header that parses re-encodes to the same bytes, so the MAC is taken over the encoding.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from softphone.domain.errors import Damaged
from softphone.domain.recording import Stanza
from softphone.vault.crypto import derived, wipe

FILE_KEY_SIZE = 16
COLUMNS = 64
HEADER_LIMIT = 1 << 20
"""Bytes; a header of some hundred hybrid recipients fits."""
_VERSION = b"age-encryption.org/v1\n"
_ARGUMENT = re.compile(r"[\x21-\x7e]+")
_ARMOR = re.compile(
    rb"-----BEGIN AGE ENCRYPTED FILE-----\r?\n"
    rb"((?:[A-Za-z0-9+/]{64}\r?\n)*(?:[A-Za-z0-9+/=]{1,64}\r?\n))"
    rb"-----END AGE ENCRYPTED FILE-----"
)


@dataclass(frozen=True, slots=True)
class Header:
    """A parsed header. ``size`` in bytes is where the payload begins."""

    stanzas: tuple[Stanza, ...]
    mac: bytes
    size: int

    def verify(self, file_key: bytes) -> None:
        """Check the MAC in constant time. Raises Damaged."""
        if not hmac.compare_digest(header_mac(self.stanzas, file_key), self.mac):
            raise _damaged("Its header was altered.")


def encode_base64(data: bytes) -> str:
    """Return standard Base64 without padding (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii").rstrip("=")


def decode_base64(text: str) -> bytes:
    """Return the bytes of canonical unpadded Base64. Raises Damaged."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _damaged("Its header is not canonical.") from error
    if encode_base64(data) != text:
        raise _damaged("Its header is not canonical.")
    return data


def header_mac(stanzas: Sequence[Stanza], file_key: bytes) -> bytes:
    """Return HMAC-SHA-256 over the header up to and including ``---`` (32 bytes)."""
    key = derived(file_key, b"header")
    try:
        return hmac.digest(key, _unsigned(stanzas), "sha256")
    finally:
        wipe(key)


def header_bytes(stanzas: Sequence[Stanza], file_key: bytes) -> bytes:
    """Return the whole header for a file key."""
    return encode_header(stanzas, header_mac(stanzas, file_key))


def encode_header(stanzas: Sequence[Stanza], mac: bytes) -> bytes:
    """Return the header of stanzas whose MAC is known, as kept apart from the payload."""
    return _unsigned(stanzas) + b" " + encode_base64(mac).encode("ascii") + b"\n"


def _unsigned(stanzas: Sequence[Stanza]) -> bytes:
    if not stanzas:
        raise ValueError("an age header has at least one stanza")
    return _VERSION + b"".join(_stanza(stanza) for stanza in stanzas) + b"---"


def _stanza(stanza: Stanza) -> bytes:
    words = (stanza.type, *stanza.args)
    if any(not _ARGUMENT.fullmatch(word) for word in words):
        raise ValueError("arguments of an age stanza are printable and not empty")
    body = encode_base64(stanza.body)
    # The last line is always shorter than 64 columns, and empty where the body fills its lines.
    lines = [body[i : i + COLUMNS] for i in range(0, len(body) + 1, COLUMNS)]
    return "".join(f"{line}\n" for line in ("-> " + " ".join(words), *lines)).encode("ascii")


def parse_header(data: bytes) -> Header:
    """Return the header at the beginning of ``data``. Raises Damaged."""
    return read_header(io.BytesIO(data))


def read_header(stream: BinaryIO) -> Header:
    """Read a header; the stream then stands at the payload. Raises Damaged."""
    lines = _Lines(stream)
    if lines.next() != _VERSION.decode("ascii")[:-1]:
        raise _damaged("It is not an age file of version 1.")
    stanzas: list[Stanza] = []
    while True:
        line = lines.next()
        if line.startswith("---"):
            break
        stanzas.append(_read_stanza(line, lines))
    if not stanzas:
        raise _damaged("Nobody can open it.")
    if not line.startswith("--- "):
        raise _damaged("Its header is not canonical.")
    mac = decode_base64(line[4:])
    if len(mac) != 32:
        raise _damaged("Its header is not canonical.")
    if len(stanzas) > 1 and any(stanza.type == "scrypt" for stanza in stanzas):
        raise _damaged("A passphrase must be the only way to open a file.")
    return Header(tuple(stanzas), mac, lines.consumed)


class _Lines:
    """Lines of a header as text, bounded; every one must end with a line feed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.consumed = 0

    def next(self) -> str:
        line = self._stream.readline(HEADER_LIMIT - self.consumed)
        self.consumed += len(line)
        if not line.endswith(b"\n"):
            raise _damaged("Its header ends early or is too long.")
        try:
            return line[:-1].decode("ascii")
        except UnicodeDecodeError as error:
            raise _damaged("Its header is not text.") from error


def _read_stanza(line: str, lines: _Lines) -> Stanza:
    if not line.startswith("-> "):
        raise _damaged("Its header is not canonical.")
    words = line[3:].split(" ")
    if any(not _ARGUMENT.fullmatch(word) for word in words):
        raise _damaged("Its header is not canonical.")
    body: list[str] = []
    while True:
        part = lines.next()
        if len(part) > COLUMNS:
            raise _damaged("Its header is not canonical.")
        body.append(part)
        if len(part) < COLUMNS:
            break
    return Stanza(words[0], tuple(words[1:]), decode_base64("".join(body)))


def decode_armor(data: bytes) -> bytes:
    """Return the binary file inside strict PEM armor (RFC 7468 section 3). Raises Damaged.

    White space is taken before and after the block only; lines end with LF or CRLF.
    """
    match = _ARMOR.fullmatch(data.strip())
    if match is None:
        raise _damaged("Its armor is not canonical.")
    text = match[1].replace(b"\r\n", b"\n").replace(b"\n", b"")
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _damaged("Its armor is not canonical.") from error
    if base64.b64encode(decoded) != text:
        raise _damaged("Its armor is not canonical.")
    return decoded


def _damaged(why: str) -> Damaged:
    return Damaged("This file cannot be opened.", why, "Use an unaltered copy.")
