"""Contacts from files: looked through first, then taken in by batches that can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from softphone.app.bus import Bus
from softphone.app.import_rows import Read, parts_of, read_row
from softphone.app.ports import ContactFiles, ContactSource, SourceRow
from softphone.app.session import Session
from softphone.domain.audit import Action, DataCategory
from softphone.domain.consent import Consent, ConsentChange, ConsentSource, LegalBasis
from softphone.domain.contact import Contact, ContactKind, Note
from softphone.domain.contact_import import (
    ImportReport,
    ImportRun,
    OnDuplicate,
    Outcome,
    RowReport,
    RunState,
    Target,
    Undone,
    guess_target,
)
from softphone.domain.duplicates import folded
from softphone.domain.errors import Cancelled, InvalidInput
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import ContactId, NoteId, new_id
from softphone.domain.permissions import Permission

BATCH = 200
_MOST_REMEMBERED = 200_000
_CHANGED = frozenset({"contacts", "calls", "recordings", "notes", "audit"})
OnPart = Callable[[float], bool]
"""How much is done, 0 to 1; returns whether to go on."""


def guess_mapping(source: ContactSource) -> tuple[Target, ...]:
    """Return what the columns hold most likely; empty for cards, which say it themselves."""
    return tuple(guess_target(title) for title in source.columns)


class RowJudge:
    """Decides what becomes of each row; knows the rows before it that are not saved yet."""

    def __init__(
        self,
        session: Session,
        mapping: Sequence[Target],
        on_duplicate: OnDuplicate,
        decisions: Mapping[int, OnDuplicate],
    ) -> None:
        self._session = session
        self._mapping = mapping
        self._on_duplicate = on_duplicate
        self._decisions = decisions
        self._fresh: dict[tuple[str, str], Contact] = {}

    def judge(self, row: SourceRow) -> tuple[RowReport, Read | None]:
        """Return what is to be said of a row, and what is to be saved (None for nothing)."""
        if row.problem:
            return RowReport(row.row, Outcome.FAILED, row.problem), None
        try:
            read = read_row(parts_of(row, self._mapping), self._session.vault.policy.default_region)
        except InvalidInput as error:
            return RowReport(row.row, Outcome.FAILED, error.why), None
        contact = read.contact
        known = self._known(contact)
        if known is None:
            self._remember(contact)
            read.contact = self._linked(replace(contact, created_at=self._session.clock.now()))
            return RowReport(row.row, Outcome.CREATED, self._remark(row, read), contact.name), read
        choice = self._decisions.get(row.row, self._on_duplicate)
        outcome = {
            OnDuplicate.SKIP: Outcome.SKIPPED,
            OnDuplicate.UPDATE: Outcome.UPDATED,
            OnDuplicate.ASK: Outcome.UNDECIDED,
        }[choice]
        what = "A contact with this number or e-mail and a similar name is there already."
        if choice is not OnDuplicate.ASK:
            what = row.remark
        report = RowReport(row.row, outcome, what, contact.name, known.name)
        if choice is not OnDuplicate.UPDATE:
            return report, None
        read.contact = self._linked(updated(known, contact))
        self._remember(read.contact)
        return report, read

    def saved(self) -> None:
        """The rows so far are in the vault."""
        self._fresh.clear()

    def _known(self, contact: Contact) -> Contact | None:
        for key in self._keys(contact):
            if key in self._fresh:
                return self._fresh[key]
        directory = self._session.vault.directory
        if contact.kind is ContactKind.COMPANY:
            company = directory.company(contact.name)
            if company is not None:
                return company
        return directory.alike(contact.numbers, contact.emails, contact.name)

    def _remember(self, contact: Contact) -> None:
        if len(self._fresh) > _MOST_REMEMBERED:
            self._fresh.clear()
        for key in self._keys(contact):
            self._fresh[key] = contact

    @staticmethod
    def _keys(contact: Contact) -> list[tuple[str, str]]:
        name = folded(contact.name)
        shared = [*contact.numbers, *(e.casefold() for e in contact.emails)]
        if contact.kind is ContactKind.COMPANY:
            shared.append(contact.kind.value)
        return [(value, name) for value in shared]

    def _linked(self, contact: Contact) -> Contact:
        if contact.kind is ContactKind.COMPANY or not contact.company:
            return contact
        company = self._session.vault.directory.company(contact.company)
        return replace(contact, employer=company.id if company else None)

    def _remark(self, row: SourceRow, read: Read) -> str:
        if row.remark:
            return row.remark
        shared = self._session.vault.directory.shared(read.contact.numbers)
        return "Shares a number with another contact." if shared else ""


def updated(known: Contact, new: Contact) -> Contact:
    """Return a known contact with what a file says of it: the file's words win, nothing is lost."""
    together = known.with_numbers((*known.labelled, *new.labelled)).with_emails(
        (*known.emails, *new.emails)
    )
    return replace(
        together,
        name=new.name,
        company=new.company or known.company,
        language=new.language or known.language,
        tags=tuple(dict.fromkeys((*known.tags, *new.tags))),
    )


