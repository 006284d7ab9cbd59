"""Asks the system to let the calling thread run as soon as it is due."""

from __future__ import annotations

import os

PRIORITY = 5
"""The lowest real-time priorities are enough: below the sound server's own."""


def be_prompt() -> bool:
    """Ask for real-time priority for the calling thread; returns whether it was granted.

    Linux grants it to whoever has the right (``rtprio`` in limits.conf, as audio groups have);
    elsewhere, and without the right, nothing changes. Threads it makes do not inherit it.
    """
    if not hasattr(os, "sched_setscheduler"):
        return False
    try:
        how = os.SCHED_RR | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, how, os.sched_param(PRIORITY))
    except OSError:
        return False
    return True
