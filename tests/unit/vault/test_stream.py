from __future__ import annotations

import io
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.domain.errors import Damaged, StorageFailed, Truncated
from softphone.domain.ids import RecordingId
from softphone.vault.stream import (
    ALTERED,
    CHUNK,
    ENDS_EARLY,
    NONCE_SIZE,
    SEALED_CHUNK,
    ChunkCipher,
    PayloadReader,
    PayloadWriter,
    decrypt,
    open_payload,
)
from softphone.vault.tail import TailSealer, pack_tail

KEY = b"0123456789abcdef"
BORDERS = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 3 * CHUNK + 5]
sizes = st.sampled_from(BORDERS) | st.integers(min_value=0, max_value=4 * CHUNK)


def sealed(plaintext: bytes, seed: int = 0) -> bytes:
    """Seal in pieces of random size."""
    sink = io.BytesIO()
    writer = PayloadWriter(sink, KEY)
    pieces = random.Random(seed)
    position = 0
    while position < len(plaintext):
        size = pieces.randint(1, 2 * CHUNK)
        writer.write(plaintext[position : position + size])
        position += size
    writer.finish()
    return sink.getvalue()


def release(payload: bytes) -> bytes:
    """Return what is released of a payload that must not open to its end."""
    released = bytearray()
    try:
        for chunk in decrypt(io.BytesIO(payload), KEY):
            released += chunk
    except Damaged:
        return bytes(released)
    pytest.fail("a wrong payload opened to its end")


