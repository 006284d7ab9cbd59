from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.errors import TryLater
from softphone.vault.attempts import Attempts
from tests.fakes.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def attempts(tmp_path: Path, clock: FakeClock) -> Attempts:
    return Attempts(tmp_path / "attempts", clock)


def test_after_three_wrong_ones_the_delay_doubles_up_to_a_minute(
    attempts: Attempts, clock: FakeClock
):
    delays = []
    for _ in range(10):
        try:
            attempts.begin()
        except TryLater as error:
            delays.append(error.seconds)
            clock.advance(error.seconds)
            attempts.begin()
    assert delays == [2, 4, 8, 16, 32, 60, 60]


def test_a_new_start_of_the_program_does_not_reset_it(
    attempts: Attempts, clock: FakeClock, tmp_path: Path
):
    for _ in range(3):
        attempts.begin()
    with pytest.raises(TryLater):
        Attempts(tmp_path / "attempts", clock).begin()


def test_a_clock_set_back_waits_a_minute_at_most(attempts: Attempts, clock: FakeClock):
    for _ in range(3):
        attempts.begin()
    clock.advance(-10_000)
    with pytest.raises(TryLater) as later:
        attempts.begin()
    assert later.value.seconds == 60


def test_wrong_ones_are_told_and_forgotten_at_a_good_one(attempts: Attempts, clock: FakeClock):
    attempts.begin()
    first = clock.now()
    clock.advance(5)
    attempts.begin()
    assert attempts.succeeded() == (1, (first,))
    attempts.forget()
    attempts.begin()
    assert attempts.succeeded() == (0, ())


def test_one_that_was_not_the_passwords_fault_is_not_counted(attempts: Attempts):
    attempts.begin()
    attempts.begin()
    attempts.cancel()
    attempts.begin()
    assert attempts.succeeded()[0] == 1


def test_a_damaged_counter_means_the_longest_delay(attempts: Attempts, tmp_path: Path):
    (tmp_path / "attempts").write_bytes(b"nonsense")
    with pytest.raises(TryLater) as later:
        attempts.begin()
    assert later.value.seconds == 60
