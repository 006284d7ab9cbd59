"""Objects of PJSIP that must outlive their use: freed while in use, ports crashed 2 of 15 runs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection

import pjsua2 as pj

log = logging.getLogger(__name__)

KEEP_S = 1.0
NO_CALL = -1


class Graveyard:
    """Keeps things a second longer; used on the PJ thread.

    A call object is kept until no live call has its number: pjsua2 hangs up by that number when
    the object is deleted, and PJSIP has given it to another call by then.
    """

    def __init__(self) -> None:
        self._graves: list[tuple[float, int, object]] = []

    def bury(self, thing: object, number: int = NO_CALL) -> None:
        """Keep a thing; ``number`` is PJSIP's, for what must not be deleted while it is in use."""
        self._graves.append((time.monotonic() + KEEP_S, number, thing))

    def clear_old(self, now: float, in_use: Collection[int] = ()) -> None:
        """Let go what has been kept long enough (``now`` is monotonic)."""
        self._graves = [g for g in self._graves if g[0] > now or g[1] in in_use]

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
