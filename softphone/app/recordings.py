"""Recordings: listing, opening for playback, reviewing and deleting."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from softphone.app.bus import Bus
from softphone.app.ports import (
    ExportFormat,
    ExportOrder,
    OnProgress,
    RecordingExporter,
    RecordingFilter,
    RecordingReader,
    SoundMeter,
)
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.contact import Note
from softphone.domain.errors import (
    Damaged,
    InvalidInput,
    Refused,
    SoftphoneError,
    StorageFailed,
)
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import NoteId, RecordingId, new_id
from softphone.domain.passwords import check_password
from softphone.domain.permissions import Permission
from softphone.domain.privacy import ErasureReceipt
from softphone.domain.recording import Recording

log = logging.getLogger(__name__)


class Exporting:
    """A permitted export whose recording is open. Only :meth:`write` may run on any thread."""

    def __init__(
        self, reader: RecordingReader, order: ExportOrder, exporter: RecordingExporter
    ) -> None:
        self._reader = reader
        self._order = order
        self._exporter = exporter

    def write(self, on_progress: OnProgress) -> None:
        """Write the file and forget the key. Raises Cancelled, Damaged, StorageFailed."""
        try:
            self._exporter.export(self._reader, self._order, on_progress)
        finally:
            self._reader.close()


class Recordings:
    """Use cases around recordings; runs on the vault's thread."""

    def __init__(
        self,
        session: Session,
        bus: Bus,
        exporters: Mapping[ExportFormat, RecordingExporter] | None = None,
        meter: SoundMeter | None = None,
    ) -> None:
        self._session = session
        self._bus = bus
        self._meter = meter
        self._exporters = exporters or {}

    def page(self, wanted: RecordingFilter, limit: int, offset: int) -> list[Recording]:
        """Return recordings, newest first; rows that may not be heard say why.

        The first look of a session is logged.
        """
        session = self._session
        if not session.look(self._seeing(), Action.LIST_READ, DataCategory.RECORDING):
            return []
        seen = replace(wanted, agents=session.agents(Permission.HISTORY_READ))
        return list(session.vault.recordings(seen, limit, offset))

    def count(self, wanted: RecordingFilter) -> int:
        """Return how many recordings match."""
        if not self._session.may(self._seeing()).allowed:
            return 0
        seen = replace(wanted, agents=self._session.agents(Permission.HISTORY_READ))
        return self._session.vault.recordings_count(seen)

    def _seeing(self) -> Permission:
        """Return the right that opens the list: who makes calls sees that they were recorded."""
        places = self._session.may(Permission.CALLS_PLACE).allowed
        return Permission.HISTORY_READ if places else Permission.RECORDINGS_LISTEN

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
        return self._opened(recording, draft)

    def begin_export(self, recording: RecordingId, order: ExportOrder) -> Exporting:
        """Open a recording for handing it out, with the right and a reason; both are audited.

        Raises Refused, NotFound, InvalidInput (no reason, weak passphrase), Damaged (an altered
        recording is not handed out).
        """
        row = self._session.vault.recording(recording)
        draft = self._session.permit(
            Permission.RECORDINGS_DOWNLOAD,
            Action.RECORDING_EXPORTED,
            DataCategory.RECORDING,
            recording,
            owner=row.agent,
            team=row.team,
            detail={"reason": order.reason.strip(), "format": order.format.value},
        )
        exporter = self._checked(order)
        reader = self._opened(recording, draft)
        if reader.problem:
            reader.close()
            raise Damaged(
                "The recording was not exported.", reader.problem, "Listen to what is left of it."
            )
        return Exporting(reader, replace(order, codec=row.codec), exporter)

    def export_failed(self, recording: RecordingId, error: SoftphoneError) -> None:
        """Log that a file that was begun did not come about, or was cancelled."""
        why = {"why": type(error).__name__}
        draft = self._session.draft(
            Action.RECORDING_EXPORTED, DataCategory.RECORDING, recording, detail=why
        )
        self._log(draft, Result.FAILED)
        self._bus.publish(HistoryChanged(frozenset({"audit"})))

    def export(
        self,
        recording: RecordingId,
        order: ExportOrder,
        on_progress: OnProgress = lambda _done, _size: True,
    ) -> None:
        """Hand a recording out in one go, on the vault's thread. Raises as the parts do."""
        exporting = self.begin_export(recording, order)
        try:
            exporting.write(on_progress)
        except SoftphoneError as error:
            self.export_failed(recording, error)
            raise

    def _checked(self, order: ExportOrder) -> RecordingExporter:
        exporter = self._exporters.get(order.format)
        if exporter is None or not order.reason.strip():
            raise InvalidInput(
                "The recording was not exported.", "The reason is missing.", "Write why."
            )
        if order.passphrase:
            check_password(order.passphrase, (self._session.vault.user.name,))
        return exporter

    def _opened(self, recording: RecordingId, draft: AuditDraft) -> RecordingReader:
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
        else:
            self._finish(recording, reader)
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
        return reader

    def _finish(self, recording: RecordingId, reader: RecordingReader) -> None:
        """Close what a crash cut off, now that somebody has its key. Listening never waits for it.

        Where it fails, the recording stays as it is and the next listener tries again.
        """
        vault = self._session.vault
        row = vault.recording(recording)
        if row.complete or self._meter is None:
            return
        draft = self._session.draft(Action.RECORDING_CLOSED, DataCategory.RECORDING, recording)
        try:
            vault.finish_recording(recording, self._meter.length_ms(reader), draft)
        except (Damaged, StorageFailed) as error:
            log.warning("a cut-off recording was not closed: %s", error.why)
            return
        self._bus.publish(HistoryChanged(frozenset({"recordings"})))

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
        if held := kept_for(self._session, row):
            self._log(draft, Result.REFUSED)
            raise Refused("The recording was not deleted.", held, "Ask them.")
        receipt = self._session.vault.delete_recording(recording, draft)
        self._bus.publish(HistoryChanged(frozenset({"recordings", "audit"})))
        return receipt


def kept_for(session: Session, row: Recording) -> str:
    """Return why a recording must be kept: somebody in it is restricted or under a legal hold."""
    for person in row.heard:
        for found in session.vault.restrictions.of_contact(person):
            if person == row.contact:
                return f"{found.by} restricted the use of this person's data."
            return f"{found.by} restricted the use of the data of somebody who is heard in it."
    return ""
