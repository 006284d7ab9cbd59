"""Sealed hand-over: from an agent's workstation to a supervisor's, without plaintext between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from softphone.app.bus import Bus
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.errors import InvalidInput, SoftphoneError
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import RecordingId
from softphone.domain.permissions import Permission

T = TypeVar("T")


class HandingOver:
    """Use cases around packages; runs on the vault's thread.

    Who hands a recording over must be able to hear it: the header is wrapped anew from its key.
    """

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def address(self, destination: Path | None, team: str = "") -> None:
        """Make a new address for recordings of a team (one's own).

        It is written to a file where one is named, and offered through the server.

        Raises Refused, NotFound.
        """
        team = team.strip() or self._session.vault.user.team
        draft = self._session.permit(
            Permission.RECORDINGS_LISTEN,
            Action.HANDOVER_ADDRESS_MADE,
            DataCategory.RECORDING,
            team=team,
        )
        self._session.vault.handover_address(team, destination, draft)
        self._bus.publish(HistoryChanged(frozenset({"audit", "packages"})))

    def give(self, recording: RecordingId, address: Path, destination: Path, reason: str) -> None:
        """Write a recording's package for another workstation; audited with the reason.

        Raises Refused, NotFound, InvalidInput, Damaged, StorageFailed.
        """
        vault = self._session.vault
        draft = permit_giving(
            self._session, recording, reason, "The recording was not handed over."
        )
        self._logged(draft, lambda: vault.hand_over(recording, address, destination, draft))

    def receive(self, file: Path) -> RecordingId:
        """Take a recording in from a package; what is refused is audited with the reason.

        Raises Refused, InvalidInput, StorageFailed.
        """
        draft = self._session.permit(
            Permission.RECORDINGS_LISTEN, Action.RECORDING_RECEIVED, DataCategory.RECORDING
        )
        vault = self._session.vault
        return self._logged(draft, lambda: vault.receive_package(file, draft))

    def _logged(self, draft: AuditDraft, deed: Callable[[], T]) -> T:
        try:
            done = deed()
        except SoftphoneError as error:
            detail = {**draft.detail, "why": error.why}
            refused = replace(draft, result=Result.REFUSED, detail=detail)
            self._session.vault.append_audit(refused)
            self._bus.publish(HistoryChanged(frozenset({"audit"})))
            raise
        self._bus.publish(HistoryChanged(frozenset({"recordings", "audit"})))
        return done


def permit_giving(
    session: Session, recording: RecordingId, reason: str, not_done: str, **detail: str
) -> AuditDraft:
    """Return the entry of a recording that is given to another workstation, with the reason.

    ``not_done`` says what did not happen. Raises Refused, NotFound, InvalidInput (no reason).
    """
    row = session.vault.recording(recording)
    draft = session.permit(
        Permission.RECORDINGS_LISTEN,
        Action.RECORDING_HANDED_OVER,
        DataCategory.RECORDING,
        recording,
        owner=row.agent,
        team=row.team,
        detail={"reason": reason.strip(), **detail},
    )
    if not reason.strip():
        raise InvalidInput(not_done, "The reason is missing.", "Write why.")
    return draft