@given(sizes, st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_what_is_sealed_opens(size: int, seed: int):
    plaintext = os.urandom(size)
    payload = sealed(plaintext, seed)
    chunks = max(1, -(-size // CHUNK))
    assert len(payload) == NONCE_SIZE + size + 16 * chunks
    assert b"".join(decrypt(io.BytesIO(payload), KEY)) == plaintext
    reader = PayloadReader(io.BytesIO(b"head" + payload), KEY, start=4)
    assert (reader.size, reader.problem) == (size, "")
    assert reader.read_at(0, size + 100) == plaintext
    assert reader.read_at(size, 10) == b""


@given(sizes, st.lists(st.tuples(st.integers(0, 4 * CHUNK), st.integers(0, CHUNK)), max_size=8))
@settings(max_examples=30, deadline=None)
def test_reading_anywhere(size: int, reads: list[tuple[int, int]]):
    plaintext = os.urandom(size)
    reader = PayloadReader(io.BytesIO(sealed(plaintext)), KEY)
    for position, length in reads:
        assert reader.read_at(position, length) == plaintext[position : position + length]


@given(sizes, st.data())
@settings(max_examples=60, deadline=None)
def test_a_shorter_payload_opens_to_a_true_beginning(size: int, data: st.DataObject):
    plaintext = os.urandom(size)
    payload = sealed(plaintext)
    cut = data.draw(st.integers(min_value=0, max_value=len(payload) - 1))
    released = release(payload[:cut])
    assert plaintext.startswith(released)
    reader = PayloadReader(io.BytesIO(payload[:cut]), KEY)
    assert reader.problem
    assert reader.size == len(released)
    assert reader.read_at(0, reader.size) == released
    with pytest.raises(Truncated) as caught:
        reader.read_at(reader.size, 1)
    assert caught.value.authentic == reader.size


@given(sizes, st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_payload_never_opens_to_anything_else(size: int, data: st.DataObject):
    plaintext = os.urandom(size)
    payload = bytearray(sealed(plaintext))
    position = data.draw(st.integers(min_value=0, max_value=len(payload) - 1))
    payload[position] ^= 1 << data.draw(st.integers(0, 7))
    released = release(bytes(payload))
    assert plaintext.startswith(released)
    reader = PayloadReader(io.BytesIO(bytes(payload)), KEY)
    if not reader.problem:
        with pytest.raises(Damaged):
            reader.read_at(0, size + 1)
    with pytest.raises(Truncated):
        reader.read_at(reader.size, 1)
    assert reader.problem
    assert reader.size == len(released)


def test_chunks_swapped_or_doubled_are_noticed():
    payload = sealed(os.urandom(3 * CHUNK + 1))
    head, body = payload[:NONCE_SIZE], payload[NONCE_SIZE:]
    chunks = [body[i : i + SEALED_CHUNK] for i in range(0, len(body), SEALED_CHUNK)]
    for order in ([1, 0, 2, 3], [0, 0, 1, 2, 3], [0, 2, 3], [0, 1, 2, 3, 3]):
        changed = head + b"".join(chunks[i] for i in order)
        with pytest.raises(Damaged):
            list(decrypt(io.BytesIO(changed), KEY))


def test_the_last_chunk_is_verified_before_the_size_is_believed():
    payload = bytearray(sealed(os.urandom(2 * CHUNK + 9)))
    payload[-1] ^= 1
    reader = PayloadReader(io.BytesIO(bytes(payload)), KEY)
    assert reader.size == 2 * CHUNK
    assert reader.problem == ENDS_EARLY


def test_a_middle_chunk_altered_is_found_when_it_is_read():
    plaintext = os.urandom(3 * CHUNK + 9)
    payload = bytearray(sealed(plaintext))
    payload[NONCE_SIZE + SEALED_CHUNK + 5] ^= 1
    reader = PayloadReader(io.BytesIO(bytes(payload)), KEY)
    assert reader.problem == ""
    with pytest.raises(Truncated):
        reader.read_at(CHUNK + 1, 1)
    assert reader.problem == ALTERED
    assert reader.read_at(0, reader.size) == plaintext[:CHUNK]


def test_a_writer_is_used_once():
    writer = PayloadWriter(io.BytesIO(), KEY)
    writer.finish()
    with pytest.raises(ValueError, match="finished"):
        writer.write(b"more")
    with pytest.raises(ValueError, match="finished"):
        writer.finish()


def test_a_closed_reader_knows_nothing():
    reader = PayloadReader(io.BytesIO(sealed(b"secret")), KEY)
    assert reader.read_at(0, 6) == b"secret"
    assert b"secret" in reader._plain.tobytes()
    reader.close()
    assert not any(reader._plain)
    reader.close()
    assert reader.size == 0
    assert reader.read_at(0, 6) == b""


def test_negative_positions_are_refused():
    reader = PayloadReader(io.BytesIO(sealed(b"x")), KEY)
    with pytest.raises(ValueError, match="negative"):
        reader.read_at(-1, 1)


def cut_off(chunks: int, tail: bytes) -> tuple[bytes, bytes, bytes]:
    """Return payload, sealed tail and plaintext of a recording that was never finished."""
    nonce = os.urandom(NONCE_SIZE)
    plaintext = os.urandom(chunks * CHUNK) + tail
    cipher = ChunkCipher(KEY, nonce)
    payload = nonce + b"".join(
        cipher.seal(i, plaintext[i * CHUNK : (i + 1) * CHUNK], final=False) for i in range(chunks)
    )
    recording = RecordingId("a-recording")
    sealer = TailSealer(KEY, recording)
    half = len(tail) // 2
    rows = [sealer.seal(chunks, 0, tail[:half]), sealer.seal(chunks, 1, tail[half:])]
    return payload, pack_tail(recording, chunks, rows), plaintext


def test_what_was_never_confirmed_is_ignored_and_what_is_missing_noticed(tmp_path: Path):
    payload, tail, plaintext = cut_off(2, b"the last second")
    path = tmp_path / "cut.pay"
    path.write_bytes(payload + os.urandom(SEALED_CHUNK + 7))
    reader = open_payload(path, KEY, tail=tail, complete=False)
    assert reader.problem == ""
    assert reader.read_at(0, reader.size) == plaintext
    reader.close()
    path.write_bytes(payload[:-1])
    reader = open_payload(path, KEY, tail=tail, complete=False)
    assert reader.problem == ENDS_EARLY
    assert reader.read_at(0, reader.size) == plaintext[:CHUNK]
    reader.close()


@pytest.mark.parametrize("chunks", [0, 1, 3])
def test_a_cut_off_recording_is_one_plaintext(tmp_path: Path, chunks: int):
    payload, tail, plaintext = cut_off(chunks, b"the last second")
    path = tmp_path / "cut.pay"
    path.write_bytes(payload)
    reader = open_payload(path, KEY, tail=tail, complete=False)
    assert (reader.size, reader.problem) == (len(plaintext), "")
    assert reader.read_at(0, reader.size) == plaintext
    across = max(0, reader.size - 20)
    assert reader.read_at(across, 12) == plaintext[across : across + 12]
    reader.close()


def test_a_cut_off_recording_that_was_altered(tmp_path: Path):
    payload, tail, plaintext = cut_off(2, b"the last second")
    path = tmp_path / "cut.pay"
    path.write_bytes(payload[:-1] + bytes([payload[-1] ^ 1]))
    reader = open_payload(path, KEY, tail=tail, complete=False)
    assert (reader.size, reader.problem) == (CHUNK, ALTERED)
    assert reader.read_at(0, reader.size) == plaintext[:CHUNK]
    reader.close()
    with pytest.raises(Damaged):
        open_payload(path, KEY, tail=tail[:-1], complete=False)


def test_a_missing_file_says_so(tmp_path: Path):
    with pytest.raises(StorageFailed):
        open_payload(tmp_path / "none.pay", KEY)


class Failing(io.BytesIO):
    """A disk that fails once ``broken`` is set."""

    broken = False

    def readinto(self, buffer: memoryview, /) -> int:
        if self.broken:
            raise OSError(5, "as the test wants it")
        return super().readinto(buffer)


def test_a_disk_that_fails_while_reading_says_so():
    file = Failing(sealed(os.urandom(3 * CHUNK)))
    reader = PayloadReader(file, KEY)
    file.broken = True
    with pytest.raises(StorageFailed):
        reader.read_at(0, 1)
    file.broken = False
    assert len(reader.read_at(0, 10)) == 10


def test_a_file_that_shrinks_while_it_is_open():
    file = io.BytesIO(sealed(os.urandom(3 * CHUNK)))
    reader = PayloadReader(file, KEY)
    file.truncate(NONCE_SIZE + SEALED_CHUNK)
    with pytest.raises(Truncated):
        reader.read_at(CHUNK, 1)
    assert reader.size == CHUNK


def test_sinks_may_keep_nothing_but_get_everything():
    kept: list[bytes] = []

    class Sink:
        def write(self, data: bytes | memoryview) -> None:
            kept.append(bytes(data))

    plaintext = bytearray(os.urandom(2 * CHUNK + 5))
    writer = PayloadWriter(Sink(), KEY)
    writer.write(plaintext)  # type: ignore[arg-type]  # a caller's buffer is not held on to
    wanted = bytes(plaintext)
    plaintext.clear()
    writer.finish()
    assert b"".join(decrypt(io.BytesIO(b"".join(kept)), KEY)) == wanted
