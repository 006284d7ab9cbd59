"""The payload of an age v1 file: ChaCha20-Poly1305 STREAM in chunks of 64 KiB (C2SP age.md)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from softphone.domain.errors import Damaged, StorageFailed, Truncated
from softphone.vault.crypto import derived, wipe
from softphone.vault.tail import open_tail

CHUNK = 64 * 1024
"""Plaintext bytes of a full chunk."""
OVERHEAD = 16
SEALED_CHUNK = CHUNK + OVERHEAD
NONCE_SIZE = 16

_NOTHING = (-1, 0)
ENDS_EARLY = "The recording ends early: its end is missing."
ALTERED = "The recording was altered; only what comes before is shown."


Buffer = bytes | bytearray | memoryview


class PayloadSource(Protocol):
    """A file that can be read anywhere; ``io.BufferedReader`` and ``io.BytesIO`` are such."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to a position and return it."""
        ...

    def read(self, size: int = -1, /) -> bytes:
        """Return bytes, fewer only at the end."""
        ...

    def readinto(self, buffer: memoryview, /) -> int:
        """Read into memory and return how many bytes, fewer only at the end."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class Sink(Protocol):
    """Where sealed bytes go."""

    def write(self, data: bytes | memoryview, /) -> object:
        """Append bytes before returning: the memory behind a view is used again."""
        ...


class ChunkCipher:
    """Seals and opens single chunks of one payload. A nonce is the chunk's number and finality."""

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        key = derived(file_key, b"payload", salt=nonce)
        self._aead = ChaCha20Poly1305(key)
        wipe(key)

    def seal(self, number: int, plaintext: Buffer, *, final: bool) -> bytes:
        """Return a sealed chunk. The caller never seals two plaintexts for one number."""
        return self._aead.encrypt(_chunk_nonce(number, final=final), plaintext, None)

    def seal_into(self, number: int, plaintext: Buffer, out: memoryview, *, final: bool) -> None:
        """Seal into memory of the right size, 16 bytes more than the plaintext."""
        self._aead.encrypt_into(_chunk_nonce(number, final=final), plaintext, None, out)

    def open(self, number: int, sealed: bytes, *, final: bool) -> bytes | None:
        """Return the plaintext of a chunk, or None when it is not authentic."""
        try:
            return self._aead.decrypt(_chunk_nonce(number, final=final), sealed, None)
        except InvalidTag:
            return None

    def open_into(self, number: int, sealed: memoryview, out: memoryview, *, final: bool) -> bool:
        """Open a chunk into memory 16 bytes shorter; without success that holds nothing of use."""
        try:
            self._aead.decrypt_into(_chunk_nonce(number, final=final), sealed, None, out)
        except InvalidTag:
            return False
        return True


def _chunk_nonce(number: int, *, final: bool) -> bytes:
    return (number << 8 | final).to_bytes(12, "big")


class PayloadWriter:
    """Seals a stream into a sink. Used once; :meth:`finish` writes the final chunk."""

    def __init__(self, sink: Sink, file_key: bytes) -> None:
        nonce = secrets.token_bytes(NONCE_SIZE)
        self._sink = sink
        self._cipher = ChunkCipher(file_key, nonce)
        self._number = 0
        self._out = memoryview(bytearray(SEALED_CHUNK))
        self._partial = bytearray()
        self._full: Buffer = b""
        """A full chunk that waits until more follows: it may turn out to be the final one."""
        self._finished = False
        sink.write(nonce)

    def write(self, data: bytes) -> None:
        """Append plaintext. Whole chunks of it are sealed without being copied."""
        if self._finished:
            raise ValueError("the payload is finished")
        if not data:
            return
        self._emit_full()
        view = memoryview(bytes(data))
        if self._partial:
            missing = CHUNK - len(self._partial)
            self._partial += view[:missing]
            view = view[missing:]
            if len(self._partial) < CHUNK:
                return
            self._full, self._partial = self._partial, bytearray()
        if not view:
            return
        self._emit_full()
        last = (len(view) - 1) // CHUNK * CHUNK
        for start in range(0, last, CHUNK):
            self._emit(view[start : start + CHUNK], final=False)
        rest = view[last:]
        if len(rest) == CHUNK:
            self._full = rest
        else:
            self._partial += rest

    def finish(self) -> None:
        """Seal what is left as the final chunk; the sink stays open."""
        if self._finished:
            raise ValueError("the payload is finished")
        self._finished = True
        self._emit(self._full or self._partial, final=True)
        self._full = b""
        self._partial.clear()

    def _emit_full(self) -> None:
        if self._full:
            self._emit(self._full, final=False)
            self._full = b""

    def _emit(self, plaintext: Buffer, *, final: bool) -> None:
        out = self._out if len(plaintext) == CHUNK else self._out[: len(plaintext) + OVERHEAD]
        self._cipher.seal_into(self._number, plaintext, out, final=final)
        self._sink.write(out)
        self._number += 1


