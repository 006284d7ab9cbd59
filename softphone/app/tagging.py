"""Tags that reviewers give to recordings."""

from __future__ import annotations

from collections.abc import Iterable

from softphone.app.bus import Bus
from softphone.app.session import Session
from softphone.domain.audit import Action, DataCategory
from softphone.domain.errors import InvalidInput
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import RecordingId
from softphone.domain.permissions import Permission

MOST_TAGS = 20
LONGEST_TAG = 40


class Tagging:
    """Use cases around tags; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def put(self, recording: RecordingId, tags: Iterable[str]) -> tuple[str, ...]:
        """Replace the tags of a recording one may hear. Raises Refused, NotFound, InvalidInput."""
        vault = self._session.vault
        row = vault.recording(recording)
        wanted = dict.fromkeys(" ".join(tag.split()) for tag in tags)
        plain = tuple(tag for tag in wanted if tag)
        draft = self._session.permit(
            Permission.RECORDINGS_LISTEN,
            Action.RECORDING_TAGGED,
            DataCategory.RECORDING,
            recording,
            owner=row.agent,
            team=row.team,
            detail={"tags": ", ".join(plain)},
        )
        if len(plain) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in plain):
            raise InvalidInput(
                "The tags were not saved.",
                f"There are at most {MOST_TAGS}, of at most {LONGEST_TAG} characters each.",
            )
        vault.tag_recording(recording, plain, draft)
        self._bus.publish(HistoryChanged(frozenset({"recordings", "audit"})))
        return plain

    def known(self) -> list[str]:
        """Return all tags in use; none to whoever may not hear recordings."""
        if not self._session.may(Permission.RECORDINGS_LISTEN).allowed:
            return []
        return list(self._session.vault.recording_tags())
