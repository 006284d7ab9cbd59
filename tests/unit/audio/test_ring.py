from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.app.media import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE_HZ, SILENCE
from softphone.audio.pace import MS
from softphone.audio.ring import EDGE, MOST, FrameRing

TEN_MS, TWENTY_MS = 10 * MS, 20 * MS
HZ, LOUD = 440, 10_000
PERIOD = 400
"""Samples after which the sine is the same again."""
SINE = (
    (np.sin(2 * np.pi * HZ * np.arange(3 * PERIOD) / SAMPLE_RATE_HZ) * LOUD)
    .astype(np.int16)
    .tobytes()
)


def frame(n: int) -> bytes:
    return bytes([n % 100 + 1]) * FRAME_BYTES


def stopped() -> float:
    return 0.0


class Clock:
    def __init__(self) -> None:
        self.ms = 0.0

    def __call__(self) -> float:
        return self.ms / 1000


class Simulated:
    """A writer whose clock is ``ppm`` millionths fast, and an exact reader; no real time passes."""

    def __init__(
        self, ppm: float, *, unit: int, block: int, minutes: float, late_ms: float = 0.0
    ) -> None:
        clock, dice = Clock(), np.random.default_rng(7)
        self.ring = FrameRing(unit, clock=clock)
        self.delays: list[int] = []
        sample, heard = 0, []
        period, due_write, due_read = block / MS / (1 + ppm * 1e-6), 0.0, 3.0
        written = read = 0
        while due_read < minutes * 60_000:
            clock.ms = min(due_write, due_read)
            if due_write <= due_read:
                self.ring.put_frame(SINE[2 * sample : 2 * (sample + block)])
                sample = (sample + block) % PERIOD
                written += 1
                due_write = written * period + dice.uniform(0, late_ms)
            else:
                heard.append(self.ring.next_frame())
                self.delays.append(self.ring.delay_samples)
                read += 1
                due_read = 3.0 + read * unit / MS + dice.uniform(0, late_ms)
        self.heard = np.frombuffer(b"".join(heard), np.int16).astype(float)[SAMPLE_RATE_HZ:]

    def worst_step(self) -> float:
        """Return how far any sample is from where the two before it, of a sine, put it."""
        x, turn = self.heard, 2 * np.cos(2 * np.pi * HZ / SAMPLE_RATE_HZ)
        return float(np.abs(x[2:] - turn * x[1:-1] + x[:-2]).max())


@pytest.mark.parametrize("ppm", [-200, 0, 200])
@pytest.mark.parametrize(("unit", "block"), [(TWENTY_MS, TEN_MS), (TEN_MS, TWENTY_MS)])
def test_a_clock_that_is_off_is_not_heard_in_ten_minutes(ppm, unit, block):
    """Capture (10 ms in, 20 ms out) and playback (20 ms in, 10 ms out)."""
    run = Simulated(ppm, unit=unit, block=block, minutes=10)
    assert (run.ring.underruns, run.ring.overruns) == (0, 0)
    # Never more than the larger block, what both sides may be late, and where it began.
    assert max(run.delays[100:]) <= 35 * MS
    # A lost or repeated millisecond would be a step of thousands; this is rounding.
    assert run.worst_step() < 20


@pytest.mark.parametrize("ppm", [-200, 200])
def test_unpunctual_threads_are_borne(ppm):
    run = Simulated(ppm, unit=TWENTY_MS, block=TEN_MS, minutes=3, late_ms=8)
    assert (run.ring.underruns, run.ring.overruns) == (0, 0)
    assert max(run.delays[100:]) <= 45 * MS
    assert run.worst_step() < 20


def test_what_ran_dry_once_keeps_more_from_then_on():
    run = Simulated(0, unit=TWENTY_MS, block=TEN_MS, minutes=2, late_ms=30)
    assert 1 <= run.ring.underruns <= 6


def test_silence_until_filled_then_in_order():
    ring = FrameRing(clock=stopped)
    ring.put_frame(frame(1))
    assert ring.next_frame() == SILENCE
    ring.put_frame(frame(2))
    late = 5 * MS  # more than is needed to begin: what waited longest is left out
    begun = (frame(1) + frame(2))[2 * late :]
    assert ring.next_frame()[EDGE * 2 :] == begun[EDGE * 2 : FRAME_BYTES]  # 2 ms fade in
    ring.put_frame(frame(3))
    assert ring.next_frame() == (begun + frame(3))[FRAME_BYTES : 2 * FRAME_BYTES]
    assert ring.underruns == 0
    ring.next_frame()
    ring.next_frame()
    assert ring.underruns == 1


def test_what_waited_for_the_reader_is_left_out_without_being_counted():
    ring = FrameRing(clock=stopped)
    for n in range(20):
        ring.put_frame(frame(n))
    ring.next_frame()
    assert ring.delay_samples <= 20 * MS
    assert ring.overruns == 0


def test_a_burst_is_given_up_and_counted_once():
    ring = FrameRing(clock=stopped)
    for n in range(2):
        ring.put_frame(frame(n))
    ring.next_frame()
    for n in range(20):
        ring.put_frame(frame(n))
    for _ in range(3):
        ring.next_frame()
    assert ring.overruns == 1
    assert ring.delay_samples < MOST


def test_where_nobody_reads_it_does_not_grow():
    ring = FrameRing(clock=stopped)
    for n in range(200):
        ring.put_frame(frame(n))
    assert ring.delay_samples <= SAMPLE_RATE_HZ + FRAME_SAMPLES


def test_forgetting_is_silent_until_it_has_filled_again():
    ring = FrameRing(clock=stopped)
    for n in range(3):
        ring.put_frame(frame(n))
    ring.next_frame()
    ring.clear()
    assert ring.next_frame() == SILENCE
    assert (ring.delay_samples, ring.underruns) == (0, 0)


@given(st.lists(st.integers(1, 600), min_size=1, max_size=3), st.integers(1, 300))
def test_any_block_size_gives_the_same_samples(written, asked):
    """What was put in comes out in order; a block may be stretched by a sample."""
    ring = FrameRing(TEN_MS, margin=0, clock=stopped)
    data = np.arange(1, 2000, dtype=np.int16)
    place, heard = 0, b""
    for size in written:
        ring.put_frame(data[place : place + size].tobytes())
        place += size
    for _ in range(min(place // asked, 20)):
        heard += ring.get_bytes(2 * asked)
    begun = np.frombuffer(heard, np.int16)
    whole = begun[EDGE:][begun[EDGE:] > 0] if ring.underruns == 0 else begun[:0]
    assert set(np.diff(whole)) <= {0, 1, 2}
