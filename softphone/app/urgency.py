"""Asks the system to let threads run as soon as they are due."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

PRIORITY = 5
"""The lowest real-time priorities are enough: below the sound server's own."""


def be_prompt() -> bool:
    """Ask for real-time priority for the calling thread; returns whether it was granted.

    Linux grants it to whoever has the right (``rtprio`` in limits.conf, as audio groups have);
    elsewhere, and without the right, nothing changes. Threads it makes do not inherit it.
    """
    return _prompt(0)


def threads_here() -> frozenset[int]:
    """Return the native identifiers of this process's threads; none where the system hides them."""
    try:
        return frozenset(int(thread.name) for thread in Path("/proc/self/task").iterdir())
    except OSError:
        return frozenset()


def make_prompt(threads: Iterable[int]) -> int:
    """Ask the same for threads of this process that a library has made; returns for how many it
    was granted.
    """
    return sum(_prompt(thread) for thread in threads)


def _prompt(thread: int) -> bool:
    if not hasattr(os, "sched_setscheduler"):
        return False
    try:
        how = os.SCHED_RR | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(thread, how, os.sched_param(PRIORITY))
    except OSError:
        return False
    return True
