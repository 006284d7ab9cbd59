"""The sealed tail of a recording under way: what is not yet a whole chunk of its payload.

Each row is sealed on its own under a key derived from the file key, with a fresh random nonce, so
that even the last second of a recording is write-only for whoever records. Associated data binds
a row to its recording, to the chunk it belongs to, and to its place.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from softphone.domain.errors import Damaged
from softphone.domain.ids import RecordingId
from softphone.vault.crypto import derived, wipe

_MAGIC = b"softphone tail 1\n"
_HEAD = struct.Struct(">HQI")
_LENGTH = struct.Struct(">I")
_NONCE = 12
_OVERHEAD = 16


class TailSealer:
    """Seals and opens the tail rows of one recording."""

    def __init__(self, file_key: bytes, recording: RecordingId) -> None:
        key = derived(file_key, b"softphone tail")
        self._aead = ChaCha20Poly1305(key)
        wipe(key)
        self._recording = recording.encode("utf-8")

    def seal(self, chunk: int, position: int, plaintext: bytes) -> bytes:
        """Return nonce and sealed bytes of row ``position`` of the tail after ``chunk`` chunks."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._aead.encrypt(nonce, plaintext, self._binding(chunk, position))

    def open(self, chunk: int, position: int, sealed: bytes) -> bytes:
        """Return the plaintext of a row. Raises Damaged."""
        if len(sealed) < _NONCE + _OVERHEAD:
            raise _damaged()
        binding = self._binding(chunk, position)
        try:
            return self._aead.decrypt(sealed[:_NONCE], sealed[_NONCE:], binding)
        except InvalidTag as error:
            raise _damaged() from error

    def _binding(self, chunk: int, position: int) -> bytes:
        return struct.pack(">QI", chunk, position) + self._recording


def pack_tail(recording: RecordingId, chunk: int, rows: Sequence[bytes]) -> bytes:
    """Return sealed rows as one value (``SealedRecording.tail``); ``chunk`` chunks come before."""
    name = recording.encode("utf-8")
    packed = [_MAGIC, _HEAD.pack(len(name), chunk, len(rows)), name]
    for row in rows:
        packed += (_LENGTH.pack(len(row)), row)
    return b"".join(packed)


def open_tail(file_key: bytes, packed: bytes) -> tuple[int, bytes]:
    """Return after how many chunks a packed tail begins, and its plaintext. Raises Damaged."""
    try:
        if not packed.startswith(_MAGIC):
            raise _damaged()
        length, chunk, rows = _HEAD.unpack_from(packed, len(_MAGIC))
        at = len(_MAGIC) + _HEAD.size
        name = packed[at : at + length].decode("utf-8")
        at += length
        sealer = TailSealer(file_key, RecordingId(name))
        opened: list[bytes] = []
        for position in range(rows):
            (length,) = _LENGTH.unpack_from(packed, at)
            at += _LENGTH.size
            opened.append(sealer.open(chunk, position, packed[at : at + length]))
            at += length
    except (struct.error, UnicodeDecodeError) as error:
        raise _damaged() from error
    if at != len(packed):
        raise _damaged()
    return chunk, b"".join(opened)


def _damaged() -> Damaged:
    return Damaged("The end of a recording cannot be opened.", "It was altered or is incomplete.")
