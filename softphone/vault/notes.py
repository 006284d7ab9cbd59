"""Notes about contacts, calls and moments of recordings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from softphone.domain.audit import AuditDraft
from softphone.domain.contact import Note
from softphone.domain.ids import CallId, ContactId, NoteId, RecordingId, UserId
from softphone.vault.core import Core
from softphone.vault.database import Connection
from softphone.vault.paged import PagedRows
from softphone.vault.times import from_micros, to_micros

_COLUMNS = "id, author, author_name, written_at, text, contact_id, call_id, recording_id, at_ms"


class NoteStore:
    """The notes of the vault."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def save(self, note: Note, draft: AuditDraft) -> None:
        """Add or replace a note."""
        with self._core.deeds.deed(draft) as connection:
            insert_note(connection, note)

    def page(
        self, contact: ContactId | None = None, recording: RecordingId | None = None
    ) -> Sequence[Note]:
        """Return notes of a contact (its calls included) or of a recording, oldest first."""
        if recording is not None:
            return self._select("recording_id = ?", (recording,))
        return self._select(
            "contact_id = ? OR call_id IN (SELECT id FROM calls WHERE contact_id = ?)",
            (contact, contact),
        )

    def about(self, contact: ContactId) -> Sequence[Note]:
        """Return everything written about a contact, their calls and recordings, oldest first."""
        rows = self._core.connection.execute(
            "SELECT n FROM notes WHERE contact_id = :id"
            " OR call_id IN (SELECT id FROM calls WHERE contact_id = :id)"
            " OR recording_id IN (SELECT id FROM recordings WHERE contact_id = :id)"
            " ORDER BY written_at, n",
            {"id": contact},
        )
        return PagedRows((n for (n,) in rows), self._by_number)

    def _by_number(self, numbers: Sequence[int]) -> list[Note]:
        marks = ",".join("?" * len(numbers))
        return self._select(f"n IN ({marks})", tuple(numbers))

    def own(self, contact: ContactId) -> Sequence[Note]:
        """Return the notes of a contact without those of its calls, oldest first."""
        return self._select("contact_id = ? AND recording_id IS NULL", (contact,))

    def _select(self, where: str, values: tuple[Any, ...]) -> list[Note]:
        rows = self._core.connection.execute(
            f"SELECT {_COLUMNS} FROM notes WHERE {where} ORDER BY written_at, n",  # noqa: S608
            values,
        ).fetchall()
        return [
            Note(
                NoteId(row[0]),
                UserId(row[1]),
                row[2],
                from_micros(row[3]),
                row[4],
                ContactId(row[5]) if row[5] else None,
                CallId(row[6]) if row[6] else None,
                RecordingId(row[7]) if row[7] else None,
                row[8],
            )
            for row in rows
        ]


def insert_note(connection: Connection, note: Note) -> None:
    """Write a note within the caller's transaction."""
    connection.execute(
        f"INSERT INTO notes ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        " ON CONFLICT (id) DO UPDATE SET text = excluded.text, at_ms = excluded.at_ms,"
        " written_at = excluded.written_at",
        (
            note.id,
            note.author,
            note.author_name,
            to_micros(note.written_at),
            note.text,
            note.contact,
            note.call,
            note.recording,
            note.at_ms,
        ),
    )
