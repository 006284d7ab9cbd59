"""Work on a package in steps: between them others get the vault's lane (``PackageJob``)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Generic, TypeVar

T = TypeVar("T")
A_STEP = 8 << 20
"""Bytes; a step holds the lane for some tens of milliseconds."""


class Stepwise(Generic[T]):
    """Runs a generator that yields how many bytes it did, some megabytes a step."""

    def __init__(
        self,
        steps: Generator[int, None, T],
        total: int,
        finish: Callable[[T], None] = lambda _result: None,
        failed: Callable[[Exception], None] = lambda _error: None,
    ) -> None:
        self._steps = steps
        self._finish = finish
        self._failed = failed
        self.total = total
        self.done = 0

    def step(self) -> bool:
        """Do some of it; True when all is done. What fails is told to ``failed`` and raised."""
        until = self.done + A_STEP
        try:
            while self.done < until:
                self.done += next(self._steps)
        except StopIteration as end:
            self._finish(end.value)
            return True
        except Exception as error:
            self._failed(error)
            raise
        return False


def finished(steps: Generator[int, None, T]) -> T:
    """Do all of it at once and return what comes of it."""
    result: list[T] = []
    work = Stepwise(steps, 0, result.append)
    while not work.step():
        continue
    return result[0]
