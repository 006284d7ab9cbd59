"""Recordings: listing, opening for playback, reviewing and deleting."""

from __future__ import annotations

from softphone.app.bus import Bus
from softphone.app.ports import RecordingFilter, RecordingReader
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.contact import Note
from softphone.domain.errors import Damaged, Refused
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import NoteId, RecordingId, new_id
from softphone.domain.permissions import Permission
from softphone.domain.privacy import ErasureReceipt
from softphone.domain.recording import Recording


class Recordings:
    """Use cases around recordings; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def page(self, wanted: RecordingFilter, limit: int, offset: int) -> list[Recording]:
        """Return recordings, newest first; rows that may not be heard say why.

        The first look of a session is logged.
        """
        self._session.look(None, Action.LIST_READ, DataCategory.RECORDING)
        return list(self._session.vault.recordings(wanted, limit, offset))

    def count(self, wanted: RecordingFilter) -> int:
        """Return how many recordings match."""
        return self._session.vault.recordings_count(wanted)

    def open(self, recording: RecordingId, why: str = "") -> RecordingReader:
        """Open a recording for listening: by policy, then by keys; both are audited.

        Raises Refused, NotFound, Damaged.
        """
        row = self._session.vault.recording(recording)
        detail = {"reason": why} if why else {}
        draft = self._session.permit(
            Permission.RECORDINGS_LISTEN,
            Action.RECORDING_LISTENED,
            DataCategory.RECORDING,
            recording,
            owner=row.agent,
            team=row.team,
            detail=detail,
        )
        vault = self._session.vault
        try:
            reader = vault.open_recording(recording, draft)
        except Refused:
            self._log(draft, Result.REFUSED)
            raise
        except Damaged:
            self._log(draft, Result.FAILED)
            raise
        if reader.problem:
            vault.append_audit(
                AuditDraft(
                    Action.RECORDING_MISMATCHED,
                    DataCategory.RECORDING,
                    recording,
                    Result.FAILED,
                    self._session.user,
                )
            )
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
        return reader

    def _log(self, draft: AuditDraft, result: Result) -> None:
        self._session.vault.append_audit(
            AuditDraft(
                draft.action, draft.category, draft.object_id, result, draft.actor, draft.detail
            )
        )

    def mark_reviewed(self, recording: RecordingId) -> None:
        """Note that the signed-in person reviewed it."""
        row = self._session.vault.recording(recording)
        draft = self._session.permit(
            Permission.RECORDINGS_LISTEN,
            Action.RECORDING_REVIEWED,
            DataCategory.RECORDING,
            recording,
            owner=row.agent,
            team=row.team,
        )
        self._session.vault.mark_reviewed(recording, draft)
        self._bus.publish(HistoryChanged(frozenset({"recordings", "audit"})))

    def notes(self, recording: RecordingId) -> list[Note]:
        """Return the notes of a recording: none to whoever may not hear it.

        The first reading in a session is logged, or its refusal. Raises NotFound.
        """
        row = self._session.vault.recording(recording)
        if not self._session.look(
            Permission.RECORDINGS_LISTEN,
            Action.NOTE_READ,
            DataCategory.NOTE,
            recording,
            owner=row.agent,
            team=row.team,
        ):
            return []
        return list(self._session.vault.notes(recording=recording))

    def add_note(self, recording: RecordingId, text: str, at_ms: int) -> Note:
        """Add a note at a moment of the recording (ms)."""
        row = self._session.vault.recording(recording)
        draft = self._session.permit(
            Permission.RECORDINGS_LISTEN,
            Action.NOTE_SAVED,
            DataCategory.NOTE,
            recording,
            owner=row.agent,
            team=row.team,
        )
        member = self._session.vault.user
        note = Note(
            NoteId(new_id()),
            member.id,
            member.name,
            self._session.clock.now(),
            text,
            contact=row.contact,
            recording=recording,
            at_ms=at_ms,
        )
        self._session.vault.save_note(note, draft)
        self._bus.publish(HistoryChanged(frozenset({"notes", "audit"})))
        return note

    def may_download(self, recording: RecordingId) -> str:
        """Return an empty string, or the sentence why it may not be downloaded."""
        row = self._session.vault.recording(recording)
        return self._session.may(
            Permission.RECORDINGS_DOWNLOAD, owner=row.agent, team=row.team
        ).sentence

    def delete(self, recording: RecordingId) -> ErasureReceipt:
        """Crypto-erase one recording."""
        row = self._session.vault.recording(recording)
        draft = self._session.permit(
            Permission.RECORDINGS_DELETE,
            Action.RECORDING_DELETED,
            DataCategory.RECORDING,
            recording,
            owner=row.agent,
            team=row.team,
        )
        receipt = self._session.vault.delete_recording(recording, draft)
        self._bus.publish(HistoryChanged(frozenset({"recordings", "audit"})))
        return receipt
