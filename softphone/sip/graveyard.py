"""Objects of PJSIP that must outlive their use: freed while in use, ports crashed 2 of 15 runs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import pjsua2 as pj

log = logging.getLogger(__name__)

KEEP_S = 1.0


class Graveyard:
    """Keeps things a second longer; used on the PJ thread."""

    def __init__(self) -> None:
        self._graves: list[tuple[float, object]] = []

    def bury(self, thing: object) -> None:
        """Keep a thing for a second."""
        self._graves.append((time.monotonic() + KEEP_S, thing))

    def clear_old(self, now: float) -> None:
        """Let go what has been kept long enough (``now`` is monotonic)."""
        self._graves = [(due, thing) for due, thing in self._graves if due > now]

    def clear(self) -> None:
        """Let everything go."""
        self._graves.clear()


def attempt(work: Callable[[], None]) -> bool:
    """Run work that PJSIP may refuse because it is already done; whether it was accepted."""
    try:
        work()
    except pj.Error as error:
        log.info("PJSIP refused: %s", error.status)
        return False
    return True