def decrypt(stream: BinaryIO, file_key: bytes) -> Iterator[bytes]:
    """Return an iterator over the plaintext of the payload at which ``stream`` stands.

    Only authentic chunks are yielded. The call itself raises Truncated when the nonce is missing;
    iteration raises Truncated (with the bytes that were authentic) when the final chunk does not
    come, and Damaged when a chunk was altered or something follows the final one.
    """
    nonce = stream.read(NONCE_SIZE)
    if len(nonce) != NONCE_SIZE:
        raise _truncated(0)
    return _chunks(stream, ChunkCipher(file_key, nonce))


def _chunks(stream: BinaryIO, cipher: ChunkCipher) -> Iterator[bytes]:
    number = 0
    done = 0
    while sealed := stream.read(SEALED_CHUNK):
        plaintext, final = _open_next(cipher, number, sealed)
        done += len(plaintext)
        yield plaintext
        if final:
            if stream.read(1):
                raise _altered(done)
            return
        number += 1
    raise _truncated(done)


def _open_next(cipher: ChunkCipher, number: int, sealed: bytes) -> tuple[bytes, bool]:
    """Open a chunk of unknown finality: a full one may be either, a short one only final."""
    before = number * CHUNK
    if len(sealed) <= OVERHEAD and (number or len(sealed) < OVERHEAD):
        raise _truncated(before)
    if len(sealed) == SEALED_CHUNK:
        plaintext = cipher.open(number, sealed, final=False)
        if plaintext is not None:
            return plaintext, False
    plaintext = cipher.open(number, sealed, final=True)
    if plaintext is None:
        raise _altered(before)
    return plaintext, True


