from __future__ import annotations

import threading

import pytest

from softphone.app.media import Beat
from softphone.sip.media_clock import FRAME_S, IDLE_S, LEADER_LATE_S, MediaClock


class Bench:
    """A clock whose time is the test's."""

    def __init__(self) -> None:
        self.now = 100.0
        self.steps = 0
        self.known: list[str] = []
        self.clock = MediaClock(self._step, self.known.append, lambda: self.now)

    def _step(self) -> None:
        self.steps += 1

    def run(self, seconds: float) -> None:
        """Let the clock's own thread do what it does, awake when it asked to be."""
        end = self.now + seconds
        while True:
            wait = self.clock.keep_time()
            if self.now + wait > end:
                break
            self.now += max(wait, 1e-6)
        self.now = end


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_call_without_a_microphone_moves_every_20_ms(bench):
    bench.clock.busy(True)
    bench.run(1.0)
    assert bench.steps == pytest.approx(50, abs=1)


def test_without_a_call_it_moves_ten_times_a_second(bench):
    bench.run(1.0)
    assert bench.steps == pytest.approx(1 / IDLE_S, abs=1)


def test_a_microphone_leads_from_its_second_frame_on(bench):
    bench.clock.busy(True)
    bench.run(0.1)
    before = bench.steps
    assert bench.clock.beat() is Beat.LATE
    for _ in range(100):
        bench.now += FRAME_S
        bench.clock.keep_time()
        assert bench.clock.beat() is Beat.ON
    assert bench.steps == before + 100


def test_taking_the_lead_makes_up_for_half_a_frame_or_more(bench):
    bench.clock.busy(True)
    bench.run(0.1)
    before = bench.steps
    bench.now += FRAME_S * 0.6
    assert bench.clock.beat() is Beat.LATE
    assert bench.steps == before + 1


def test_a_microphone_that_stops_is_missed_soon_and_no_frame_is_lost(bench):
    bench.clock.busy(True)
    bench.clock.beat()
    for _ in range(10):
        bench.now += FRAME_S
        bench.clock.beat()
    before, began = bench.steps, bench.now
    bench.run(LEADER_LATE_S * 0.9)
    assert bench.steps == before
    bench.run(0.5 - (bench.now - began))
    assert bench.steps - before == pytest.approx(25, abs=1)
    assert bench.clock.beat() is Beat.LATE


def test_after_a_sleep_of_the_machine_nothing_is_made_up_for(bench):
    bench.clock.busy(True)
    bench.run(0.1)
    before = bench.steps
    bench.now += 3600
    bench.clock.keep_time()
    assert bench.steps <= before + 1


def test_it_steps_aside_once_and_not_again_for_a_while(bench):
    bench.clock.busy(True)
    bench.clock.beat()
    for _ in range(60):
        bench.clock.step_aside(bench.now)
    assert bench.clock.beat() is Beat.LATER
    for _ in range(60):
        bench.clock.step_aside(bench.now)
    assert bench.clock.beat() is Beat.ON


def test_a_thread_is_made_known_to_the_library_once(bench):
    bench.clock.beat()
    bench.clock.beat()
    bench.clock.beat()
    assert len(bench.known) == 1
    other = threading.Thread(target=bench.clock.beat, name="other")
    other.start()
    other.join()
    assert bench.known[1:] == ["other"]


def test_after_the_end_nothing_moves(bench):
    bench.clock.beat()
    bench.clock.stop()
    before = bench.steps
    assert bench.clock.beat() is Beat.ON
    bench.now += 1
    bench.clock.keep_time()
    assert bench.steps == before


def test_its_own_thread_keeps_the_time():
    moved = threading.Event()
    clock = MediaClock(moved.set, lambda name: None)
    clock.start()
    assert moved.wait(5)
    clock.stop()
