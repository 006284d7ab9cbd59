"""What more the vault does with contacts: likeness, merging, imports, reading all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from softphone.app.ports.consent import ConsentStore, DoNotCall, Informing
from softphone.domain.audit import AuditDraft
from softphone.domain.consent import Consent
from softphone.domain.contact import Contact, Note
from softphone.domain.contact_import import ImportRun, Undone
from softphone.domain.duplicates import Duplicate
from softphone.domain.ids import ContactId


class Directory(Protocol):
    """The contacts as a whole. Confined to the vault's thread."""

    def sharing(self, number: str) -> Sequence[Contact]:
        """Return all contacts with a number, newest first."""
        ...

    def shared(self, numbers: Sequence[str]) -> bool:
        """Whether a contact has one of these numbers, in their one spelling."""
        ...

    def alike(self, numbers: Sequence[str], emails: Sequence[str], name: str) -> Contact | None:
        """Return the contact that has one of these numbers or addresses and a similar name."""
        ...

    def company(self, name: str) -> Contact | None:
        """Return the company of this name, however it is written."""
        ...

    def staff(self, company: ContactId) -> Sequence[Contact]:
        """Return the people of a company, by name."""
        ...

    def last_activity(self, contact: ContactId) -> datetime | None:
        """Return when there was last a call or a note, or when the contact was added (UTC)."""
        ...

    def every(self) -> Iterator[tuple[Contact, Sequence[Note]]]:
        """Return all contacts with their own notes, in pages; the vault may change meanwhile."""
        ...

    def count(self) -> int:
        """Return how many contacts there are."""
        ...

    def duplicates(self, limit: int) -> Sequence[Duplicate]:
        """Return pairs that may be one contact: same number, same e-mail, similar name."""
        ...

    def merge(self, kept: Contact, other: ContactId, draft: AuditDraft) -> str:
        """Save ``kept`` and give it everything of ``other``, which goes; returns the merge's id.

        Raises NotFound.
        """
        ...

    def undo_merge(self, merge: str, draft: AuditDraft) -> tuple[ContactId, ContactId]:
        """Take a merge apart; what came later stays with the contact that was kept.

        Raises NotFound, when it was undone or the contact erased.
        """
        ...

    def merges(self, contact: ContactId) -> Sequence[tuple[str, datetime]]:
        """Return the merges into a contact that can be undone, newest first."""
        ...

    def begin_import(self, run: ImportRun, draft: AuditDraft) -> None:
        """Open a run; it is undone at the next sign-in unless it is finished."""
        ...

    def put_batch(
        self,
        run: str,
        new: Sequence[Contact],
        changed: Sequence[Contact],
        notes: Sequence[Note],
        consents: Sequence[Consent] = (),
    ) -> None:
        """Save contacts of a run in one transaction, so that it can be undone."""
        ...

    def finish_import(self, run: str, draft: AuditDraft) -> ImportRun:
        """Close a run. Raises NotFound."""
        ...

    def undo_import(self, run: str, draft: AuditDraft) -> Undone:
        """Remove what a run made and bring back what it changed. Raises NotFound."""
        ...

    def import_runs(self, limit: int) -> Sequence[ImportRun]:
        """Return runs, newest first."""
        ...


class ContactTopics(Protocol):
    """What a vault keeps of contacts besides themselves, by topic."""

    @property
    def directory(self) -> Directory:
        """The contacts as a whole."""
        ...

    @property
    def consents(self) -> ConsentStore:
        """Legal bases by contact and purpose."""
        ...

    @property
    def informing(self) -> Informing:
        """What people are told, and who was."""
        ...

    @property
    def do_not_call(self) -> DoNotCall:
        """Numbers that must not be called for marketing."""
        ...
