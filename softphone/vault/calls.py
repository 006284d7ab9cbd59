"""Finished calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from softphone.domain.audit import AuditDraft
from softphone.domain.call import Direction, Disposition
from softphone.domain.contact import HistoryEntry, Note
from softphone.domain.errors import NotFound
from softphone.domain.ids import CallId, ContactId, NoteId, RecordingId, UserId, new_id
from softphone.domain.quality import Quality
from softphone.vault.contacts import ContactStore, index_call
from softphone.vault.core import Core
from softphone.vault.notes import insert_note
from softphone.vault.paged import PagedRows
from softphone.vault.restricted_headers import is_restricted, seal_restricted
from softphone.vault.search import match
from softphone.vault.subjects import Subjects
from softphone.vault.times import from_micros, to_micros

# A restricted person's calls are hidden while their erasure is under way (GDPR Art. 18).
VISIBLE = "(contact_id IS NULL OR contact_id NOT IN (SELECT id FROM contacts WHERE restricted = 1))"
_BY_TIME = "calls INDEXED BY calls_by_time"
_BROAD = 1000
"""Matches from which on it is quicker to walk back in time than to sort them all."""
_MATCHES = " AND n IN (SELECT rowid FROM calls_fts WHERE calls_fts MATCH ?)"
_SELECT = """
WITH page AS MATERIALIZED (
    SELECT n FROM {source} WHERE {where} ORDER BY started_at DESC, n DESC LIMIT ? OFFSET ?
)
SELECT c.id, c.contact_id, coalesce(k.name, c.shown_name), c.number, c.direction, c.disposition,
       c.agent, c.agent_name, c.started_at, c.talk_ms, c.wrap_up, c.recording_id,
       coalesce((SELECT text FROM notes WHERE call_id = c.id ORDER BY written_at DESC LIMIT 1), ''),
       c.quality_mos, c.reason, c.quality
