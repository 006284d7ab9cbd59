"""Erasures that the server brings: believed only by a key that the signed policy names.

The server is not trusted to say whose key is whose. An erasure of a device that the policy does
not endorse waits in quarantine, where it can be seen (docs/decisions/0006-foreign-tombstones.md).
"""

from __future__ import annotations

import hashlib
import logging

import msgspec

from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.canonical import canonical_json
from softphone.domain.errors import ServerMisbehaved, StorageFailed
from softphone.domain.note import VerifierKey, parse_verifier_key
from softphone.domain.privacy import Tombstone
from softphone.domain.tombstone import from_dict, to_dict, tombstone_verifies
from softphone.vault.core import Core
from softphone.vault.crypto import verifies
from softphone.vault.erasure import Erasures
from softphone.vault.outbox import advance_cursor, cursor_of

log = logging.getLogger(__name__)
MOST_HELD = 1000
"""More than a fleet leaves waiting, and no more than a lying server may fill the vault with."""


class ForeignTombstones:
    """Checks, holds back, and hands on to the erasures what may be carried out."""

    def __init__(self, core: Core, erasures: Erasures) -> None:
        self._core = core
        self._erasures = erasures

    def receive(self, tombstone: Tombstone, position: int) -> bool:
        """Carry out what an endorsed device signed; returns whether anything went.

        Raises ServerMisbehaved (audited) for a forged one; then the cursor does not move.
        """
        if not self._erasures.known(tombstone):
            key = self._key_of(tombstone)
            if key is None:
                self._hold(tombstone, position)
                return False
            if not tombstone_verifies(tombstone, key.public_key, verifies):
                self._note_forged(tombstone)
                raise _forged()
        return self._erasures.apply(tombstone, position)

    def release(self) -> int:
        """Carry out what waited for a device that is endorsed by now; returns how many went."""
        rows = self._core.connection.execute(
            "SELECT digest, position, tombstone FROM held_tombstones ORDER BY position"
        ).fetchall()
        released = 0
        for digest, position, body in rows:
            tombstone = from_dict(msgspec.json.decode(bytes(body)))
            key = self._key_of(tombstone)
            if key is None and not self._erasures.known(tombstone):
                continue
            try:
                released += self._release(tombstone, position, key)
            except StorageFailed:
                log.warning("an erasure that waited is not finished; it goes on later")
                continue
            with self._core.deeds.transaction() as connection:
                connection.execute("DELETE FROM held_tombstones WHERE digest = ?", (digest,))
        return released

    def held(self) -> int:
        """Return how many erasures wait for their device to be endorsed."""
        row = self._core.connection.execute("SELECT count(*) FROM held_tombstones").fetchone()
        return int(row[0])

    def done_up_to(self) -> int:
        """Return the position up to which everything received was carried out."""
        cursor = cursor_of(self._core.connection)
        first = self._core.connection.execute(
            "SELECT min(position) FROM (SELECT position FROM held_tombstones UNION ALL"
            " SELECT s.position FROM seen_tombstones s JOIN erasures e ON e.id = s.erasure"
            " WHERE e.step <> 'done')"
        )
        position = first.fetchone()[0]
        return cursor if position is None else min(cursor, int(position) - 1)

    def _release(self, tombstone: Tombstone, position: int, key: VerifierKey | None) -> bool:
        known = self._erasures.known(tombstone)
        if not known and not (key and tombstone_verifies(tombstone, key.public_key, verifies)):
            self._note_forged(tombstone)
            return False
        return self._erasures.apply(tombstone, position)

    def _key_of(self, tombstone: Tombstone) -> VerifierKey | None:
        """Return the key that must have signed, or None while nobody endorsed the device."""
        own = self._core.device
        # An older copy of this vault gets its own erasures back from the server.
        if tombstone.device == own.id:
            return own.log_vkey
        # So does a restored one, under the name that it had before.
        for earlier in own.predecessors:
            if (key := parse_verifier_key(earlier)).name == f"softphone/{tombstone.device}":
                return key
        endorsed = self._core.policy.device(tombstone.device)
        return None if endorsed is None else parse_verifier_key(endorsed.log_key)

    def _hold(self, tombstone: Tombstone, position: int) -> None:
        connection = self._core.connection
        digest = _digest(tombstone)
        known = connection.execute(
            "SELECT 1 FROM held_tombstones WHERE digest = ?", (digest,)
        ).fetchone()
        if known is None and self.held() >= MOST_HELD:
            raise ServerMisbehaved(
                "The synchronisation server was refused.",
                "It brings more erasures of unknown workstations than a fleet has.",
                "Tell your administrator.",
            )
        with self._core.deeds.transaction():
            if known is None:
                connection.execute(
                    "INSERT INTO held_tombstones VALUES (?, ?, ?, ?)",
                    (digest, tombstone.device, position, msgspec.json.encode(to_dict(tombstone))),
                )
                self._core.log.append(
                    AuditDraft(
                        Action.TOMBSTONE_HELD,
                        DataCategory.WHOLE_RECORD,
                        tombstone.erasure,
                        Result.REFUSED,
                        detail={"device": tombstone.device},
                    )
                )
            advance_cursor(connection, position)

    def _note_forged(self, tombstone: Tombstone) -> None:
        with self._core.deeds.transaction() as connection:
            added = connection.execute(
                "INSERT OR IGNORE INTO forged_tombstones VALUES (?)", (_digest(tombstone),)
            )
            if added.rowcount:
                self._core.log.append(
                    AuditDraft(
                        Action.SERVER_MISBEHAVED,
                        DataCategory.WHOLE_RECORD,
                        tombstone.erasure,
                        Result.REFUSED,
                        detail={"why": "Its signature is wrong.", "device": tombstone.device},
                    )
                )


def _digest(tombstone: Tombstone) -> str:
    return hashlib.sha256(canonical_json(to_dict(tombstone))).hexdigest()


def _forged() -> ServerMisbehaved:
    return ServerMisbehaved(
        "The synchronisation server was refused.",
        "It brought an erasure that the workstation it names did not sign.",
        "Tell your administrator.",
    )
