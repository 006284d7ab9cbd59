from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from softphone.app.media import FRAME_BYTES, SILENCE
from softphone.audio.ring import FrameRing


def frame(n: int) -> bytes:
    return bytes([n % 255 + 1]) * FRAME_BYTES


def test_silence_until_filled_then_in_order():
    ring = FrameRing(prefill=2)
    ring.put_frame(frame(1))
    assert ring.next_frame() == SILENCE
    ring.put_frame(frame(2))
    assert [ring.next_frame(), ring.next_frame()] == [frame(1), frame(2)]
    assert ring.next_frame() == SILENCE
    assert ring.underruns == 1


def test_a_fast_writer_loses_the_oldest_and_it_is_counted():
    ring = FrameRing(most_frames=3, prefill=1)
    for n in range(5):
        ring.put_frame(frame(n))
    assert ring.overruns == 2
    assert ring.next_frame() == frame(2)


@given(st.lists(st.integers(1, 2000), max_size=30))
def test_any_block_size_gives_the_same_bytes(sizes):
    ring = FrameRing(most_frames=10_000, prefill=1)
    data = bytes(i % 251 for i in range(sum(sizes)))
    place = 0
    for size in sizes:
        ring.put_bytes(data[place : place + size])
        place += size
    frames = []
    while (f := ring.next_frame()) != SILENCE or ring._frames:
        frames.append(f)
    assert b"".join(frames) == data[: len(data) - len(data) % FRAME_BYTES]
