"""What the running program is put together from: its lane, its engine, its synchronisation."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

from softphone.app.ports import Phone

T = TypeVar("T")


class ThreadLane:
    """One named thread that runs work in order."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Run ``work`` on the lane."""
        return self._pool.submit(work)

    def close(self) -> None:
        """Finish what was submitted and end the thread."""
        self._pool.shutdown(wait=True)


class EngineRunner(Protocol):
    """Starts and ends the phone process."""

    @property
    def client(self) -> Phone:
        """The phone."""
        ...

    def start(self) -> None:
        """Start or attach. Raises EngineLost."""
        ...

    def stop(self, *, leave_running: bool) -> None:
        """Detach; end the engine unless it is to go on."""
        ...


class Syncing(Protocol):
    """The synchronisation of an unlocked vault."""

    def poke(self) -> None:
        """Look for work now."""
        ...

    def stop(self) -> None:
        """End, within seconds."""
        ...
