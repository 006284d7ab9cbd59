"""What the engine told while the window was locked, for the log and the history of afterwards."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from softphone.domain.events import (
    CallChanged,
    EngineEvent,
    RecordingFailed,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from softphone.domain.permissions import Member

MOST = 2000
"""A locked phone that nobody comes back to must not fill the memory; the oldest go first."""


@dataclass(frozen=True, slots=True)
class MissedEvent:
    """An event that nobody was signed in for, when it came (UTC), and whose phone it was."""

    event: EngineEvent
    at: datetime
    agent: Member | None


class Missed:
    """Keeps what needs an entry or a row. Filled from the engine's thread, emptied on the vault's.

    A deque's own operations are atomic: no lock is needed between the two.
    """

    def __init__(self) -> None:
        self._kept: deque[MissedEvent] = deque(maxlen=MOST)
        self.agent: Member | None = None
        """Who was signed in last: what the phone does meanwhile is theirs."""

    def note(self, event: EngineEvent, at: datetime) -> None:
        """Keep an event, if anything follows from it."""
        if _matters(event):
            self._kept.append(MissedEvent(event, at, self.agent))

    def take(self) -> list[MissedEvent]:
        """Return what was kept, oldest first, and forget it."""
        taken: list[MissedEvent] = []
        while self._kept:
            taken.append(self._kept.popleft())
        return taken


def _matters(event: EngineEvent) -> bool:
    if isinstance(event, CallChanged):
        return not event.call.live
    return isinstance(
        event,
        RecordingStarted | RecordingPaused | RecordingResumed | RecordingStopped | RecordingFailed,
    )
