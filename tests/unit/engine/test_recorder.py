"""Both sides of a recording stay in step: an hour of ticks, pauses, and taps that come and go."""

from __future__ import annotations

import random
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from softphone.app.media import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE_HZ, SILENCE
from softphone.domain.call import Direction
from softphone.domain.ids import CallId, RecordingId, UserId
from softphone.domain.recording import Gap, GapReason, RecordingOrder, SealedRecording
from softphone.engine.recorder import Recorder, Side, Take

HOUR = 3600 * 1000 // FRAME_MS
ORDER = RecordingOrder(
    RecordingId("r"), CallId("c"), UserId("u"), "north", Direction.INCOMING, "+4930",
    datetime(2026, 11, 26, tzinfo=UTC), "flac", SAMPLE_RATE_HZ, (),
)  # fmt: skip


class Tape:
    """Encoder, writer and journal in one: keeps which ticks were written beside each other."""

    def __init__(self) -> None:
        self.left: list[np.ndarray] = []
        self.right: list[np.ndarray] = []
        self.gaps: list[Gap] = []
        self.audio_ms = 0

    def encode(self, left: bytes, right: bytes) -> bytes:
        assert len(left) == len(right)
        self.left.append(ticks_of(left))
        self.right.append(ticks_of(right))
        return b""

    def write(self, data: bytes) -> None:
        assert data == b""

    def flush(self) -> None:
        pass

    def add_gap(self, gap: Gap) -> None:
        self.gaps.append(gap)

    def finish(self, audio_ms: int | None = None) -> bytes:
        self.audio_ms = self.audio_ms if audio_ms is None else audio_ms
        return b""

    def close(self) -> None:
        pass

    def begin(self, order: RecordingOrder) -> Tape:
        return self

    def sealed(self) -> Sequence[SealedRecording]:
        return ()

    def forget(self, recording: RecordingId) -> None:
        pass

    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        return np.concatenate(self.left), np.concatenate(self.right)


def frame(tick: int) -> bytes:
    """A frame that says its tick, never silent."""
    return int(tick + 1).to_bytes(4, "little") + bytes(FRAME_BYTES - 4)


