"""Contacts and their numbers; calls and recordings of those numbers are linked to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from softphone.domain.audit import AuditDraft
from softphone.domain.contact import Contact, ContactKind, trimmed_labels
from softphone.domain.duplicates import name_key
from softphone.domain.errors import NotFound
from softphone.domain.ids import ContactId
from softphone.vault.core import Core
from softphone.vault.heard import joined
from softphone.vault.restricted_headers import is_restricted, seal_restricted
from softphone.vault.search import match, number_words
from softphone.vault.subjects import Subjects
from softphone.vault.times import optional_micros, optional_time, to_micros

_COLUMNS = "k.id, k.name, k.company, k.email, k.language, k.created_at, k.kind, k.employer, k.tags"
_SAVE = (
    "INSERT INTO contacts (id, name, company, email, language, created_at, kind, employer, tags,"
    " changed_at, name_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
    " company = excluded.company, email = excluded.email,"
    " language = excluded.language, created_at = excluded.created_at,"
    " kind = excluded.kind, employer = excluded.employer, tags = excluded.tags,"
    " changed_at = excluded.changed_at, name_key = excluded.name_key RETURNING n"
)


class ContactStore:
    """The contacts of the vault."""

    def __init__(self, core: Core, subjects: Subjects) -> None:
        self._core = core
        self._subjects = subjects

    def save(self, contact: Contact, draft: AuditDraft) -> None:
        """Add or replace a contact and link what its numbers did. Raises NotFound once erased."""
        with self._core.deeds.deed(draft):
            self.put(contact)

    def put(self, contact: Contact, *, clean: bool = False) -> None:
        """Add or replace a contact within the caller's transaction. Raises NotFound once erased.

        ``clean`` where the numbers have their one spelling already.
        """
        connection = self._core.connection
        if not clean:
            contact = contact.with_numbers(
                [(self._subjects.number(number), label) for number, label in contact.labelled]
            )
        self._refuse_erased(contact.id)
        (n,) = connection.execute(
            _SAVE,
            (
                contact.id,
                contact.name,
                contact.company,
                contact.email,
                contact.language,
                optional_micros(contact.created_at),
                contact.kind.value,
                contact.employer,
                msgspec.json.encode(contact.tags).decode(),
                to_micros(self._core.clock.now()),
                name_key(contact.name),
            ),
        ).fetchone()
        connection.execute("DELETE FROM contact_numbers WHERE contact_id = ?", (contact.id,))
        connection.executemany(
            "INSERT INTO contact_numbers (contact_id, position, number, label) VALUES (?, ?, ?, ?)",
            [
                (contact.id, position, number, label)
                for position, (number, label) in enumerate(contact.labelled)
            ],
        )
        connection.execute("DELETE FROM contact_emails WHERE contact_id = ?", (contact.id,))
        connection.executemany(
            "INSERT INTO contact_emails VALUES (?, ?, ?, ?)",
            [
                (contact.id, position, email, email.casefold())
                for position, email in enumerate(contact.emails)
            ],
        )
        self._index(int(n), contact)
        for table in INDEXERS:
            self._relink(table, contact.id, contact.numbers)
        if is_restricted(self._core, contact.id):
            seal_restricted(self._core, contact.id)

    def get(self, contact: ContactId) -> Contact:
        """Return one contact. Raises NotFound."""
        found = self.select("WHERE k.id = ? AND k.restricted = 0", (contact,))
        if not found:
            raise NotFound("The contact does not exist.", "It was erased or never saved.")
        return found[0]

    def find(self, number: str) -> Contact | None:
        """Return the newest contact with a number."""
        found = self.sharing(number, 1)
        return found[0] if found else None

    def sharing(self, number: str, limit: int = -1) -> list[Contact]:
        """Return the contacts with a number, newest first."""
        return self.select(
            "JOIN contact_numbers m ON m.contact_id = k.id WHERE m.number = ?"
            " AND k.restricted = 0 ORDER BY k.n DESC LIMIT ?",
            (self._subjects.number(number), limit),
        )

    def page(self, text: str, limit: int, offset: int) -> Sequence[Contact]:
        """Return contacts by name."""
        wanted = match(text)
        if wanted is None and text.strip():
            return []
        if wanted is None:
            return self.select(
                "WHERE k.restricted = 0 ORDER BY k.name COLLATE NOCASE, k.n LIMIT ? OFFSET ?",
                (limit, offset),
            )
        return self.select(
            "WHERE k.n IN (SELECT rowid FROM contacts_fts WHERE contacts_fts MATCH ?)"
            " AND k.restricted = 0 ORDER BY k.name COLLATE NOCASE, k.n LIMIT ? OFFSET ?",
            (wanted, limit, offset),
        )

    def select(self, where: str, values: Iterable[Any]) -> list[Contact]:
        """Return contacts by a condition of this package's own modules."""
        rows = self._core.connection.execute(
            f"SELECT {_COLUMNS} FROM contacts k {where}",  # noqa: S608 - constants of this package
            tuple(values),
        ).fetchall()
        return [self._contact(row) for row in rows]

    def _contact(self, row: tuple[Any, ...]) -> Contact:
        query = self._core.connection.execute
        numbers = query(
            "SELECT number, label FROM contact_numbers WHERE contact_id = ? ORDER BY position",
            (row[0],),
        ).fetchall()
        emails = query(
            "SELECT email FROM contact_emails WHERE contact_id = ? AND position > 0"
            " ORDER BY position",
            (row[0],),
        ).fetchall()
        return Contact(
            ContactId(row[0]),
            row[1],
            tuple(number for number, _ in numbers),
            row[2],
            row[3],
            row[4],
            optional_time(row[5]),
            ContactKind(row[6]),
            ContactId(row[7]) if row[7] else None,
            trimmed_labels(tuple(label for _, label in numbers)),
            tuple(email for (email,) in emails),
            msgspec.json.decode(row[8], type=tuple[str, ...]),
        )

    def _index(self, n: int, contact: Contact) -> None:
        connection = self._core.connection
        words = " ".join(
            (
                contact.name,
                contact.company,
                *contact.emails,
                *contact.tags,
                *map(number_words, contact.numbers),
            )
        )
        connection.execute("DELETE FROM contacts_fts WHERE rowid = ?", (n,))
        connection.execute("INSERT INTO contacts_fts (rowid, words) VALUES (?, ?)", (n, words))

    def _relink(self, table: str, contact: ContactId, numbers: tuple[str, ...]) -> None:
        connection = self._core.connection
        marks = ",".join("?" * len(numbers))
        touched = connection.execute(
            f"SELECT n FROM {table} WHERE contact_id = ? OR number IN ({marks})",  # noqa: S608
            (contact, *numbers),
        ).fetchall()
        if not touched:
            return
        connection.execute(
            f"UPDATE {table} SET contact_id = NULL WHERE contact_id = ?"  # noqa: S608
            f" AND number NOT IN ({marks})",
            (contact, *numbers),
        )
        connection.execute(
            f"UPDATE {table} SET contact_id = ? WHERE number IN ({marks})",  # noqa: S608
            (contact, *numbers),
        )
        for (row,) in touched:
            INDEXERS[table](self._core, int(row))

    def _refuse_erased(self, contact: ContactId) -> None:
        gone = self._core.connection.execute(
            "SELECT 1 FROM erased_objects WHERE id = ?", (contact,)
        ).fetchone()
        if gone:
            raise NotFound("The contact was not saved.", "It was erased.", "Add it as a new one.")


