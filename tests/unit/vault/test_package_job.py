"""Work in steps: some megabytes each, then others have their turn."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from softphone.domain.errors import InvalidInput
from softphone.vault.package_job import A_STEP, Stepwise, finished


def blocks(count: int, *, fails: bool = False) -> Generator[int, None, str]:
    for _ in range(count):
        yield 1 << 20
    if fails:
        raise InvalidInput("No.", "It is wrong.")
    return "made"


def test_a_step_does_some_megabytes():
    told: list[object] = []
    job = Stepwise(blocks(20), 20 << 20, told.append, told.append)
    assert not job.step()
    assert job.done == A_STEP
    while not job.step():
        continue
    assert (job.done, told) == (20 << 20, ["made"])


def test_what_fails_is_told_and_raised():
    told: list[object] = []
    job = Stepwise(blocks(1, fails=True), 1 << 20, told.append, told.append)
    with pytest.raises(InvalidInput) as caught:
        job.step()
    assert told == [caught.value]


def test_all_at_once():
    assert finished(blocks(20)) == "made"