def ticks_of(pcm: bytes) -> np.ndarray:
    """The ticks of frames; -1 where there was no audio."""
    return np.frombuffer(pcm, "<i4").reshape(-1, FRAME_SAMPLES // 2)[:, 0].astype(int) - 1


class Port:
    """Where the frames of one side wait until they are drawn."""

    def __init__(self) -> None:
        self.kept: deque[bytes] = deque()
        self.put_frame = self.kept.append

    def drain(self) -> bytes:
        found = []
        for _ in range(len(self.kept)):
            found.append(self.kept.popleft())
        return b"".join(found)


class Rig:
    """Frames are put by each tick, or wait until they are drawn."""

    def __init__(self, *, drawn: bool) -> None:
        self.tape = Tape()
        self.recorder = Recorder(lambda codec: self.tape, lambda key: self.tape, lambda e: None)
        self.recorder.open_journal(b"")
        self.take = self.recorder.start(ORDER)
        self.tick = 0
        self.sides: list[Side | Port] = [self.take.agent, self.take.customer]
        if drawn:
            for place, side in enumerate((self.take.agent, self.take.customer)):
                self.sides[place] = port = Port()
                side.draw_from(port.drain)

    def reached(self) -> None:
        """Wait until the recorder's thread has done what was asked before."""
        done = threading.Event()
        self.recorder.list_sealed(lambda found, problem: done.set())
        assert done.wait(10)

    def agent(self) -> None:
        self.sides[0].put_frame(frame(self.tick))

    def customer(self) -> None:
        self.sides[1].put_frame(frame(self.tick))
        self.tick += 1

    def run(self, ticks: int) -> range:
        begin = self.tick
        for _ in range(ticks):
            self.agent()
            self.customer()
        return range(begin, self.tick)

    def finish(self) -> tuple[np.ndarray, np.ndarray]:
        self.recorder.finish(self.take)
        self.reached()
        self.recorder.stop()
        return self.tape.sides()


@pytest.fixture(params=["put", "drawn"])
def rig(request: pytest.FixtureRequest):
    made = Rig(drawn=request.param == "drawn")
    yield made
    made.recorder.stop()


def test_an_hour_with_pauses_and_frames_without_audio_stays_in_step(rig: Rig):
    chance, kept = random.Random(4), []
    while rig.tick < HOUR:
        kept += rig.run(chance.randrange(1, 9000))
        for _ in range(chance.randrange(40)):  # no audio on one side, as the tap writes it
            rig.sides[0].put_frame(SILENCE)
            rig.customer()
            kept.append(-1)
        rig.recorder.pause(rig.take, GapReason.CARD_PAYMENT)
        rig.run(chance.randrange(1, 3000))
        rig.recorder.resume(rig.take)
        rig.reached()
    left, right = rig.finish()
    both = (left >= 0) & (right >= 0)
    assert np.array_equal(left[both], right[both])  # no drift at all
    assert np.array_equal(left, kept)  # each pause exact to the frame
    assert rig.tape.audio_ms == len(left) * FRAME_MS
    assert {gap.reason for gap in rig.tape.gaps} == {GapReason.CARD_PAYMENT}


@pytest.mark.parametrize("begins", ["between", "within"])
@pytest.mark.parametrize("ends", ["between", "within"])
def test_a_pause_may_begin_and_end_in_the_middle_of_a_tick(rig: Rig, begins: str, ends: str):
    def within(where: str, deed: Callable[[], None]) -> None:
        if where == "within":
            rig.agent()
        deed()
        rig.reached()
        if where == "within":
            rig.customer()

    for _ in range(20):
        rig.run(10)
        within(begins, lambda: rig.recorder.pause(rig.take, GapReason.HOLD))
        rig.run(5)
        within(ends, lambda: rig.recorder.resume(rig.take))
        rig.run(10)
    left, right = rig.finish()
    assert np.array_equal(left, right)
    assert len(left) == 400


def test_ticks_that_race_with_pauses_never_shift_the_sides(rig: Rig):
    before = sys.getswitchinterval()
    ending, ticked = threading.Event(), threading.Event()
    sys.setswitchinterval(1e-5)

    def media() -> None:
        while not ending.is_set():
            rig.run(1)
            ticked.set()

    thread = threading.Thread(target=media, daemon=True)
    try:
        thread.start()
        for _ in range(300):
            rig.recorder.pause(rig.take, GapReason.AGENT_PAUSED)
            rig.recorder.resume(rig.take)
            rig.reached()
            for _ in range(3):
                ticked.clear()
                assert ticked.wait(5)
    finally:
        ending.set()
        thread.join(timeout=5)
        sys.setswitchinterval(before)
    left, right = rig.finish()
    assert np.array_equal(left, right)
    assert len(left) > 300


def test_what_waits_when_a_tap_rests_is_taken_along():
    take, port = Take(ORDER), Port()
    take.agent.draw_from(port.drain)
    port.put_frame(frame(0))
    take.agent.draw_from(None)
    port.put_frame(frame(1))  # of the next call that this port serves
    take.customer.put_frame(frame(0))
    take.customer.put_frame(frame(1))
    left, right = (ticks_of(side) for side in take.pairs())
    assert (list(left), list(right)) == ([0], [0])


def test_taps_that_go_one_tick_after_the_other_shift_nothing_for_long():
    take = Take(ORDER)
    for transfer in range(10):
        for tick in range(50):
            take.agent.put_frame(frame(transfer * 1000 + tick))
            take.customer.put_frame(frame(transfer * 1000 + tick))
        take.agent.put_frame(frame(transfer * 1000 + 50))  # the other tap is gone already
        take.begin_anew()
    left, right = (ticks_of(side) for side in take.pairs())
    assert np.array_equal(left, right)
    assert len(left) == 500


def test_a_tap_that_missed_ticks_is_in_step_again_after_a_pause(rig: Rig):
    rig.run(20)
    rig.recorder.pause(rig.take, GapReason.HOLD)
    for _ in range(30):
        rig.agent()
    rig.recorder.resume(rig.take)
    rig.reached()
    rig.run(20)
    left, right = rig.finish()
    assert np.array_equal(left, right)
    assert len(left) == 40
