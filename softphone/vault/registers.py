"""The registers of the privacy centre: entries by revision, and who confirmed which."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from softphone.domain.audit import ACTION_WORDS, Action, AuditDraft
from softphone.domain.errors import NotFound
from softphone.domain.ids import UserId
from softphone.domain.register import Acknowledgement, Affected, Register, RegisterEntry
from softphone.vault.core import Core
from softphone.vault.times import from_micros, optional_micros, optional_time, to_micros

_COLUMNS = "id, register, fields, revision, due_at, changed_at, changed_by, removed"
_EXPOSING = (
    Action.RECORDING_LISTENED,
    Action.RECORDING_EXPORTED,
    Action.CONTACT_READ,
    Action.CONTACT_EXPORTED,
    Action.REQUEST_ANSWERED,
    Action.LIST_READ,
    Action.AUDIT_EXPORTED,
    Action.BACKUP_MADE,
)
"""Deeds that put personal data before somebody's eyes or into a file."""


class Registers:
    """Implements ``RegisterStore``."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def entries(self, register: Register) -> Sequence[RegisterEntry]:
        """Return the newest revisions, by title; none that were removed."""
        rows = self._select("register = ? AND newest = 1 AND removed = 0", (register.value,))
        return sorted(rows, key=lambda entry: (entry.title.casefold(), entry.id))

    def entry(self, entry: str) -> RegisterEntry:
        """Return the newest revision. Raises NotFound."""
        found = self._select("id = ? AND newest = 1 AND removed = 0", (entry,))
        if not found:
            raise NotFound("The entry does not exist.", "It was taken out or never saved.")
        return found[0]

    def revisions(self, entry: str) -> Sequence[RegisterEntry]:
        """Return all revisions, newest first."""
        return self._select("id = ?", (entry,))

    def save(self, entries: Sequence[RegisterEntry], draft: AuditDraft) -> None:
        """Add entries or new revisions of them, all or none."""
        with self._core.deeds.deed(draft):
            for entry in entries:
                self._put(entry)

    def remove(self, entry: str, draft: AuditDraft) -> None:
        """Take an entry out; its revisions stay. Raises NotFound."""
        known = self.entry(entry)
        with self._core.deeds.deed(draft):
            self._put(known, removed=True)

    def acknowledge(self, acknowledgement: Acknowledgement, draft: AuditDraft) -> None:
        """Note that a person accepted or finished a revision."""
        with self._core.deeds.deed(draft) as connection:
            connection.execute(
                "INSERT OR REPLACE INTO acknowledgements VALUES (?, ?, ?, ?, ?, ?)",
                (
                    acknowledgement.entry,
                    acknowledgement.revision,
                    acknowledgement.sha256,
                    acknowledgement.person,
                    acknowledgement.person_name,
                    to_micros(acknowledgement.at),
                ),
            )

    def acknowledgements(self, entry: str = "") -> Sequence[Acknowledgement]:
        """Return acknowledgements of one entry or of all, newest first."""
        rows = self._core.connection.execute(
            "SELECT entry_id, revision, text_sha256, person, person_name, at FROM acknowledgements"
            " WHERE ? IN ('', entry_id) ORDER BY at DESC",
            (entry,),
        ).fetchall()
        return [
            Acknowledgement(row[0], row[1], row[2], UserId(row[3]), row[4], from_micros(row[5]))
            for row in rows
        ]

    def affected(self, since: datetime, until: datetime, person: UserId | None) -> Affected:
        """Count what was within reach of a person (or of anybody here) in a time.

        What was within reach is everything that was here before ``until`` and that one of the
        person's keys opens: a thief of a workstation or an account needs not have left a trace.
        """
        core, query = self._core, self._core.connection.execute
        groups = [g for g in core.policy.groups if person is None or person in g.members]
        heard = [g for g in groups if g.members]
        end = to_micros(until)
        marks = ",".join("?" * len(heard))
        recordings = query(
            f"SELECT count(*) FROM recordings WHERE group_id IN ({marks})"  # noqa: S608
            " AND restricted_for = '' AND started_at < ?",
            (*(g.id for g in heard), end),
        ).fetchone()[0]
        contacts = query(
            "SELECT count(*) FROM contacts WHERE coalesce(created_at, 0) < ?", (end,)
        ).fetchone()[0]
        calls = query("SELECT count(*) FROM calls WHERE started_at < ?", (end,)).fetchone()[0]
        actor = "" if person is None else core.log.actor(person)
        done = query(
            "SELECT action, count(*) FROM audit_leaves WHERE time >= ? AND time < ?"
            " AND ? IN ('', actor) GROUP BY action",
            (to_micros(since), end, actor),
        ).fetchall()
        opened = {action: count for action, count in done}
        return Affected(
            tuple(g.label for g in heard),
            int(recordings),
            int(contacts),
            int(calls),
            sum(opened.values()),
            tuple((ACTION_WORDS[a], opened[a.value]) for a in _EXPOSING if a.value in opened),
        )

    def _put(self, entry: RegisterEntry, *, removed: bool = False) -> None:
        query = self._core.connection.execute
        last = query(
            "SELECT coalesce(max(revision), 0) FROM register_entries WHERE id = ?", (entry.id,)
        ).fetchone()[0]
        query("UPDATE register_entries SET newest = 0 WHERE id = ? AND newest = 1", (entry.id,))
        query(
            "INSERT INTO register_entries (id, revision, register, fields, due_at, removed, newest,"
            " changed_at, changed_by) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)",
            (
                entry.id,
                last + 1,
                entry.register.value,
                msgspec.json.encode(entry.values),
                optional_micros(entry.due_at),
                int(removed),
                to_micros(self._core.clock.now()),
                self._core.user.name,
            ),
        )

    def _select(self, where: str, values: tuple[Any, ...]) -> list[RegisterEntry]:
        rows = self._core.connection.execute(
            f"SELECT {_COLUMNS} FROM register_entries WHERE {where}"  # noqa: S608 - constants
            " ORDER BY revision DESC",
            values,
        ).fetchall()
        return [
            RegisterEntry(
                row[0],
                Register(row[1]),
                msgspec.json.decode(row[2], type=dict[str, str]),
                row[3],
                optional_time(row[4]),
                from_micros(row[5]),
                row[6],
                bool(row[7]),
            )
            for row in rows
        ]
