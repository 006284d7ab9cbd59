"""Data that goes by itself when its purpose has ended (GDPR Art. 5(1)(e))."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from softphone.domain.audit import AuditDraft
from softphone.domain.ids import ContactId, RecordingId
from softphone.domain.request import RequestState
from softphone.domain.retention import DataClass, RetentionPreview, RetentionRule, RetentionRun
from softphone.vault.core import Core
from softphone.vault.erasure import Erasures
from softphone.vault.heard import OF_CONTACTS, PEOPLE_IN
from softphone.vault.times import from_micros, optional_time, to_micros

_HELD = "SELECT contact_id FROM restrictions"
_HELD_RECORDINGS = OF_CONTACTS.format(contacts=_HELD)
# Whose erasure would take a recording that somebody else's restriction keeps.
_BESIDE = PEOPLE_IN.format(recordings=_HELD_RECORDINGS)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where rows of a class lie: their age, whose they are, and what keeps them besides."""

    table: str
    key: str
    age: str
    contact: str
    extra: str = "1"
    shared: str = ""
    """Keys of rows that somebody else's restriction keeps."""


_LAST_SEEN = (
    "max(coalesce(k.created_at, 0),"
    " coalesce((SELECT max(started_at) FROM calls WHERE contact_id = k.id), 0),"
    " coalesce((SELECT max(started_at) FROM recordings WHERE contact_id = k.id), 0),"
    " coalesce((SELECT max(written_at) FROM notes WHERE contact_id = k.id), 0))"
)
_NOTE_CONTACT = "coalesce(k.contact_id, (SELECT contact_id FROM calls WHERE id = k.call_id))"
# What says that a payload is the one that was sealed stays as long as the recording.
_STILL_PROVES = (
    "NOT (l.action IN ('recording.sealed', 'recording.closed')"
    " AND EXISTS (SELECT 1 FROM recordings WHERE id = l.object_id))"
)
_ROWS: dict[DataClass, _Rows] = {
    DataClass.RECORDINGS: _Rows(
        "recordings k",
        "k.id",
        "k.started_at",
        "k.contact_id",
        shared=_HELD_RECORDINGS,
    ),
    DataClass.CALLS: _Rows(
        "calls k",
        "k.n",
        "k.started_at",
        "k.contact_id",
        # The call also says who is heard in the recording.
        "NOT EXISTS (SELECT 1 FROM recordings WHERE call_id = k.id OR id = k.recording_id)",
    ),
    DataClass.NOTES: _Rows("notes k", "k.id", "k.written_at", _NOTE_CONTACT),
    DataClass.CONTACTS: _Rows(
        "contacts k", "k.id", _LAST_SEEN, "k.id", "k.restricted = 0", shared=_BESIDE
    ),
    DataClass.AUDIT_DETAIL: _Rows(
        "audit_details k JOIN audit_leaves l ON l.n = k.n",
        "k.n",
        "l.time",
        "l.object_id",
        _STILL_PROVES,
    ),
    DataClass.REQUESTS: _Rows(
        "privacy_requests k",
        "k.id",
        "k.closed_at",
        "k.contact_id",
        f"k.state <> '{RequestState.OPEN.value}'",
    ),
}


class Retention:
    """Implements ``RetentionStore``."""

    def __init__(self, core: Core, erasures: Erasures) -> None:
        self._core = core
        self._erasures = erasures

    def preview(
        self, rules: tuple[RetentionRule, ...], now: datetime
    ) -> Sequence[RetentionPreview]:
        """Count what a run would delete now, per rule."""
        found = []
        for rule in rules:
            rows, before = _ROWS[rule.data], to_micros(rule.before(now))
            free, oldest = self._core.connection.execute(
                f"SELECT count(*), min({rows.age}) FROM {rows.table}"  # noqa: S608 - constants
                f" WHERE {rows.age} < ? AND {rows.extra} AND {_free(rows)}",
                (before,),
            ).fetchone()
            held = self._core.connection.execute(
                f"SELECT count(*) FROM {rows.table}"  # noqa: S608 - constants
                f" WHERE {rows.age} < ? AND {rows.extra} AND NOT {_free(rows)}",
                (before,),
            ).fetchone()[0]
            found.append(RetentionPreview(rule, int(free), int(held), optional_time(oldest)))
        return found

    def delete_before(self, data: DataClass, before: datetime, limit: int) -> int:
        """Delete up to ``limit`` rows of a class; returns how many went.

        Recordings and contacts are erased with their keys, and other workstations told. What
        belongs to people who are restricted or held stays. Raises StorageFailed.
        """
        rows = _ROWS[data]
        keys = [
            key
            for (key,) in self._core.connection.execute(
                f"SELECT {rows.key} FROM {rows.table}"  # noqa: S608 - constants
                f" WHERE {rows.age} < ? AND {rows.extra} AND {_free(rows)} LIMIT ?",
                (to_micros(before), limit),
            )
        ]
        if keys:
            self._delete()[data](keys)
        return len(keys)

    def finish_run(self, run: RetentionRun, draft: AuditDraft) -> None:
        """Keep the report of a run and empty the write-ahead log."""
        with self._core.deeds.deed(draft) as connection:
            connection.execute(
                "INSERT INTO retention_runs (at, person, counts) VALUES (?, ?, ?)",
                (to_micros(run.at), run.by, msgspec.json.encode(run.counts)),
            )
        if run.total:
            self._core.deeds.truncate_wal()

    def runs(self, limit: int) -> Sequence[RetentionRun]:
        """Return reports, newest first."""
        rows = self._core.connection.execute(
            "SELECT at, person, counts FROM retention_runs ORDER BY n DESC LIMIT ?", (limit,)
        ).fetchall()
        counts = tuple[tuple[DataClass, int], ...]
        return [
            RetentionRun(from_micros(at), by, msgspec.json.decode(bytes(said), type=counts))
            for at, by, said in rows
        ]

    def _delete(self) -> dict[DataClass, Callable[[list[Any]], object]]:
        return {
            DataClass.RECORDINGS: lambda keys: self._erasures.expire(
                recordings=tuple(map(RecordingId, keys))
            ),
            DataClass.CONTACTS: lambda keys: self._erasures.expire(
                contacts=tuple(map(ContactId, keys))
            ),
            DataClass.CALLS: self._delete_calls,
            DataClass.NOTES: lambda keys: self._delete_rows("notes", "id", keys),
            DataClass.AUDIT_DETAIL: lambda keys: self._delete_rows("audit_details", "n", keys),
            DataClass.REQUESTS: lambda keys: self._delete_rows("privacy_requests", "id", keys),
        }

    def _delete_calls(self, keys: list[Any]) -> None:
        with self._core.deeds.transaction() as connection:
            for n in keys:
                connection.execute(
                    "DELETE FROM notes WHERE call_id = (SELECT id FROM calls WHERE n = ?)", (n,)
                )
                connection.execute("DELETE FROM calls_fts WHERE rowid = ?", (n,))
                connection.execute("DELETE FROM calls WHERE n = ?", (n,))

    def _delete_rows(self, table: str, key: str, keys: list[Any]) -> None:
        with self._core.deeds.transaction() as connection:
            connection.executemany(
                f"DELETE FROM {table} WHERE {key} = ?",  # noqa: S608 - constants above
                [(one,) for one in keys],
            )


def _free(rows: _Rows) -> str:
    free = f"({rows.contact} IS NULL OR {rows.contact} NOT IN ({_HELD}))"
    return f"({free} AND {rows.key} NOT IN ({rows.shared}))" if rows.shared else free
