"""Imports of contacts in batches; a run that does not end is undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from softphone.domain.audit import AuditDraft
from softphone.domain.consent import Consent
from softphone.domain.contact import Contact, Note
from softphone.domain.contact_import import ImportRun, RunState, Undone
from softphone.domain.errors import NotFound
from softphone.domain.ids import ContactId
from softphone.vault.consents import insert_consent
from softphone.vault.contacts import ContactStore, remove_contact
from softphone.vault.core import Core
from softphone.vault.notes import insert_note
from softphone.vault.times import from_micros, to_micros

_BATCH = 500
_COLUMNS = "id, at, by_name, format, state, created, updated"


class ImportRuns:
    """Runs, and what is needed to undo them."""

    def __init__(self, core: Core, contacts: ContactStore) -> None:
        self._core = core
        self._contacts = contacts

    def begin(self, run: ImportRun, draft: AuditDraft) -> None:
        """Open a run."""
        with self._core.deeds.deed(draft) as connection:
            connection.execute(
                f"INSERT INTO import_runs ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, 0, 0)",  # noqa: S608
                (run.id, to_micros(run.at), run.by_name, run.format, RunState.RUNNING.value),
            )

    def put(
        self,
        run: str,
        new: Sequence[Contact],
        changed: Sequence[Contact],
        notes: Sequence[Note],
        consents: Sequence[Consent] = (),
    ) -> None:
        """Save a batch, with the contacts as they were. Raises NotFound when the run is over."""
        if self.get(run).state is not RunState.RUNNING:
            raise NotFound("The import cannot go on.", "It ended or was undone.", "Begin it anew.")
        with self._core.deeds.transaction() as connection:
            after = to_micros(self._core.clock.now())
            for contact in new:
                self._contacts.put(contact, clean=True)
                connection.execute(
                    "INSERT INTO import_changes VALUES (?, ?, NULL, ?)", (run, contact.id, after)
                )
            for contact in changed:
                before = msgspec.json.encode(self._contacts.get(contact.id))
                self._contacts.put(contact, clean=True)
                # The oldest state counts where a file names somebody twice.
                connection.execute(
                    "INSERT INTO import_changes VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (run, contact_id) DO UPDATE SET after = excluded.after",
                    (run, contact.id, before, after),
                )
            for note in notes:
                insert_note(connection, note)
            for change in consents:
                insert_consent(connection, change, run)
            connection.execute(
                "UPDATE import_runs SET created = created + ?, updated = updated + ? WHERE id = ?",
                (len(new), len(changed), run),
            )

    def finish(self, run: str, draft: AuditDraft) -> ImportRun:
        """Close a run."""
        with self._core.deeds.deed(draft):
            self._to(run, RunState.DONE)
        return self.get(run)

    def undo(self, run: str, draft: AuditDraft) -> Undone:
        """Remove and restore, in batches; the entry comes with the last one."""
        self.get(run)
        removed, restored, kept = 0, 0, list[ContactId]()
        with self._core.deeds.transaction() as connection:
            connection.execute("DELETE FROM consents WHERE run = ?", (run,))
        while rows := self._changes(run):
            with self._core.deeds.transaction() as connection:
                for contact, before, after in rows:
                    if self._changed_since(contact, after):
                        kept.append(ContactId(contact))
                    elif before is None:
                        connection.execute("DELETE FROM notes WHERE contact_id = ?", (contact,))
                        remove_contact(self._core, ContactId(contact))
                        removed += 1
                    else:
                        self._contacts.put(msgspec.json.decode(before, type=Contact), clean=True)
                        restored += 1
                    connection.execute(
                        "DELETE FROM import_changes WHERE run = ? AND contact_id = ?",
                        (run, contact),
                    )
        with self._core.deeds.deed(draft):
            self._to(run, RunState.UNDONE)
        return Undone(removed, restored, tuple(kept))

    def unfinished(self) -> list[str]:
        """Return runs that neither ended nor were undone: a crash cut them off."""
        rows = self._core.connection.execute(
            "SELECT id FROM import_runs WHERE state = ?", (RunState.RUNNING.value,)
        ).fetchall()
        return [row[0] for row in rows]

    def get(self, run: str) -> ImportRun:
        """Return one run. Raises NotFound."""
        found = self._select("WHERE id = ?", (run,))
        if not found:
            raise NotFound("The import does not exist.", "It was never begun on this workstation.")
        return found[0]

    def page(self, limit: int) -> list[ImportRun]:
        """Return runs, newest first."""
        return self._select("ORDER BY at DESC LIMIT ?", (limit,))

    def _select(self, where: str, values: tuple[Any, ...]) -> list[ImportRun]:
        rows = self._core.connection.execute(
            f"SELECT {_COLUMNS} FROM import_runs {where}",  # noqa: S608 - constants
            values,
        ).fetchall()
        return [
            ImportRun(r[0], from_micros(r[1]), r[2], r[3], RunState(r[4]), r[5], r[6]) for r in rows
        ]

    def _changes(self, run: str) -> list[Any]:
        rows = self._core.connection.execute(
            "SELECT contact_id, before, after FROM import_changes WHERE run = ? LIMIT ?",
            (run, _BATCH),
        ).fetchall()
        return list(rows)

    def _changed_since(self, contact: str, after: int) -> bool:
        """Whether somebody worked with the contact after the run: then it is theirs."""
        row = self._core.connection.execute(
            "SELECT 1 FROM contacts WHERE id = :id AND changed_at > :after"
            " UNION ALL SELECT 1 FROM notes WHERE contact_id = :id AND written_at > :after"
            " UNION ALL SELECT 1 FROM consents WHERE contact_id = :id AND source <> 'import'"
            " UNION ALL SELECT 1 FROM contact_merges WHERE kept = :id"
            " UNION ALL SELECT 1 FROM restrictions WHERE contact_id = :id"
            " UNION ALL SELECT 1 FROM privacy_requests WHERE contact_id = :id LIMIT 1",
            {"id": contact, "after": after},
        ).fetchone()
        return row is not None

    def _to(self, run: str, state: RunState) -> None:
        changed = self._core.connection.execute(
            "UPDATE import_runs SET state = ? WHERE id = ?", (state.value, run)
        )
        if changed.rowcount != 1:
            raise NotFound("The import does not exist.", "It was never begun on this workstation.")