def remove_contact(core: Core, contact: ContactId) -> None:
    """Delete a contact and its words; its calls stay under their numbers. Within a transaction."""
    query = core.connection.execute
    touched = {
        table: query(f"SELECT n FROM {table} WHERE contact_id = ?", (contact,)).fetchall()  # noqa: S608
        for table in INDEXERS
    }
    query(
        "DELETE FROM contacts_fts WHERE rowid = (SELECT n FROM contacts WHERE id = ?)", (contact,)
    )
    query("DELETE FROM contacts WHERE id = ?", (contact,))
    for table, rows in touched.items():
        for (n,) in rows:
            INDEXERS[table](core, int(n))


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
    into = core.connection.execute(
        "SELECT r.n FROM calls c JOIN recordings r ON r.id = c.recording_id"
        " WHERE c.n = ? AND c.id <> r.call_id",
        (n,),
    ).fetchone()
    if into is not None:
        index_recording(core, int(into[0]))


def index_recording(core: Core, n: int) -> None:
    """Write a recording's words to the index anew. Within the caller's transaction."""
    row = core.connection.execute(
        "SELECT coalesce(k.name, ''), coalesce(k.company, ''), r.number, r.agent, r.id"
        " FROM recordings r LEFT JOIN contacts k ON k.id = r.contact_id WHERE r.n = ?",
        (n,),
    ).fetchone()
    others = (f"{name} {number_words(number)}" for name, number in joined(core, row[4]))
    words = " ".join((row[0], row[1], number_words(row[2]), core.member_name(row[3]), *others))
    core.connection.execute("DELETE FROM recordings_fts WHERE rowid = ?", (n,))
    core.connection.execute("INSERT INTO recordings_fts (rowid, words) VALUES (?, ?)", (n, words))


def index_heard(core: Core, n: int) -> None:
    """Write the words of the recording anew that somebody came into elsewhere."""
    row = core.connection.execute(
        "SELECT r.n FROM heard_people h JOIN recordings r ON r.id = h.recording_id WHERE h.n = ?",
        (n,),
    ).fetchone()
    index_recording(core, int(row[0]))


INDEXERS = {"calls": index_call, "recordings": index_recording, "heard_people": index_heard}
