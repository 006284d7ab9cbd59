from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.domain.errors import Damaged
from softphone.domain.ids import RecordingId
from softphone.vault.tail import TailSealer, open_tail, pack_tail

KEY = b"0123456789abcdef"
ONE = RecordingId("11111111-2222-4333-8444-555555555555")


def packed(rows: list[bytes], chunk: int = 7) -> bytes:
    sealer = TailSealer(KEY, ONE)
    return pack_tail(ONE, chunk, [sealer.seal(chunk, i, row) for i, row in enumerate(rows)])


@given(st.lists(st.binary(max_size=50), max_size=6))
@settings(deadline=None)
def test_rows_come_back_in_order(rows: list[bytes]):
    assert open_tail(KEY, packed(rows)) == (7, b"".join(rows))


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=3), st.data())
@settings(deadline=None)
def test_any_change_is_noticed(rows: list[bytes], data: st.DataObject):
    tail = bytearray(packed(rows))
    position = data.draw(st.integers(0, len(tail) - 1))
    tail[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Damaged):
        open_tail(KEY, bytes(tail))


@given(st.binary(min_size=1, max_size=120))
@settings(deadline=None)
def test_any_bytes_are_refused(data: bytes):
    with pytest.raises(Damaged):
        open_tail(KEY, b"softphone tail 1\n" + data)
    with pytest.raises(Damaged):
        open_tail(KEY, data)


def test_a_row_belongs_to_its_recording_chunk_and_place():
    sealer = TailSealer(KEY, ONE)
    row = sealer.seal(3, 1, b"x")
    assert sealer.open(3, 1, row) == b"x"
    for other, chunk, position in (
        (sealer, 3, 2),
        (sealer, 4, 1),
        (TailSealer(KEY, RecordingId("other")), 3, 1),
        (TailSealer(bytes(16), ONE), 3, 1),
    ):
        with pytest.raises(Damaged):
            other.open(chunk, position, row)
    with pytest.raises(Damaged):
        sealer.open(3, 1, row[:10])


def test_the_same_bytes_never_seal_alike():
    sealer = TailSealer(KEY, ONE)
    assert sealer.seal(0, 0, b"silence") != sealer.seal(0, 0, b"silence")
