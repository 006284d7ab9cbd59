"""The contacts as a whole (``Directory`` of app.ports)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from softphone.domain.audit import AuditDraft
from softphone.domain.consent import Consent
from softphone.domain.contact import Contact, Note
from softphone.domain.contact_import import ImportRun, Undone
from softphone.domain.duplicates import Duplicate
from softphone.domain.ids import ContactId
from softphone.vault.alike import Alikes
from softphone.vault.contacts import ContactStore
from softphone.vault.core import Core
from softphone.vault.import_runs import ImportRuns
from softphone.vault.merging import Merging
from softphone.vault.notes import NoteStore
from softphone.vault.times import optional_time

_PAGE = 500


class ContactDirectory:
    """Likeness, merging, imports, reading all of them."""

    def __init__(self, core: Core, contacts: ContactStore, notes: NoteStore) -> None:
        self._core = core
        self._contacts = contacts
        self._notes = notes
        self._alikes = Alikes(core, contacts)
        self._merging = Merging(core, contacts)
        self.runs = ImportRuns(core, contacts)

    def sharing(self, number: str) -> Sequence[Contact]:
        """Return all contacts with a number, newest first."""
        return self._contacts.sharing(number)

    def shared(self, numbers: Sequence[str]) -> bool:
        """Whether a contact has one of these numbers, in their one spelling."""
        query = self._core.connection.execute
        return any(
            query("SELECT 1 FROM contact_numbers WHERE number = ? LIMIT 1", (number,)).fetchone()
            for number in numbers
        )

    def alike(self, numbers: Sequence[str], emails: Sequence[str], name: str) -> Contact | None:
        """Return the contact that has one of these numbers or addresses and a similar name."""
        return self._alikes.one(numbers, emails, name)

    def company(self, name: str) -> Contact | None:
        """Return the company of this name, however it is written."""
        return self._alikes.company(name)

    def staff(self, company: ContactId) -> Sequence[Contact]:
        """Return the people of a company, by name."""
        return self._contacts.select(
            "WHERE k.employer = ? AND k.restricted = 0 ORDER BY k.name COLLATE NOCASE", (company,)
        )

    def last_activity(self, contact: ContactId) -> datetime | None:
        """Return when there was last a call or a note, or when the contact was added."""
        row = self._core.connection.execute(
            "SELECT max(t) FROM (SELECT max(started_at) t FROM calls WHERE contact_id = :id"
            " UNION ALL SELECT max(written_at) FROM notes WHERE contact_id = :id"
            " UNION ALL SELECT created_at FROM contacts WHERE id = :id)",
            {"id": contact},
        ).fetchone()
        return optional_time(row[0])

    def every(self) -> Iterator[tuple[Contact, Sequence[Note]]]:
        """Return all contacts with their own notes, in pages."""
        last = 0
        while rows := self._core.connection.execute(
            "SELECT n, id FROM contacts WHERE n > ? AND restricted = 0 ORDER BY n LIMIT ?",
            (last, _PAGE),
        ).fetchall():
            for n, contact in rows:
                last = n
                found = self._contacts.select(
                    "WHERE k.id = ? AND k.restricted = 0", (ContactId(contact),)
                )
                for one in found:
                    yield one, self._notes.own(one.id)

    def count(self) -> int:
        """Return how many contacts there are."""
        row = self._core.connection.execute(
            "SELECT count(*) FROM contacts WHERE restricted = 0"
        ).fetchone()
        return int(row[0])

    def duplicates(self, limit: int) -> Sequence[Duplicate]:
        """Return pairs that may be one contact."""
        return self._alikes.pairs(limit)

    def merge(self, kept: Contact, other: ContactId, draft: AuditDraft) -> str:
        """Save ``kept`` and give it everything of ``other``, which goes. Raises NotFound."""
        return self._merging.merge(kept, other, draft)

    def undo_merge(self, merge: str, draft: AuditDraft) -> tuple[ContactId, ContactId]:
        """Take a merge apart. Raises NotFound."""
        return self._merging.undo(merge, draft)

    def merges(self, contact: ContactId) -> Sequence[tuple[str, datetime]]:
        """Return the merges into a contact that can be undone, newest first."""
        return self._merging.of(contact)

    def begin_import(self, run: ImportRun, draft: AuditDraft) -> None:
        """Open a run."""
        self.runs.begin(run, draft)

    def put_batch(
        self,
        run: str,
        new: Sequence[Contact],
        changed: Sequence[Contact],
        notes: Sequence[Note],
        consents: Sequence[Consent] = (),
    ) -> None:
        """Save contacts of a run in one transaction."""
        self.runs.put(run, new, changed, notes, consents)

    def finish_import(self, run: str, draft: AuditDraft) -> ImportRun:
        """Close a run. Raises NotFound."""
        return self.runs.finish(run, draft)

    def undo_import(self, run: str, draft: AuditDraft) -> Undone:
        """Remove what a run made and bring back what it changed. Raises NotFound."""
        return self.runs.undo(run, draft)

    def import_runs(self, limit: int) -> Sequence[ImportRun]:
        """Return runs, newest first."""
        return self.runs.page(limit)
