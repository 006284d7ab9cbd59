from __future__ import annotations

from softphone.audio.pace import MOST_MARGIN, MOST_STEP, MS, Pace

UNIT = 20 * MS
SECOND = 50


def test_a_surplus_is_told_after_a_second_and_taken_in_small_steps():
    pace = Pace(UNIT, margin=5 * MS)
    steps = [pace.step(30 * MS) for _ in range(SECOND)]
    assert set(steps[:-1]) == {0}
    assert steps[-1] == MOST_STEP
    pace.took(24 * MS)  # as if it had been: one millisecond too many is left
    assert pace.step(6 * MS) == 1


def test_too_little_is_told_at_once():
    pace = Pace(UNIT, margin=5 * MS)
    assert pace.step(2 * MS) == -1


def test_near_the_margin_nothing_is_done():
    pace = Pace(UNIT, margin=5 * MS)
    assert {pace.step(5 * MS + n % 8) for n in range(3 * SECOND)} == {0}


def test_trouble_raises_the_margin_up_to_a_bound_and_calm_lowers_it():
    pace = Pace(UNIT, margin=5 * MS)
    for _ in range(20):
        pace.trouble()
    assert pace.margin == MOST_MARGIN
    for _ in range(120 * SECOND):
        pace.step(MOST_MARGIN)
    assert pace.margin == MOST_MARGIN - 2 * MS