class CheckRunner:
    """A dry run under way: :meth:`step` until it says that it is over."""

    def __init__(self, source: ContactSource, judge: RowJudge) -> None:
        self._source = source
        self._judge = judge
        self._rows: Iterator[SourceRow] = source.rows()
        self.report = ImportReport(dry=True)

    @property
    def done(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return self._source.done

    def step(self) -> bool:
        """Look at one batch; returns whether there is more. Raises InvalidInput (too many)."""
        batch = list(islice(self._rows, BATCH))
        for row in batch:
            said, _ = self._judge.judge(row)
            self.report.add(said)
        return len(batch) == BATCH


class ImportRunner:
    """A run under way: :meth:`step` until it says that it is over, then :meth:`finish`.

    Everything runs on the vault's thread, one batch at a time, so that calls are not kept waiting.
    """

    def __init__(
        self, session: Session, bus: Bus, source: ContactSource, judge: RowJudge, run: ImportRun
    ) -> None:
        self._session = session
        self._bus = bus
        self._source = source
        self._judge = judge
        self._run = run
        self._rows: Iterator[SourceRow] = source.rows()
        self.report = ImportReport(dry=False, run=run.id)

    @property
    def done(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return self._source.done

    def step(self) -> bool:
        """Take one batch in; returns whether there is more. Raises InvalidInput, StorageFailed."""
        batch = list(islice(self._rows, BATCH))
        new: list[Contact] = []
        changed: dict[ContactId, Contact] = {}
        notes: list[Note] = []
        consents: list[Consent] = []
        for row in batch:
            report, read = self._judge.judge(row)
            self.report.add(report)
            if read is None:
                continue
            contact = read.contact
            if report.outcome is Outcome.CREATED:
                new.append(contact)
            else:
                changed[contact.id] = contact
            notes += [self._note(contact.id, text) for text in read.notes]
            consents += [self._consent(contact.id, p, at) for p, at in read.consents.items()]
        if new or changed:
            self._session.vault.directory.put_batch(
                self._run.id, new, tuple(changed.values()), notes, consents
            )
        self._judge.saved()
        return len(batch) == BATCH

    def finish(self) -> ImportReport:
        """Close the run and say what it did."""
        counts = {outcome.value: str(n) for outcome, n in self.report.counts.items()}
        draft = self._session.draft(
            Action.CONTACTS_IMPORTED, DataCategory.CONTACT, self._run.id, detail=counts
        )
        self._session.vault.directory.finish_import(self._run.id, draft)
        self._source.close()
        self._bus.publish(HistoryChanged(_CHANGED))
        return self.report

    def cancel(self) -> Undone:
        """Undo what was taken in so far."""
        self._source.close()
        draft = self._session.draft(Action.IMPORT_UNDONE, DataCategory.CONTACT, self._run.id)
        undone = self._session.vault.directory.undo_import(self._run.id, draft)
        self._bus.publish(HistoryChanged(_CHANGED))
        return undone

    def _note(self, contact: ContactId, text: str) -> Note:
        member = self._session.vault.user
        now = self._run.at
        return Note(NoteId(new_id()), member.id, member.name, now, text, contact=contact)

    def _consent(self, contact: ContactId, purpose: str, at: datetime | None) -> Consent:
        member = self._session.vault.user
        return Consent(
            new_id(),
            contact,
            purpose,
            ConsentChange.GIVEN,
            LegalBasis.CONSENT,
            ConsentSource.IMPORT,
            at or self._run.at,
            member.id,
            member.name,
        )


class Importing:
    """Use cases of the import; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus, files: ContactFiles | None = None) -> None:
        self._session = session
        self._bus = bus
        self._files = files

    def open(self, path: Path) -> ContactSource:
        """Open a file to look at it; the caller closes it. Raises InvalidInput, StorageFailed."""
        if self._files is None:
            raise InvalidInput("Nothing was imported.", "This program reads no files.")
        return self._files.open(path)

    def begin_check(
        self, source: ContactSource, mapping: Sequence[Target], on_duplicate: OnDuplicate
    ) -> CheckRunner:
        """Begin to say what an import would do, batch by batch. Raises Refused."""
        self._session.permit(Permission.CONTACTS_EDIT, Action.IMPORT_BEGUN, DataCategory.CONTACT)
        return CheckRunner(source, RowJudge(self._session, mapping, on_duplicate, {}))

    def check(
        self,
        source: ContactSource,
        mapping: Sequence[Target],
        on_duplicate: OnDuplicate,
        on_part: OnPart = lambda _done: True,
    ) -> ImportReport:
        """Say what an import would do, without doing it. Raises Refused, InvalidInput, Cancelled.

        Rows that repeat one another are told from the first occurrence, some 100,000 rows back.
        """
        runner = self.begin_check(source, mapping, on_duplicate)
        while runner.step():
            if not on_part(runner.done):
                raise Cancelled("The check was cancelled.")
        return runner.report

    def begin(
        self,
        source: ContactSource,
        mapping: Sequence[Target],
        on_duplicate: OnDuplicate,
        decisions: Mapping[int, OnDuplicate] | None = None,
    ) -> ImportRunner:
        """Open a run. Raises Refused."""
        run = new_id()
        draft = self._session.permit(
            Permission.CONTACTS_EDIT,
            Action.IMPORT_BEGUN,
            DataCategory.CONTACT,
            run,
            detail={"format": source.format, "duplicates": on_duplicate.value},
        )
        vault = self._session.vault
        begun = ImportRun(
            run, self._session.clock.now(), vault.user.name, source.format, RunState.RUNNING
        )
        vault.directory.begin_import(begun, draft)
        judge = RowJudge(self._session, mapping, on_duplicate, decisions or {})
        return ImportRunner(self._session, self._bus, source, judge, begun)

    def run(
        self,
        source: ContactSource,
        mapping: Sequence[Target],
        on_duplicate: OnDuplicate,
        on_part: OnPart = lambda _done: True,
    ) -> ImportReport:
        """Import in one go; a failure or a cancelled run leaves nothing. Raises as the parts do."""
        runner = self.begin(source, mapping, on_duplicate)
        try:
            while runner.step():
                if not on_part(runner.done):
                    raise Cancelled("The import was cancelled.", "Nothing of it was kept.")
        except BaseException:
            runner.cancel()
            raise
        return runner.finish()

    def undo(self, run: str) -> Undone:
        """Undo a finished run; contacts that were changed since stay. Raises Refused, NotFound."""
        draft = self._session.permit(
            Permission.CONTACTS_EDIT, Action.IMPORT_UNDONE, DataCategory.CONTACT, run
        )
        undone = self._session.vault.directory.undo_import(run, draft)
        self._bus.publish(HistoryChanged(_CHANGED))
        return undone

    def runs(self, limit: int = 20) -> list[ImportRun]:
        """Return runs, newest first; they name nobody's data."""
        return list(self._session.vault.directory.import_runs(limit))
