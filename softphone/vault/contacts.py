"""Contacts and their numbers; calls and recordings of those numbers are linked to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from softphone.domain.audit import AuditDraft
from softphone.domain.contact import Contact
from softphone.domain.errors import NotFound
from softphone.domain.ids import ContactId
from softphone.vault.core import Core
from softphone.vault.restricted_headers import is_restricted, seal_restricted
from softphone.vault.search import match, number_words
from softphone.vault.subjects import Subjects
from softphone.vault.times import optional_micros, optional_time

_COLUMNS = "k.id, k.name, k.company, k.email, k.language, k.created_at"


class ContactStore:
    """The contacts of the vault."""

    def __init__(self, core: Core, subjects: Subjects) -> None:
        self._core = core
        self._subjects = subjects

    def save(self, contact: Contact, draft: AuditDraft) -> None:
        """Add or replace a contact and link what its numbers did. Raises NotFound once erased."""
        numbers = tuple(dict.fromkeys(self._subjects.number(n) for n in contact.numbers))
        with self._core.deeds.deed(draft) as connection:
            self._refuse_erased(contact.id)
            connection.execute(
                "INSERT INTO contacts (id, name, company, email, language, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
                " company = excluded.company, email = excluded.email,"
                " language = excluded.language, created_at = excluded.created_at",
                (
                    contact.id,
                    contact.name,
                    contact.company,
                    contact.email,
                    contact.language,
                    optional_micros(contact.created_at),
                ),
            )
            connection.execute("DELETE FROM contact_numbers WHERE contact_id = ?", (contact.id,))
            connection.executemany(
                "INSERT INTO contact_numbers VALUES (?, ?, ?)",
                [(contact.id, position, number) for position, number in enumerate(numbers)],
            )
            self._index(contact, numbers)
            self._relink("calls", contact.id, numbers)
            self._relink("recordings", contact.id, numbers)
            if is_restricted(self._core, contact.id):
                seal_restricted(self._core, contact.id)

    def get(self, contact: ContactId) -> Contact:
        """Return one contact. Raises NotFound."""
        found = self._select("WHERE k.id = ? AND k.restricted = 0", (contact,))
        if not found:
            raise NotFound("The contact does not exist.", "It was erased or never saved.")
        return found[0]

    def find(self, number: str) -> Contact | None:
        """Return the newest contact with a number."""
        found = self._select(
            "JOIN contact_numbers m ON m.contact_id = k.id WHERE m.number = ?"
            " AND k.restricted = 0 ORDER BY k.n DESC LIMIT 1",
            (self._subjects.number(number),),
        )
        return found[0] if found else None

    def page(self, text: str, limit: int, offset: int) -> Sequence[Contact]:
        """Return contacts by name."""
        wanted = match(text)
        if wanted is None and text.strip():
            return []
        if wanted is None:
            return self._select(
                "WHERE k.restricted = 0 ORDER BY k.name COLLATE NOCASE, k.n LIMIT ? OFFSET ?",
                (limit, offset),
            )
        return self._select(
            "WHERE k.n IN (SELECT rowid FROM contacts_fts WHERE contacts_fts MATCH ?)"
            " AND k.restricted = 0 ORDER BY k.name COLLATE NOCASE, k.n LIMIT ? OFFSET ?",
            (wanted, limit, offset),
        )

    def numbers(self, contact: ContactId) -> tuple[str, ...]:
        """Return a contact's numbers in order, also while it is restricted."""
        rows = self._core.connection.execute(
            "SELECT number FROM contact_numbers WHERE contact_id = ? ORDER BY position", (contact,)
        )
        return tuple(number for (number,) in rows)

    def _select(self, where: str, values: Iterable[Any]) -> list[Contact]:
        rows = self._core.connection.execute(
            f"SELECT {_COLUMNS} FROM contacts k {where}",  # noqa: S608 - constants of this module
            tuple(values),
        ).fetchall()
        return [
            Contact(
                ContactId(row[0]),
                row[1],
                self.numbers(ContactId(row[0])),
                row[2],
                row[3],
                row[4],
                optional_time(row[5]),
            )
            for row in rows
        ]

    def _index(self, contact: Contact, numbers: tuple[str, ...]) -> None:
        connection = self._core.connection
        row = connection.execute("SELECT n FROM contacts WHERE id = ?", (contact.id,)).fetchone()
        words = " ".join(
            (contact.name, contact.company, contact.email, *map(number_words, numbers))
        )
        connection.execute("DELETE FROM contacts_fts WHERE rowid = ?", row)
        connection.execute("INSERT INTO contacts_fts (rowid, words) VALUES (?, ?)", (row[0], words))

    def _relink(self, table: str, contact: ContactId, numbers: tuple[str, ...]) -> None:
        connection = self._core.connection
        marks = ",".join("?" * len(numbers))
        touched = connection.execute(
            f"SELECT n FROM {table} WHERE contact_id = ? OR number IN ({marks})",  # noqa: S608
            (contact, *numbers),
        ).fetchall()
        connection.execute(
            f"UPDATE {table} SET contact_id = NULL WHERE contact_id = ?"  # noqa: S608
            f" AND number NOT IN ({marks})",
            (contact, *numbers),
        )
        connection.execute(
            f"UPDATE {table} SET contact_id = ? WHERE number IN ({marks})",  # noqa: S608
            (contact, *numbers),
        )
        for (n,) in touched:
            INDEXERS[table](self._core, int(n))

    def _refuse_erased(self, contact: ContactId) -> None:
        gone = self._core.connection.execute(
            "SELECT 1 FROM erased_objects WHERE id = ?", (contact,)
        ).fetchone()
        if gone:
            raise NotFound("The contact was not saved.", "It was erased.", "Add it as a new one.")


def index_call(core: Core, n: int) -> None:
    """Write a call's words to the index anew. Within the caller's transaction."""
    row = core.connection.execute(
        "SELECT coalesce(k.name, c.shown_name), coalesce(k.company, ''), c.number"
        " FROM calls c LEFT JOIN contacts k ON k.id = c.contact_id WHERE c.n = ?",
        (n,),
    ).fetchone()
    words = f"{row[0]} {row[1]} {number_words(row[2])}"
    core.connection.execute("DELETE FROM calls_fts WHERE rowid = ?", (n,))
    core.connection.execute("INSERT INTO calls_fts (rowid, words) VALUES (?, ?)", (n, words))


def index_recording(core: Core, n: int) -> None:
    """Write a recording's words to the index anew. Within the caller's transaction."""
    row = core.connection.execute(
        "SELECT coalesce(k.name, ''), coalesce(k.company, ''), r.number, r.agent"
        " FROM recordings r LEFT JOIN contacts k ON k.id = r.contact_id WHERE r.n = ?",
        (n,),
    ).fetchone()
    words = f"{row[0]} {row[1]} {number_words(row[2])} {core.member_name(row[3])}"
    core.connection.execute("DELETE FROM recordings_fts WHERE rowid = ?", (n,))
    core.connection.execute("INSERT INTO recordings_fts (rowid, words) VALUES (?, ?)", (n, words))


INDEXERS = {"calls": index_call, "recordings": index_recording}
