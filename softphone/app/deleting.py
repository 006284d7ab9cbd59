"""Deleting many recordings: first what would go, in figures; then one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from softphone.app.recordings import Recordings, kept_for
from softphone.app.session import Session
from softphone.domain.errors import NotFound, SoftphoneError
from softphone.domain.ids import RecordingId
from softphone.domain.permissions import Permission


@dataclass(frozen=True, slots=True)
class DeletionPlan:
    """What a deletion would destroy, and what it may not, with the reasons and how often."""

    recordings: tuple[RecordingId, ...]
    people: int
    audio_ms: int
    refused: tuple[tuple[str, int], ...]


class Deletion:
    """A deletion under way; each step destroys one recording for good."""

    def __init__(self, recordings: Recordings, plan: DeletionPlan) -> None:
        self._recordings = recordings
        self._left = list(plan.recordings)
        self.total = len(plan.recordings)
        self.done = 0
        self.gone_before = 0
        """Recordings that somebody else deleted meanwhile."""
        self.problems: list[SoftphoneError] = []

    def step(self) -> bool:
        """Destroy the next one; True when none is left. What is gone meanwhile counts as done."""
        if self._left:
            recording = self._left.pop(0)
            try:
                self._recordings.delete(recording)
            except NotFound:
                self.gone_before += 1
            except SoftphoneError as error:
                self.problems.append(error)
            self.done += 1
        return not self._left


class Deletions:
    """Use cases around deleting many; runs on the vault's thread."""

    def __init__(self, session: Session, recordings: Recordings) -> None:
        self._session = session
        self._recordings = recordings

    def preview(self, wanted: Iterable[RecordingId]) -> DeletionPlan:
        """Say what would go; nothing is changed. Deletions are logged one by one."""
        session = self._session
        going: list[RecordingId] = []
        people: set[str] = set()
        refused: Counter[str] = Counter()
        audio_ms = 0
        for recording in dict.fromkeys(wanted):
            row = session.vault.recording(recording)
            decision = session.may(Permission.RECORDINGS_DELETE, owner=row.agent, team=row.team)
            held = kept_for(session, row)
            if not decision.allowed or held:
                refused[decision.sentence or held] += 1
                continue
            going.append(recording)
            people.add(row.contact or row.contact_name)
            audio_ms += row.audio_ms
        return DeletionPlan(tuple(going), len(people), audio_ms, tuple(refused.items()))

    def begin(self, plan: DeletionPlan) -> Deletion:
        """Return the deletion; until its first step nothing is destroyed."""
        return Deletion(self._recordings, plan)
