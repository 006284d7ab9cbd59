"""Contacts as a whole: who shares a number, who may be one person, merging, handing out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from softphone.app.bus import Bus
from softphone.app.people import People
from softphone.app.ports import ContactFiles, ContactFormat, Delivery
from softphone.app.session import Session
from softphone.domain.audit import Action, DataCategory
from softphone.domain.consent import Consent, Informed
from softphone.domain.contact import Contact, ContactKind, Note
from softphone.domain.duplicates import Duplicate, merged
from softphone.domain.errors import Cancelled, InvalidInput
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import ContactId
from softphone.domain.passwords import check_password
from softphone.domain.permissions import Permission

_EVERY = 200
"""Contacts between two looks at whether to go on."""
_CHANGED = frozenset({"contacts", "calls", "recordings", "notes", "audit"})
OnContact = Callable[[int, int], bool]
"""Contacts done and in all; returns whether to go on."""


@dataclass(frozen=True, slots=True)
class ContactView:
    """One contact with what belongs to them, as their card shows it."""

    contact: Contact
    notes: Sequence[Note]
    last_activity: datetime | None
    consents: Sequence[Consent]
    informed: Sequence[Informed]
    staff: Sequence[Contact]
    sharing: Sequence[Contact]
    """Other contacts that have one of the same numbers."""
    do_not_call: tuple[str, ...]
    merges: Sequence[tuple[str, datetime]]
    colleague: bool
    """Whether a person of this name is also signed in here: their own rows stay apart."""


class Contacts:
    """Use cases around all contacts; runs on the vault's thread."""

    def __init__(
        self,
        session: Session,
        people: People,
        bus: Bus,
        files: ContactFiles | None = None,
        delivery: Delivery | None = None,
    ) -> None:
        self._session = session
        self._people = people
        self._bus = bus
        self._files = files
        self._delivery = delivery

    def open(self, contact: ContactId, *, again: bool = False) -> ContactView:
        """Return a contact with all that belongs to them; logged as read.

        Raises Refused, NotFound.
        """
        found, notes = self._people.open(contact, again=again)
        vault = self._session.vault
        others = {
            one.id: one
            for number in found.numbers
            for one in vault.directory.sharing(number)
            if one.id != contact
        }
        company = found.kind is ContactKind.COMPANY
        return ContactView(
            found,
            notes,
            vault.directory.last_activity(contact),
            vault.consents.history(contact),
            vault.informing.of_contact(contact),
            vault.directory.staff(contact) if company else (),
            tuple(others.values()),
            vault.do_not_call.on_lists(found.numbers),
            vault.directory.merges(contact),
            any(m.name.casefold() == found.name.casefold() for m in vault.policy.members),
        )

    def sharing(self, number: str) -> list[Contact]:
        """Return the contacts that have a number, newest first; none without the right."""
        if not self._may_look():
            return []
        return list(self._session.vault.directory.sharing(number))

    def duplicates(self, limit: int = 100) -> list[Duplicate]:
        """Return pairs of contacts that may be one; none without the right."""
        if not self._may_look():
            return []
        return list(self._session.vault.directory.duplicates(limit))

    def preview(self, kept: ContactId, other: ContactId) -> Contact:
        """Return what a merge would keep. Raises Refused, NotFound, InvalidInput."""
        self._session.permit(
            Permission.CONTACTS_EDIT, Action.CONTACTS_MERGED, DataCategory.CONTACT, kept
        )
        return self._merged(kept, other)

    def merge(self, kept: ContactId, other: ContactId) -> str:
        """Make one contact of two; returns what undoes it. Raises Refused, NotFound."""
        draft = self._session.permit(
            Permission.CONTACTS_EDIT,
            Action.CONTACTS_MERGED,
            DataCategory.CONTACT,
            kept,
            detail={"other": other},
        )
        merge = self._session.vault.directory.merge(self._merged(kept, other), other, draft)
        self._bus.publish(HistoryChanged(_CHANGED))
        return merge

    def undo_merge(self, merge: str) -> tuple[ContactId, ContactId]:
        """Make two contacts of one again. Raises Refused, NotFound."""
        draft = self._session.permit(
            Permission.CONTACTS_EDIT, Action.CONTACTS_UNMERGED, DataCategory.CONTACT, merge
        )
        two = self._session.vault.directory.undo_merge(merge, draft)
        self._bus.publish(HistoryChanged(_CHANGED))
        return two

    def export(
        self,
        destination: Path,
        form: ContactFormat,
        passphrase: str = "",
        on_contact: OnContact = lambda _done, _all: True,
    ) -> int:
        """Write all contacts with their notes into a file; returns how many.

        Raises Refused, InvalidInput (a weak passphrase), StorageFailed, Cancelled.
        """
        draft = self._session.permit(
            Permission.CONTACTS_EXPORT,
            Action.CONTACTS_EXPORTED,
            DataCategory.CONTACT,
            detail={"format": form.value, "sealed": "yes" if passphrase else "no"},
        )
        files, delivery = self._tools()
        if passphrase:
            check_password(passphrase, (self._session.vault.user.name,))
        vault = self._session.vault
        # Written first: what is handed out is logged even if the file is lost afterwards.
        vault.append_audit(draft)
        total = vault.directory.count()

        def taken() -> Iterator[tuple[Contact, Sequence[Note]]]:
            for done, pair in enumerate(vault.directory.every()):
                if done % _EVERY == 0 and not on_contact(done, total):
                    raise Cancelled("The export was cancelled.")
                yield pair

        with delivery.open(destination, passphrase) as file:
            count = files.write(taken(), form, file)
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
        return count

    def _tools(self) -> tuple[ContactFiles, Delivery]:
        if self._files is None or self._delivery is None:
            raise InvalidInput("Nothing was exported.", "This program writes no files.")
        return self._files, self._delivery

    def _merged(self, kept: ContactId, other: ContactId) -> Contact:
        if kept == other:
            raise InvalidInput(
                "Nothing was merged.", "Both are the same contact.", "Choose another one."
            )
        vault = self._session.vault
        return merged(vault.contact(kept), vault.contact(other))

    def _may_look(self) -> bool:
        return self._session.look(Permission.CONTACTS_READ, Action.LIST_READ, DataCategory.CONTACT)
