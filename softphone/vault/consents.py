"""Legal bases by contact and purpose (``ConsentStore`` of app.ports); changes are only added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from softphone.domain.audit import AuditDraft
from softphone.domain.consent import Consent, ConsentChange, ConsentSource, LegalBasis, Purpose
from softphone.domain.errors import NotFound
from softphone.domain.ids import CallId, ContactId, UserId
from softphone.vault.core import Core
from softphone.vault.database import Connection
from softphone.vault.times import from_micros, optional_micros, optional_time, to_micros

_COLUMNS = (
    "id, contact_id, purpose, change, basis, source, at, by_user, by_name, version, language,"
    " expires_at, call_id, at_ms, note"
)
_NEWEST = (
    " c.n = (SELECT max(n) FROM consents d"
    " WHERE d.contact_id = c.contact_id AND d.purpose = c.purpose)"
)


class Consents:
    """The consents of the vault."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def purposes(self) -> Sequence[Purpose]:
        """Return the purposes in their order."""
        rows = self._core.connection.execute(
            "SELECT key, title, in_call FROM purposes ORDER BY position, key"
        ).fetchall()
        return [Purpose(key, title, bool(in_call)) for key, title, in_call in rows]

    def save_purposes(self, purposes: Sequence[Purpose], draft: AuditDraft) -> None:
        """Replace the list; what was recorded for one that is gone stays."""
        with self._core.deeds.deed(draft) as connection:
            connection.execute("DELETE FROM purposes")
            connection.executemany(
                "INSERT INTO purposes VALUES (?, ?, ?, ?)",
                [(p.key, p.title, int(p.in_call), place) for place, p in enumerate(purposes)],
            )

    def record(self, changes: Sequence[Consent], draft: AuditDraft) -> None:
        """Add changes. Raises NotFound."""
        with self._core.deeds.deed(draft) as connection:
            for change in changes:
                known = connection.execute(
                    "SELECT 1 FROM contacts WHERE id = ? AND restricted = 0", (change.contact,)
                ).fetchone()
                if known is None:
                    raise NotFound("Nothing was recorded.", "The contact was erased.")
                insert_consent(connection, change)

    def history(self, contact: ContactId) -> Sequence[Consent]:
        """Return every change of a contact, oldest first."""
        rows = self._core.connection.execute(
            f"SELECT {_COLUMNS} FROM consents WHERE contact_id = ? ORDER BY n",  # noqa: S608
            (contact,),
        ).fetchall()
        return [_consent(row) for row in rows]

    def newest(self, purpose: str, limit: int, offset: int) -> Sequence[tuple[str, Consent]]:
        """Return contacts' names with what stands, newest first."""
        columns = ", ".join(f"c.{name.strip()}" for name in _COLUMNS.split(","))
        rows = self._core.connection.execute(
            f"SELECT k.name, {columns} FROM consents c"  # noqa: S608 - constants
            " JOIN contacts k ON k.id = c.contact_id AND k.restricted = 0"
            f" WHERE (? = '' OR c.purpose = ?) AND {_NEWEST} ORDER BY c.n DESC LIMIT ? OFFSET ?",
            (purpose, purpose, limit, offset),
        ).fetchall()
        return [(row[0], _consent(row[1:])) for row in rows]

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return for each purpose how many contacts have given and withdrawn."""
        rows = self._core.connection.execute(
            "SELECT c.purpose, sum(c.change = 'given'), sum(c.change = 'withdrawn')"  # noqa: S608
            f" FROM consents c WHERE {_NEWEST} GROUP BY c.purpose"
        ).fetchall()
        return {purpose: (int(given), int(withdrawn)) for purpose, given, withdrawn in rows}


def insert_consent(connection: Connection, change: Consent, run: str | None = None) -> None:
    """Add one change within the caller's transaction; ``run`` is the import it came with."""
    connection.execute(
        f"INSERT INTO consents ({_COLUMNS}, run)"  # noqa: S608 - constants
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            change.id,
            change.contact,
            change.purpose,
            change.change.value,
            change.basis.value,
            change.source.value,
            to_micros(change.at),
            change.by,
            change.by_name,
            change.version,
            change.language,
            optional_micros(change.expires_at),
            change.call,
            change.at_ms,
            change.note,
            run,
        ),
    )


def _consent(row: tuple[Any, ...]) -> Consent:
    return Consent(
        id=row[0],
        contact=ContactId(row[1]),
        purpose=row[2],
        change=ConsentChange(row[3]),
        basis=LegalBasis(row[4]),
        source=ConsentSource(row[5]),
        at=from_micros(row[6]),
        by=UserId(row[7]),
        by_name=row[8],
        version=row[9],
        language=row[10],
        expires_at=optional_time(row[11]),
        call=CallId(row[12]) if row[12] else None,
        at_ms=row[13],
        note=row[14],
    )
