"""Judges the age implementation by files of the C2SP CCTV suite (see its README for the format)."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from softphone.domain.errors import Damaged, InvalidInput
from softphone.vault.age_format import Header, decode_armor, read_header
from softphone.vault.recipients import Identity, NotForMe, Passphrase, parse_identity
from softphone.vault.stream import PayloadReader, decrypt

_KNOWN = {
    *("expect", "payload", "identity", "passphrase", "file key"),
    *("armored", "compressed", "comment"),
}
_UNPACKED_LIMIT = 64 << 20


@dataclass
class Vector:
    """One file of the suite."""

    expect: str
    payload: str
    age: bytes
    armored: bool
    identities: list[Identity] = field(default_factory=list)


def run(folder: Path) -> tuple[int, list[str]]:
    """Return how many files behaved as they say, and a sentence for each that did not."""
    passed = 0
    failures: list[str] = []
    for path in sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")):
        wrong = judge(path)
        if wrong is None:
            continue
        if wrong:
            failures.append(f"{path.name}: {wrong}")
        else:
            passed += 1
    return passed, failures


def judge(path: Path) -> str | None:
    """Return an empty string, what went wrong, or None for a file that is no age vector."""
    try:
        vector = read(path)
    except (ValueError, InvalidInput, zlib.error) as error:
        return f"the vector cannot be read: {error}"
    if vector is None:
        return None
    outcome, released = decrypt_vector(vector)
    if outcome != vector.expect:
        return f"expected {vector.expect}, got {outcome}"
    if vector.payload and hashlib.sha256(released).hexdigest() != vector.payload:
        return f"{len(released)} bytes were released and are not the expected payload"
    return ""


def read(path: Path) -> Vector | None:
    """Parse a vector; None when it is none, or has keys that are unknown (as the suite asks)."""
    head, separator, age = path.read_bytes().partition(b"\n\n")
    if not head.startswith(b"expect: "):
        return None
    if not separator:
        raise ValueError("there is no empty line")
    fields: dict[str, list[str]] = {}
    for line in head.decode("utf-8").splitlines():
        key, colon, value = line.partition(": ")
        if not colon:
            raise ValueError("a line has no colon")
        fields.setdefault(key, []).append(value)
    if not set(fields) <= _KNOWN:
        return None
    if fields.get("compressed"):
        if fields["compressed"] != ["zlib"]:
            return None
        age = _inflate(age)
    return Vector(
        expect=fields["expect"][0],
        payload=fields.get("payload", [""])[0],
        age=age,
        armored=fields.get("armored") == ["yes"],
        identities=[
            *(parse_identity(text) for text in fields.get("identity", [])),
            *(Passphrase(text) for text in fields.get("passphrase", [])),
        ],
    )


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    unpacked = inflater.decompress(data, _UNPACKED_LIMIT)
    if not inflater.eof:
        raise ValueError("the compressed file is cut off or too large")
    return unpacked


def decrypt_vector(vector: Vector) -> tuple[str, bytes]:
    """Return the outcome in the suite's words, and all plaintext that was released."""
    data = vector.age
    if vector.armored:
        try:
            data = decode_armor(data)
        except Damaged:
            return "armor failure", b""
    stream = io.BytesIO(data)
    try:
        header = read_header(stream)
        file_key = _unwrap(header, vector.identities)
    except NotForMe:
        return "no match", b""
    except Damaged:
        return "header failure", b""
    try:
        header.verify(file_key)
    except Damaged:
        return "HMAC failure", b""
    try:
        chunks = decrypt(stream, file_key)
    except Damaged:
        return "header failure", b""
    outcome, released = _decrypt(chunks)
    seeking = _seeking(data, header.size, file_key)
    if seeking != (outcome, released):
        return f"{outcome}, but {seeking[0]} when seeking", released
    return outcome, released


def _unwrap(header: Header, identities: list[Identity]) -> bytes:
    for identity in identities:
        try:
            return identity.unwrap(header.stanzas)
        except NotForMe:
            continue
    raise NotForMe


def _decrypt(chunks: Iterator[bytes]) -> tuple[str, bytes]:
    released = bytearray()
    try:
        for chunk in chunks:
            released += chunk
    except Damaged:
        return "payload failure", bytes(released)
    return "success", bytes(released)


def _seeking(data: bytes, start: int, file_key: bytes) -> tuple[str, bytes]:
    """Decrypt once more through the seekable reader, last byte first."""
    reader = PayloadReader(io.BytesIO(data), file_key, start=start)
    try:
        if reader.size:
            reader.read_at(reader.size - 1, 1)
        released = reader.read_at(0, reader.size)
    except Damaged:
        return "payload failure", reader.read_at(0, reader.size)
    return ("payload failure" if reader.problem else "success"), released
