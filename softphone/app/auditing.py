"""Reading and checking the audit log."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta, tzinfo
from pathlib import Path

from softphone.app.bundle_export import BundleExport
from softphone.app.bus import Bus
from softphone.app.numbers import normalise
from softphone.app.ports import BundleWriter, Vault
from softphone.app.ports.audit_check import checked
from softphone.app.ports.audit_files import AuditFiles, AuditTable, TableFormat
from softphone.app.session import Session
from softphone.domain.audit import (
    Action,
    AuditDraft,
    AuditFilter,
    AuditRow,
    AuditVerdict,
    DataCategory,
    Result,
)
from softphone.domain.audit_bundle import EntryProof
from softphone.domain.contact import Contact
from softphone.domain.errors import InvalidInput, NotFound, SoftphoneError
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import ContactId, RecordingId
from softphone.domain.pbx import Comparison, OwnCall, PbxCall, compare, parse_records
from softphone.domain.permissions import Member, Permission
from softphone.domain.recording import Recording

log = logging.getLogger(__name__)
Found = Contact | Recording
_AROUND = timedelta(hours=25)
STEP = 2000
"""Entries written a step, so that the vault serves others in between."""
_WINDOW = 25_000
"""Entries looked at a step."""


class TableExport:
    """An export that goes on in steps, each on the vault's thread."""

    def __init__(
        self, vault: Vault, table: AuditTable, wanted: AuditFilter, failed: AuditDraft
    ) -> None:
        self._vault = vault
        self._table = table
        self._wanted = wanted
        self._failed = failed
        self.total = self._below = wanted.below or 0
        """Entries to look at: what matches is not known before."""
        self.done = 0

    def step(self) -> bool:
        """Look at the next entries and write what matches; True when the file is in its place.

        Raises InvalidInput, StorageFailed, both logged; then nothing is left of the file.
        """
        bottom = max(0, self._below - _WINDOW)
        part = replace(self._wanted, below=self._below, above=bottom)
        try:
            if not self._below:
                self._table.finish()
                return True
            rows = self._vault.audit_rows(part, STEP, 0)
            self._table.add(rows)
        except SoftphoneError:
            self._table.discard()
            self._vault.append_audit(self._failed)
            raise
        self._below = rows[-1].entry.index if len(rows) == STEP else bottom
        self.done = self.total - self._below
        return False

    def cancel(self) -> None:
        """Stop; nothing is left of the file, and the log says that it failed."""
        self._table.discard()
        self._vault.append_audit(self._failed)


class Verifying:
    """A check that goes on in steps, each on the vault's thread; its outcome is an entry."""

    def __init__(self, vault: Vault, bus: Bus, draft: AuditDraft) -> None:
        self._vault = vault
        self._bus = bus
        self._draft = draft
        self._check = vault.begin_audit_check()

    @property
    def total(self) -> int:
        """How many entries there are to check."""
        return self._check.total

    @property
    def done(self) -> int:
        """How many were checked."""
        return self._check.done

    def step(self) -> AuditVerdict | None:
        """Check some more; the verdict at the end, when it has been written to the log."""
        verdict = self._check.step()
        if verdict is not None:
            result = Result.DONE if verdict.holds else Result.FAILED
            self._end(result)
        return verdict

    def cancel(self) -> None:
        """Stop without a verdict; the log says so."""
        self._end(Result.FAILED, {"why": "Cancelled"})

    def _end(self, result: Result, detail: dict[str, str] | None = None) -> None:
        self._vault.append_audit(replace(self._draft, result=result, detail=detail or {}))
        self._bus.publish(HistoryChanged(frozenset({"audit"})))


