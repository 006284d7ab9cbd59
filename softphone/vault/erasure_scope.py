"""What belongs to a person or a recording: found, counted, deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from softphone.domain.ids import ContactId, RecordingId
from softphone.vault.core import Core
from softphone.vault.erasure_job import Job
from softphone.vault.heard import BY_NUMBER, OF_CONTACT
from softphone.vault.requests import forget_person

_SHORTEST_NEEDLE = 6
"""Characters; a shorter text would be found by chance in encrypted bytes."""
_BATCH = 500


class Scope:
    """The rows that a job is about, looked up anew at each step."""

    def __init__(self, core: Core, job: Job) -> None:
        self._core = core
        self._job = job
        self.calls = self._calls()
        self.recordings = self._recordings()
        self.notes = self._notes()

    def counts(self) -> tuple[tuple[str, int], ...]:
        """Return how much there is, by name."""
        return (
            ("audit_details", len(self._details())),
            ("calls", len(self.calls)),
            ("notes", len(self.notes)),
            ("recordings", len(self.recordings)),
        )

    def needles(self) -> tuple[str, ...]:
        """Return texts that must not be found afterwards: none that others share."""
        query = self._core.connection.execute
        own: list[str] = list(self._job.numbers)
        for contact in self._job.contacts:
            own += query("SELECT name FROM contacts WHERE id = ?", (contact,)).fetchone() or ()
            own += _texts(
                query("SELECT email FROM contact_emails WHERE contact_id = ?", (contact,))
            )
            own += _texts(query("SELECT note FROM consents WHERE contact_id = ?", (contact,)))
        for batch in _batches(self.calls):
            marks = _marks(batch)
            own += _texts(query(f"SELECT shown_name FROM calls WHERE n IN ({marks})", batch))  # noqa: S608
        for batch in _batches(self.notes):
            marks = _marks(batch)
            own += _texts(query(f"SELECT text FROM notes WHERE id IN ({marks})", batch))  # noqa: S608
        return tuple(
            text
            for text in dict.fromkeys(own)
            if len(text) >= _SHORTEST_NEEDLE and not self._shared(text)
        )

    def delete(self) -> None:
        """Delete all rows, index entries and audit details. Within the caller's transaction."""
        query = self._core.connection.execute
        for n in self._details():
            query("DELETE FROM audit_details WHERE n = ?", (n,))
        for note in self.notes:
            query("DELETE FROM notes WHERE id = ?", (note,))
        for recording in self.recordings:
            query(
                "DELETE FROM recordings_fts WHERE rowid = (SELECT n FROM recordings WHERE id = ?)",
                (recording,),
            )
            query("DELETE FROM recordings WHERE id = ?", (recording,))
            query("UPDATE calls SET recording_id = NULL WHERE recording_id = ?", (recording,))
        for n in self.calls:
            query("DELETE FROM informed WHERE call_id = (SELECT id FROM calls WHERE n = ?)", (n,))
            query("DELETE FROM calls_fts WHERE rowid = ?", (n,))
            query("DELETE FROM calls WHERE n = ?", (n,))
        for contact in self._job.contacts:
            query("UPDATE contacts SET employer = NULL WHERE employer = ?", (contact,))
            query(
                "DELETE FROM contacts_fts WHERE rowid = (SELECT n FROM contacts WHERE id = ?)",
                (contact,),
            )
            query("DELETE FROM contacts WHERE id = ?", (contact,))
            forget_person(self._core.connection, contact)

    def _calls(self) -> list[int]:
        if self._job.only_recordings:
            return []
        found = self._lookup("SELECT n FROM calls WHERE contact_id = ?", self._job.contacts)
        found |= self._lookup("SELECT n FROM calls WHERE number = ?", self._job.numbers)
        return sorted(found)

    def _recordings(self) -> list[RecordingId]:
        found = self._lookup("SELECT id FROM recordings WHERE id = ?", self._job.recordings)
        if not self._job.only_recordings:
            # Also those into which they came by a transfer: a voice cannot be taken out of them.
            found |= self._lookup(OF_CONTACT, self._job.contacts, "contact")
            found |= self._lookup(BY_NUMBER, self._job.numbers, "number")
        return sorted(found)

    def _notes(self) -> list[str]:
        found = self._lookup("SELECT id FROM notes WHERE recording_id = ?", self.recordings)
        found |= self._lookup("SELECT id FROM notes WHERE contact_id = ?", self._job.contacts)
        found |= self._lookup(
            "SELECT t.id FROM notes t JOIN calls c ON c.id = t.call_id WHERE c.n = ?", self.calls
        )
        found |= self._lookup("SELECT id FROM notes WHERE id = ?", self._job.mentions)
        return sorted(found)

    def _details(self) -> list[int]:
        """Return the entries whose detail is about the person, by object or by text."""
        if self._job.only_recordings:
            return []
        calls = self._lookup("SELECT id FROM calls WHERE n = ?", self.calls)
        found = self._lookup(
            "SELECT d.n FROM audit_details d JOIN audit_leaves l ON l.n = d.n"
            " WHERE l.object_id = ?",
            [*self._job.contacts, *self.recordings, *self.notes, *calls],
        )
        found |= self._lookup(
            "SELECT n FROM audit_details WHERE instr(detail, CAST(? AS BLOB))",
            [*self._job.needles, *self._job.numbers],
        )
        return sorted(found)

    def _shared(self, text: str) -> bool:
        """Whether the text is also that of a colleague or of another person's row."""
        if any(text in (member.name, member.team) for member in self._core.policy.members):
            return True
        query = self._core.connection.execute
        others = {
            row[0]
            for row in query(
                "SELECT id FROM contacts WHERE name = :text OR company = :text UNION ALL"
                " SELECT contact_id FROM contact_emails WHERE email = :text UNION ALL"
                " SELECT contact_id FROM consents WHERE note = :text",
                {"text": text},
            ).fetchall()
        }
        if others - set(self._job.contacts):
            return True
        calls = {
            row[0] for row in query("SELECT n FROM calls WHERE shown_name = ?", (text,)).fetchall()
        }
        notes = {row[0] for row in query("SELECT id FROM notes WHERE text = ?", (text,)).fetchall()}
        return bool(calls - set(self.calls)) or bool(notes - set(self.notes))

    def _lookup(self, sql: str, values: Iterable[Any], name: str = "") -> set[Any]:
        """Return the first column for each value, which is the query's ``?`` or has a name."""
        found: set[Any] = set()
        for value in values:
            given = {name: value} if name else (value,)
            found.update(row[0] for row in self._core.connection.execute(sql, given))
        return found


def exclusive_numbers(core: Core, contacts: Iterable[ContactId]) -> tuple[str, ...]:
    """Return the numbers of contacts that no other contact has."""
    mine = tuple(contacts)
    numbers: dict[str, None] = {}
    for contact in mine:
        rows = core.connection.execute(
            "SELECT number FROM contact_numbers WHERE contact_id = ?", (contact,)
        )
        numbers.update((number, None) for (number,) in rows.fetchall())
    return tuple(n for n in numbers if not _others(core, n, mine))


def _others(core: Core, number: str, mine: tuple[ContactId, ...]) -> bool:
    rows = core.connection.execute(
        "SELECT contact_id FROM contact_numbers WHERE number = ?", (number,)
    ).fetchall()
    return any(contact not in mine for (contact,) in rows)


def _batches(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]


def _marks(items: list[Any]) -> str:
    return ",".join("?" * len(items))


def _texts(rows: Iterable[tuple[str]]) -> list[str]:
    return [text for (text,) in rows]