class PayloadReader:
    """Plaintext of one payload, decrypted on demand into memory; a ``RecordingReader``.

    The size is trusted only after the last chunk proved to be the final one. Where it does not,
    the payload is scanned once: ``size`` is then what is authentic, and ``problem`` says why.

    A recording cut off by a crash (``cut_off``) has whole chunks, none of them final, and then a
    tail: after how many chunks it begins, and its plaintext. Whatever lies in the file beyond was
    never confirmed and is ignored. ``problem`` stays empty while all of that is authentic.
    """

    def __init__(
        self,
        file: PayloadSource,
        file_key: bytes,
        *,
        start: int = 0,
        cut_off: bool = False,
        tail: tuple[int, bytes] | None = None,
    ) -> None:
        self._file: PayloadSource | None = file
        self._payload = start + NONCE_SIZE
        self._tail_chunk = tail[0] if tail else None
        self._tail = tail[1] if tail else b""
        self._complete = not cut_off
        self._problem = ""
        # Two buffers for the life of the reader: fresh ones a chunk cost more than the cipher.
        self._sealed = memoryview(bytearray(SEALED_CHUNK))
        self._plain = memoryview(bytearray(CHUNK))
        self._cached = _NOTHING
        self._end = file.seek(0, 2)
        file.seek(start)
        nonce = file.read(NONCE_SIZE)
        self._cipher: ChunkCipher | None = ChunkCipher(file_key, nonce)
        body = self._end - self._payload
        self._chunks = body // SEALED_CHUNK if cut_off else -(-body // SEALED_CHUNK)
        self._in_chunks = self._measure(body) if body >= 0 else self._fault(ENDS_EARLY, 0)

    @property
    def size(self) -> int:
        """Authentic plaintext bytes."""
        return self._in_chunks + len(self._tail)

    @property
    def problem(self) -> str:
        """Empty, or a sentence why the payload ends early or was altered."""
        return self._problem

    def read_at(self, position: int, length: int) -> bytes:
        """Return plaintext bytes, fewer at the end.

        Raises Truncated past the last authentic byte of a payload with a problem, Damaged when a
        chunk was altered (``problem`` says so from then on).
        """
        if position < 0 or length < 0:
            raise ValueError("position and length are not negative")
        if self._problem and position >= self.size and length:
            raise Truncated(self._problem, authentic=self.size)
        parts: list[bytes] = []
        wanted = min(length, max(self.size - position, 0))
        while wanted > 0:
            part = self._piece(position, wanted)
            parts.append(part)
            position += len(part)
            wanted -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        """Forget the key, overwrite the plaintext, close the file."""
        self._cipher = None
        self._cached = _NOTHING
        self._plain[:] = bytes(CHUNK)
        self._tail = b""
        self._in_chunks = 0
        if self._file is not None:
            self._file.close()
            self._file = None

    def _piece(self, position: int, length: int) -> bytes:
        if position >= self._in_chunks:
            offset = position - self._in_chunks
            return self._tail[offset : offset + length]
        number, offset = divmod(position, CHUNK)
        plaintext = self._chunk(number)
        if plaintext is None:
            self._in_chunks = self._scan()
            raise Truncated(self._problem, authentic=self._in_chunks)
        return bytes(plaintext[offset : offset + length])

    def _measure(self, body: int) -> int:
        """Return the plaintext bytes in chunks, once the last chunk has proved what it is."""
        if not self._complete:
            if self._tail_chunk is not None:
                if self._tail_chunk > self._chunks:
                    return self._scan()
                self._chunks = self._tail_chunk
            if self._chunks and self._chunk(self._chunks - 1) is None:
                return self._scan()
            return self._chunks * CHUNK
        last = body - (self._chunks - 1) * SEALED_CHUNK
        empty = last == OVERHEAD
        if not self._chunks or last < OVERHEAD or (empty and self._chunks > 1):
            return self._scan()
        plaintext = self._chunk(self._chunks - 1)
        if plaintext is None:
            return self._scan()
        return (self._chunks - 1) * CHUNK + len(plaintext)

    def _scan(self) -> int:
        """Return how many bytes are authentic from the beginning, and note the problem."""
        self._tail = b""
        self._cached = _NOTHING
        done = 0
        for number in range(self._chunks):
            # Only a full chunk may be followed by another.
            whole = self._payload + (number + 1) * SEALED_CHUNK <= self._end
            plaintext = self._chunk(number, final=False) if whole else None
            if plaintext is None:
                return self._end_scan(number, done)
            done += len(plaintext)
        self._complete = False
        return self._fault(ENDS_EARLY, done)

    def _end_scan(self, number: int, done: int) -> int:
        """Note what stopped the scan: a final chunk before the end, a torn or an altered one."""
        on_disk = self._chunks
        final = self._chunk(number, final=True) if self._complete else None
        if final is not None:
            self._chunks = number + 1
            return self._fault(ALTERED, done + len(final))
        self._complete = False
        self._chunks = number
        torn = number == on_disk - 1 and (self._end - self._payload) % SEALED_CHUNK
        return self._fault(ENDS_EARLY if torn else ALTERED, done)

    def _fault(self, problem: str, authentic: int) -> int:
        self._problem = problem
        return authentic

    def _chunk(self, number: int, *, final: bool | None = None) -> memoryview | None:
        """Return the plaintext of a chunk, good until the next call; None when not authentic."""
        if self._cached[0] == number:
            return self._plain[: self._cached[1]]
        if self._file is None or self._cipher is None:
            raise ValueError("the reader is closed")
        if final is None:
            final = self._complete and number == self._chunks - 1
        try:
            self._file.seek(self._payload + number * SEALED_CHUNK)
            size = self._file.readinto(self._sealed)
        except OSError as error:
            raise StorageFailed(
                "The recording cannot be read.", "The disk reports an error.", "Try again."
            ) from error
        if size < OVERHEAD:
            return None
        self._cached = _NOTHING
        plain = self._plain[: size - OVERHEAD]
        if not self._cipher.open_into(number, self._sealed[:size], plain, final=final):
            return None
        self._cached = (number, len(plain))
        return plain


def open_payload(
    path: Path, file_key: bytes, *, tail: bytes = b"", complete: bool = True
) -> PayloadReader:
    """Open a payload file kept apart from its header.

    ``tail`` is the sealed tail of a recording cut off by a crash (``SealedRecording.tail``), used
    when ``complete`` is False. Raises Damaged when the tail is not authentic, StorageFailed when
    the file cannot be opened.
    """
    opened = open_tail(file_key, tail) if tail and not complete else None
    try:
        file = path.open("rb")
    except OSError as error:
        raise StorageFailed(
            "The recording cannot be opened.", "Its file is missing or cannot be read."
        ) from error
    try:
        return PayloadReader(file, file_key, cut_off=not complete, tail=opened)
    except BaseException:
        file.close()
        raise


def _truncated(authentic: int) -> Truncated:
    return Truncated(
        "This file ends early.", "Its end is missing.", "Use a whole copy.", authentic=authentic
    )


def _altered(authentic: int) -> Damaged:
    return Damaged("This file was altered.", f"Only its first {authentic} bytes are authentic.")