FROM page JOIN calls c ON c.n = page.n LEFT JOIN contacts k ON k.id = c.contact_id
ORDER BY c.started_at DESC, c.n DESC
"""


class CallStore:
    """The history of calls."""

    def __init__(self, core: Core, subjects: Subjects, contacts: ContactStore) -> None:
        self._core = core
        self._subjects = subjects
        self._contacts = contacts

    def add(self, entry: HistoryEntry, draft: AuditDraft) -> RecordingId | None:
        """Keep a finished call once; not one of a person who was erased since.

        Then the recording in which they are heard is returned: it has to go, too.
        """
        number = self._subjects.number(entry.number)
        started = to_micros(entry.started_at)
        known = self._core.connection.execute("SELECT 1 FROM calls WHERE id = ?", (entry.call,))
        if known.fetchone():
            return None
        if self._subjects.erased_after(number, started):
            return entry.recording
        contact = self._contacts.find(number)
        with self._core.deeds.deed(draft) as connection:
            row = connection.execute(
                "INSERT INTO calls (id, contact_id, shown_name, number, direction, disposition,"
                " agent, agent_name, started_at, talk_ms, wrap_up, recording_id, quality_mos,"
                " reason, quality)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING n",
                (
                    entry.call,
                    contact.id if contact else None,
                    entry.contact_name,
                    number,
                    entry.direction.value,
                    entry.disposition.value,
                    entry.agent,
                    entry.agent_name,
                    started,
                    entry.talk_ms,
                    entry.wrap_up,
                    entry.recording,
                    entry.quality_mos,
                    entry.reason,
                    msgspec.json.encode(entry.quality) if entry.quality else None,
                ),
            ).fetchone()
            index_call(self._core, int(row[0]))
            if contact and entry.recording and is_restricted(self._core, contact.id):
                seal_restricted(self._core, contact.id)
            if entry.note:
                insert_note(connection, self._note(entry))
        return None

    def set_wrap_up(self, call: CallId, wrap_up: str, draft: AuditDraft) -> None:
        """Keep what the call was about. Raises NotFound."""
        with self._core.deeds.deed(draft) as connection:
            changed = connection.execute(
                "UPDATE calls SET wrap_up = ? WHERE id = ?", (wrap_up, call)
            )
            if changed.rowcount != 1:
                raise NotFound("The call does not exist.", "It was erased or never kept.")

    def page(
        self, text: str, limit: int, offset: int, agents: tuple[UserId, ...] | None = None
    ) -> Sequence[HistoryEntry]:
        """Return calls, newest first; of these agents only, if any are named."""
        wanted = match(text)
        if wanted is None and text.strip():
            return []
        where, values = _visible(agents)
        if wanted is None:
            source = "calls" if agents is None else _by_agent(agents)
            return self._select(where, values, limit, offset, source)
        source = _BY_TIME if self._broad(wanted) else "calls NOT INDEXED"
        return self._select(where + _MATCHES, (*values, wanted), limit, offset, source)

    def count(self, text: str, agents: tuple[UserId, ...] | None = None) -> int:
        """Return how many calls match."""
        wanted = match(text)
        if wanted is None and text.strip():
            return 0
        where, values = _visible(agents)
        row = self._core.connection.execute(
            f"SELECT count(*) FROM calls WHERE {where + (_MATCHES if wanted else '')}",  # noqa: S608
            (*values, wanted) if wanted else values,
        ).fetchone()
        return int(row[0])

    def of_contact(self, contact: ContactId) -> Sequence[HistoryEntry]:
        """Return all calls of a contact, newest first; read as they are looked at."""
        rows = self._core.connection.execute(
            "SELECT n FROM calls WHERE contact_id = ? ORDER BY started_at DESC, n DESC", (contact,)
        )
        return PagedRows((n for (n,) in rows), self._by_number)

    def _by_number(self, numbers: Sequence[int]) -> list[HistoryEntry]:
        marks = ",".join("?" * len(numbers))
        return self._select(f"n IN ({marks})", numbers, -1, 0)

    def _broad(self, wanted: str) -> bool:
        """Whether so much matches that most of it would be sorted only to be thrown away."""
        row = self._core.connection.execute(
            "SELECT count(*) FROM (SELECT rowid FROM calls_fts WHERE calls_fts MATCH ? LIMIT ?)",
            (wanted, _BROAD),
        ).fetchone()
        return int(row[0]) >= _BROAD

    def _select(
        self, where: str, values: Iterable[Any], limit: int, offset: int, source: str = "calls"
    ) -> list[HistoryEntry]:
        rows = self._core.connection.execute(
            _SELECT.format(where=where, source=source), (*values, limit, offset)
        ).fetchall()
        return [_entry(row) for row in rows]

    def _note(self, entry: HistoryEntry) -> Note:
        return Note(
            NoteId(new_id()),
            entry.agent,
            entry.agent_name,
            self._core.clock.now(),
            entry.note,
            call=entry.call,
        )


def _visible(agents: tuple[UserId, ...] | None) -> tuple[str, tuple[str, ...]]:
    """Return the condition of what is shown, and its values."""
    if agents is None:
        return VISIBLE, ()
    return f"{VISIBLE} AND agent IN ({','.join('?' * len(agents))})", agents


def _by_agent(agents: tuple[UserId, ...]) -> str:
    """Return the source that walks back in time: one agent's own, or everybody's."""
    return "calls INDEXED BY calls_by_agent" if len(agents) == 1 else _BY_TIME


def _entry(row: tuple[Any, ...]) -> HistoryEntry:
    return HistoryEntry(
        call=CallId(row[0]),
        contact=ContactId(row[1]) if row[1] else None,
        contact_name=row[2],
        number=row[3],
        direction=Direction(row[4]),
        disposition=Disposition(row[5]),
        agent=UserId(row[6]),
        agent_name=row[7],
        started_at=from_micros(row[8]),
        talk_ms=row[9],
        wrap_up=row[10],
        recording=RecordingId(row[11]) if row[11] else None,
        note=row[12],
        quality_mos=row[13],
        reason=row[14],
        quality=msgspec.json.decode(row[15], type=Quality) if row[15] else None,
    )