class Auditing:
    """Use cases around the audit log; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus, files: AuditFiles | None = None) -> None:
        self._session = session
        self._bus = bus
        self._files = files

    def open(self) -> None:
        """Note that the log is being read. Raises Refused."""
        draft = self._session.permit(Permission.AUDIT_READ, Action.AUDIT_READ, DataCategory.AUDIT)
        self._session.vault.append_audit(draft)
        self._session.looked(Action.AUDIT_READ, DataCategory.AUDIT, allowed=True)

    def rows(self, wanted: AuditFilter, limit: int, offset: int) -> list[AuditRow]:
        """Return entries, newest first; nothing without the right."""
        if not self._may_look():
            return []
        return list(self._session.vault.audit_rows(wanted, limit, offset))

    def count(self, wanted: AuditFilter) -> int:
        """Return how many entries match."""
        if not self._may_look():
            return 0
        return self._session.vault.audit_count(wanted)

    def _may_look(self) -> bool:
        return self._session.look(Permission.AUDIT_READ, Action.AUDIT_READ, DataCategory.AUDIT)

    def begin_verify(self) -> Verifying:
        """Begin to check the whole log. Raises Refused."""
        draft = self._session.permit(
            Permission.AUDIT_READ, Action.AUDIT_VERIFIED, DataCategory.AUDIT
        )
        return Verifying(self._session.vault, self._bus, draft)

    def verify(self) -> AuditVerdict:
        """Check it in one go. Raises Refused."""
        return checked(self.begin_verify())

    def prove(self, index: int) -> EntryProof:
        """Return the proof of one entry, to be handed out. Raises Refused, NotFound."""
        draft = self._session.permit(
            Permission.AUDIT_READ,
            Action.AUDIT_EXPORTED,
            DataCategory.AUDIT,
            detail={"entry": str(index)},
        )
        vault = self._session.vault
        proof = vault.audit_proof(index)
        vault.append_audit(draft)
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
        return proof

    def begin_table(
        self, wanted: AuditFilter, destination: Path, format: TableFormat, time_zone: str
    ) -> TableExport:
        """Begin to write the entries that match, newest first, with names and details.

        What is written while the export goes on is not in it. Raises Refused, InvalidInput,
        StorageFailed.
        """
        draft = self._session.permit(
            Permission.AUDIT_READ,
            Action.AUDIT_EXPORTED,
            DataCategory.AUDIT,
            detail={"format": format.value},
        )
        vault = self._session.vault
        begun = vault.append_audit(draft)
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
        table = self._writers().table(destination, format, time_zone)
        failed = replace(draft, result=Result.FAILED)
        return TableExport(vault, table, replace(wanted, below=begun.index), failed)

    def compare_calls(self, records: str, zone: tzinfo) -> Comparison:
        """Return which calls of a PBX's records (CSV) left no entry here; logged with its counts.

        Raises Refused, InvalidInput.
        """
        draft = self._session.permit(
            Permission.AUDIT_READ, Action.AUDIT_COMPARED, DataCategory.CALL
        )
        calls, unread = parse_records(records, zone)
        region = self._session.vault.policy.default_region

        def spell(number: str) -> str:
            try:
                return normalise(number, region)
            except InvalidInput:
                return number.strip()

        missing = compare(calls, self._own_calls(calls), spell) if calls else ()
        detail = {"calls": str(len(calls)), "missing": str(len(missing))}
        self._session.vault.append_audit(replace(draft, detail=detail))
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
        return Comparison(len(calls), missing, tuple(unread))

    def _own_calls(self, calls: list[PbxCall]) -> list[OwnCall]:
        """Return the calls that have an entry around the time of these."""
        vault = self._session.vault
        since = min(call.started_at for call in calls) - _AROUND
        until = max(call.started_at for call in calls) + _AROUND
        rows: list[AuditRow] = []
        wanted = AuditFilter(action=Action.CALL_ENDED, since=since, until=until)
        while page := vault.audit_rows(wanted, STEP, 0):
            rows += page
            wanted = replace(wanted, below=page[-1].entry.index)
        kept: dict[str, OwnCall] = {}
        offset = 0
        while page_of_calls := vault.history("", STEP, offset):
            offset += len(page_of_calls)
            kept.update(
                (entry.call, OwnCall(entry.started_at, entry.started_at, entry.number))
                for entry in page_of_calls
            )
            if page_of_calls[-1].started_at < since:
                break
        return [kept.get(row.entry.object_id) or OwnCall(row.entry.time) for row in rows]

    def locate(self, object_id: str) -> Found | None:
        """Return the contact or recording that an entry is about, where the person may see it."""
        session = self._session
        vault = session.vault
        try:
            if session.may(Permission.CONTACTS_READ).allowed:
                return vault.contact(ContactId(object_id))
        except NotFound:
            log.debug("an entry is about no contact that is left")
        try:
            recording = vault.recording(RecordingId(object_id))
        except NotFound:
            return None
        team = vault.policy.member(recording.agent)
        decision = session.may(
            Permission.RECORDINGS_LISTEN,
            owner=recording.agent,
            team=team.team if team else None,
        )
        return recording if decision.allowed else None

    def people(self) -> list[Member]:
        """Return the colleagues whose entries can be asked for; nobody without the right."""
        if not self._may_look():
            return []
        return sorted(self._session.vault.policy.members, key=lambda m: m.name.casefold())

    def _writers(self) -> AuditFiles:
        if self._files is None:
            raise InvalidInput("Nothing was exported.", "This program writes no files.")
        return self._files

    def export(self, destination: Path, writer: BundleWriter | None = None) -> Path:
        """Write the whole log, this export included, as a bundle without personal detail.

        Raises Refused, InvalidInput, StorageFailed.
        """
        job = self.begin_bundle(destination, writer)
        while not job.step():
            continue
        return destination

    def begin_bundle(self, destination: Path, writer: BundleWriter | None = None) -> BundleExport:
        """Begin to write the whole log, this export included, as a bundle. Raises Refused."""
        writer = writer or self._writers().bundles
        draft = self._session.permit(
            Permission.AUDIT_READ, Action.AUDIT_EXPORTED, DataCategory.AUDIT
        )
        vault = self._session.vault
        vault.append_audit(draft)
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
        return BundleExport(vault, writer, destination, replace(draft, result=Result.FAILED))
