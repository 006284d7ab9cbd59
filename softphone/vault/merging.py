"""Two contacts become one, and two again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from softphone.domain.audit import AuditDraft
from softphone.domain.contact import Contact
from softphone.domain.errors import NotFound, Refused
from softphone.domain.ids import ContactId, new_id
from softphone.vault.contacts import ContactStore, remove_contact
from softphone.vault.core import Core
from softphone.vault.times import from_micros, to_micros

_OWNED = ("notes", "consents", "informed", "privacy_requests")
"""Tables whose rows belong to a contact and go with it to another one."""


class _Before(msgspec.Struct, frozen=True):
    kept: Contact
    other: Contact
    moved: dict[str, list[str]]
    staff: list[str]


class Merging:
    """Merges contacts. What is needed to take a merge apart lies beside the contact that is kept
    and is erased with it."""

    def __init__(self, core: Core, contacts: ContactStore) -> None:
        self._core = core
        self._contacts = contacts

    def merge(self, kept: Contact, other: ContactId, draft: AuditDraft) -> str:
        """Save ``kept``, give it what the other one owns, remove the other.

        Raises NotFound, Refused (one of them is restricted).
        """
        before = self._contacts.get(kept.id)
        gone = self._contacts.get(other)
        self._refuse_restricted(kept.id, other)
        merge = new_id()
        with self._core.deeds.deed(draft) as connection:
            moved = {table: self._move(table, other, kept.id) for table in _OWNED}
            staff = [
                row[0]
                for row in connection.execute(
                    "UPDATE contacts SET employer = ? WHERE employer = ? RETURNING id",
                    (kept.id, other),
                ).fetchall()
            ]
            # What a rectification replaced stays with the one contact, also after an undo.
            connection.execute(
                "UPDATE rectifications SET contact_id = ? WHERE contact_id = ?", (kept.id, other)
            )
            connection.execute(
                "UPDATE contact_merges SET kept = ? WHERE kept = ?", (kept.id, other)
            )
            remove_contact(self._core, other)
            self._contacts.put(kept)
            connection.execute(
                "INSERT INTO contact_merges VALUES (?, ?, ?, ?, ?)",
                (
                    merge,
                    to_micros(self._core.clock.now()),
                    kept.id,
                    other,
                    msgspec.json.encode(_Before(before, gone, moved, staff)),
                ),
            )
        return merge

    def undo(self, merge: str, draft: AuditDraft) -> tuple[ContactId, ContactId]:
        """Take a merge apart. Raises NotFound."""
        row = self._core.connection.execute(
            "SELECT kept, before FROM contact_merges WHERE id = ?", (merge,)
        ).fetchone()
        if row is None:
            raise NotFound(
                "The merge was not undone.", "It was undone before, or the contact was erased."
            )
        kept, before = ContactId(row[0]), msgspec.json.decode(row[1], type=_Before)
        now = self._contacts.get(kept)
        with self._core.deeds.deed(draft) as connection:
            self._contacts.put(_without(now, before))
            self._contacts.put(before.other)
            for table, ids in before.moved.items():
                connection.executemany(
                    f"UPDATE {table} SET contact_id = ? WHERE id = ?",  # noqa: S608 - see _OWNED
                    [(before.other.id, name) for name in ids],
                )
            connection.executemany(
                "UPDATE contacts SET employer = ? WHERE id = ?",
                [(before.other.id, name) for name in before.staff],
            )
            connection.execute("DELETE FROM contact_merges WHERE id = ?", (merge,))
        return kept, before.other.id

    def of(self, contact: ContactId) -> Sequence[tuple[str, datetime]]:
        """Return the merges into a contact, newest first."""
        rows = self._core.connection.execute(
            "SELECT id, at FROM contact_merges WHERE kept = ? ORDER BY at DESC", (contact,)
        ).fetchall()
        return [(row[0], from_micros(row[1])) for row in rows]

    def _refuse_restricted(self, *contacts: ContactId) -> None:
        """A restriction or a legal hold is about one person: it must not spread or be lost."""
        for contact in contacts:
            row = self._core.connection.execute(
                "SELECT 1 FROM restrictions WHERE contact_id = ?", (contact,)
            ).fetchone()
            if row is not None:
                raise Refused(
                    "The contacts were not merged.",
                    "One of them is restricted or under a legal hold.",
                    "Lift it first, on the privacy page.",
                )

    def _move(self, table: str, other: ContactId, kept: ContactId) -> list[str]:
        rows = self._core.connection.execute(
            f"UPDATE {table} SET contact_id = ? WHERE contact_id = ? RETURNING id",  # noqa: S608
            (kept, other),
        ).fetchall()
        return [row[0] for row in rows]


def _without(now: Contact, before: _Before) -> Contact:
    """Return the kept contact without what came from the other; later additions stay."""
    came = set(before.other.numbers) - set(before.kept.numbers)
    letters = {e.casefold() for e in before.other.emails}
    letters -= {e.casefold() for e in before.kept.emails}
    tags = set(before.other.tags) - set(before.kept.tags)
    left = now.with_numbers([pair for pair in now.labelled if pair[0] not in came])
    left = left.with_emails([e for e in now.emails if e.casefold() not in letters])
    kept, other = before.kept, before.other
    return replace(
        left,
        tags=tuple(tag for tag in left.tags if tag not in tags),
        company=kept.company if now.company == (kept.company or other.company) else now.company,
        employer=kept.employer
        if now.employer == (kept.employer or other.employer)
        else now.employer,
        language=kept.language
        if now.language == (kept.language or other.language)
        else now.language,
        created_at=kept.created_at,
    )
