"""Closing a recording that a crash cut off: the final chunk, which nobody could seal before.

The final chunk is a function of what is durable: file key, nonce, number and the sealed tail. A
crash between writing it and committing the row makes the same bytes be written again; there are
never two different chunks under one nonce.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from softphone.domain.errors import Damaged
from softphone.domain.recording import Gap, GapReason
from softphone.vault.payload_file import DiskFiles, PayloadFiles, storage_failed
from softphone.vault.stream import CHUNK, NONCE_SIZE, SEALED_CHUNK, ChunkCipher
from softphone.vault.tail import open_tail

_BLOCK = 1 << 20


def close_payload(
    path: Path, file_key: bytes, size: int, tail: bytes, *, files: PayloadFiles | None = None
) -> tuple[str, int]:
    """Write the final chunk after the first ``size`` bytes; return SHA-256 (hex) and length.

    The caller has compared those bytes with the manifest. Raises Damaged when the tail does not
    belong there, StorageFailed; it may then be called again.
    """
    files = files or DiskFiles()
    number, plaintext = open_tail(file_key, tail)
    empty = number > 0 and not plaintext
    if size != NONCE_SIZE + number * SEALED_CHUNK or len(plaintext) > CHUNK or empty:
        raise Damaged("The recording was not closed.", "Its end does not fit to its file.")
    try:
        cipher = ChunkCipher(file_key, files.read(path, 0, NONCE_SIZE))
        final = cipher.seal(number, plaintext, final=True)
        file = files.open(path)
        try:
            # What lies behind was never confirmed; it may be this very chunk, whole or torn.
            file.truncate(size + len(final))
            file.write_at(size, final)
            file.sync()
        finally:
            file.close()
        return _hash(files, path), size + len(final)
    except OSError as error:
        raise storage_failed(error) from error


def crash_gap(gaps: tuple[Gap, ...], measured_ms: int, estimated_ms: int) -> tuple[Gap, ...]:
    """Return the gaps with one that says where the crash was; its length is an estimate."""
    if any(gap.reason is GapReason.CRASH for gap in gaps):
        return gaps
    lost_ms = max(0, estimated_ms - measured_ms)
    return (*gaps, Gap(measured_ms, lost_ms, GapReason.CRASH))


def _hash(files: PayloadFiles, path: Path) -> str:
    digest = hashlib.sha256()
    position = 0
    while part := files.read(path, position, _BLOCK):
        digest.update(part)
        position += len(part)
    return digest.hexdigest()
