"""Do-not-call lists (``DoNotCall`` of app.ports): keyed hashes, so that a list names nobody.

The key is that of the fleet, drawn apart for this use: all workstations find the same numbers, and
the hashes are not the pseudonyms that the server sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from softphone.domain.audit import AuditDraft
from softphone.domain.consent import DoNotCallList
from softphone.domain.errors import NotFound
from softphone.vault.core import Core
from softphone.vault.crypto import derive, keyed_hash
from softphone.vault.times import from_micros, to_micros

_BATCH = 5_000


class DoNotCallLists:
    """The lists of the vault."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._key = derive(core.device.fleet_key, "softphone do-not-call v1")

    def lists(self) -> Sequence[DoNotCallList]:
        """Return the lists, newest first."""
        rows = self._core.connection.execute(
            "SELECT l.id, l.title, l.imported_at,"
            " (SELECT count(*) FROM do_not_call d WHERE d.list_id = l.id)"
            " FROM do_not_call_lists l ORDER BY l.imported_at DESC, l.id"
        ).fetchall()
        return [DoNotCallList(r[0], r[1], from_micros(r[2]), int(r[3])) for r in rows]

    def add_list(self, made: DoNotCallList, numbers: Iterable[str], draft: AuditDraft) -> int:
        """Keep the hashes of numbers, all of them or none; returns how many different ones."""
        with self._core.deeds.deed(draft) as connection:
            connection.execute(
                "INSERT INTO do_not_call_lists VALUES (?, ?, ?)",
                (made.id, made.title, to_micros(made.imported_at)),
            )
            left = iter(numbers)
            while batch := list(islice(left, _BATCH)):
                connection.executemany(
                    "INSERT OR IGNORE INTO do_not_call VALUES (?, ?)",
                    [(self._hash(number), made.id) for number in batch],
                )
            row = connection.execute(
                "SELECT count(*) FROM do_not_call WHERE list_id = ?", (made.id,)
            ).fetchone()
        return int(row[0])

    def remove_list(self, list_id: str, draft: AuditDraft) -> None:
        """Drop a list. Raises NotFound."""
        with self._core.deeds.deed(draft) as connection:
            gone = connection.execute("DELETE FROM do_not_call_lists WHERE id = ?", (list_id,))
            if gone.rowcount != 1:
                raise NotFound("The list was not removed.", "There is no such list.")

    def on_lists(self, numbers: Sequence[str]) -> tuple[str, ...]:
        """Return the titles of the lists that have one of these numbers."""
        found: dict[str, None] = {}
        for number in numbers:
            rows = self._core.connection.execute(
                "SELECT l.title FROM do_not_call d JOIN do_not_call_lists l ON l.id = d.list_id"
                " WHERE d.hash = ? ORDER BY l.imported_at",
                (self._hash(number),),
            ).fetchall()
            found.update(dict.fromkeys(row[0] for row in rows))
        return tuple(found)

    def _hash(self, number: str) -> bytes:
        return bytes.fromhex(keyed_hash(self._key, number))
