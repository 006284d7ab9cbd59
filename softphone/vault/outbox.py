"""What waits for the sync server, and what it confirmed (``SyncSource``)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from softphone.app.ports import Enrolment, LeafBatch
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.errors import ProofInvalid, ServerMisbehaved
from softphone.domain.ids import ErasureId
from softphone.domain.note import (
    VerifierKey,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
    verify,
)
from softphone.domain.privacy import Tombstone
from softphone.domain.tombstone import from_dict, to_dict
from softphone.vault import meta
from softphone.vault.audit_view import cosigned_size
from softphone.vault.core import Core
from softphone.vault.crypto import verifies
from softphone.vault.database import Connection
from softphone.vault.log_keys import log_keys

_ENROLMENT = "enrolment"
_EARLIER = "enrolment-before"
_HANDOVER = "handover"
_CURSOR = "tombstone-cursor"


class Outbox:
    """Leaves and tombstones on their way; nothing here waits for a network."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def enrolment(self) -> Enrolment | None:
        """Return how to reach the server, or None."""
        value = meta.get(self._core.connection, _ENROLMENT)
        return None if value is None else msgspec.msgpack.decode(value, type=Enrolment)

    def save_enrolment(self, enrolment: Enrolment) -> None:
        """Keep the enrolment. Raises ProofInvalid for a malformed witness key."""
        parse_verifier_key(enrolment.witness_key)
        draft = AuditDraft(
            Action.DEVICE_ENROLLED,
            DataCategory.SETTINGS,
            self._core.device.device,
            actor=self._core.user.id,
            detail={"url": enrolment.url},
        )
        known = self.enrolment()
        with self._core.deeds.deed(draft) as connection:
            if known is not None and known.witness_key != enrolment.witness_key:
                # Another server counts from its own beginning.
                forget_server(connection)
            meta.put(connection, _ENROLMENT, msgspec.msgpack.encode(enrolment))
            connection.execute("DELETE FROM meta WHERE name = ?", (_EARLIER,))

    def earlier_enrolment(self) -> Enrolment | None:
        """Return how the device before a restore reached the server, until this one does."""
        value = meta.get(self._core.connection, _EARLIER)
        return None if value is None else msgspec.msgpack.decode(value, type=Enrolment)

    def handover(self) -> str:
        """Return the note by which an earlier log's key handed over; empty without one."""
        value = meta.get(self._core.connection, _HANDOVER)
        return "" if value is None else value.decode()

    def witness(self) -> VerifierKey | None:
        """Return the witness's key, or None when standalone."""
        enrolment = self.enrolment()
        return None if enrolment is None else parse_verifier_key(enrolment.witness_key)

    def unsent_leaves(self, limit: int) -> LeafBatch | None:
        """Return the oldest leaves without a cosignature, and a checkpoint that ends with them."""
        core = self._core
        first = cosigned_size(core)
        rows = core.connection.execute(
            "SELECT leaf FROM audit_leaves WHERE n >= ? ORDER BY n LIMIT ?", (first, limit)
        ).fetchall()
        if not rows:
            return None
        with core.deeds.transaction():
            head = core.log.sign_at(first + len(rows))
        return LeafBatch(first, tuple(bytes(leaf) for (leaf,) in rows), head.note)

    def confirm_leaves(self, size: int, cosigned: str) -> None:
        """Keep a cosigned checkpoint. Raises ServerMisbehaved, which is audited."""
        core = self._core
        try:
            self._check(size, cosigned)
        except ProofInvalid as error:
            draft = AuditDraft(
                Action.SERVER_MISBEHAVED,
                DataCategory.AUDIT,
                core.device.device,
                Result.REFUSED,
                detail={"why": error.why},
            )
            with core.deeds.deed(draft):
                pass
            raise ServerMisbehaved(
                "The server's confirmation was refused.", error.why, "Tell your administrator."
            ) from error
        with core.deeds.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO cosigned VALUES (?, ?)", (size, cosigned))

    def unsent_tombstones(self) -> Sequence[Tombstone]:
        """Return own tombstones that the server has not acknowledged."""
        rows = self._core.connection.execute("SELECT tombstone FROM outbox_tombstones").fetchall()
        return [from_dict(msgspec.json.decode(bytes(value))) for (value,) in rows]

    def confirm_tombstone(self, erasure: ErasureId) -> None:
        """The server has it."""
        with self._core.deeds.transaction() as connection:
            connection.execute("DELETE FROM outbox_tombstones WHERE erasure = ?", (erasure,))

    def cursor(self) -> int:
        """Return the last position received from the server."""
        return cursor_of(self._core.connection)

    def waiting(self) -> int:
        """Return how many rows wait for the server."""
        size = self._core.log.frontier().size
        row = self._core.connection.execute("SELECT count(*) FROM outbox_tombstones").fetchone()
        return size - cosigned_size(self._core) + int(row[0])

    def _check(self, size: int, cosigned: str) -> None:
        """Check signatures, origin, size and root of a cosigned checkpoint. Raises ProofInvalid."""
        core = self._core
        witness = self.witness()
        if witness is None:
            raise _refusal("This workstation is not connected to a server.")
        note = parse_note(cosigned)
        for key in log_keys(core.device):
            verify(note, key, verifies)
        verify(note, witness, verifies)
        head = parse_checkpoint(note.text)
        if head.origin != core.device.origin or head.size != size:
            raise _refusal("It is about another log or another number of entries.")
        if not cosigned_size(core) <= size <= core.log.frontier().size:
            raise _refusal("It has fewer entries than were confirmed, or more than there are.")
        if head.root != core.log.root_at(size):
            raise _refusal("It is about other entries than this workstation wrote.")


def put_tombstone(connection: Connection, tombstone: Tombstone) -> None:
    """Queue an own tombstone within the transaction of the erasure."""
    connection.execute(
        "INSERT OR REPLACE INTO outbox_tombstones VALUES (?, ?)",
        (tombstone.erasure, msgspec.json.encode(to_dict(tombstone))),
    )


def forget_server(connection: Connection) -> None:
    """Know of no server and of nothing it brought, within the caller's transaction."""
    connection.execute("DELETE FROM meta WHERE name IN (?, ?)", (_ENROLMENT, _CURSOR))


def hand_over_server(connection: Connection, note: str) -> None:
    """Forget the server, but for asking it about erasures; keep the note that hands the log over.

    Within the caller's transaction.
    """
    known = meta.get(connection, _ENROLMENT)
    if known is not None:
        meta.put(connection, _EARLIER, known)
    meta.put(connection, _HANDOVER, note.encode())
    forget_server(connection)


def cursor_of(connection: Connection) -> int:
    """Return the last position received from the server, 0 at first."""
    return int(meta.get(connection, _CURSOR) or b"0")


def advance_cursor(connection: Connection, position: int) -> None:
    """Move the cursor forward, never back. Within the caller's transaction."""
    known = cursor_of(connection)
    meta.put(connection, _CURSOR, str(max(known, position)).encode())


def _refusal(why: str) -> ProofInvalid:
    return ProofInvalid("A confirmation does not hold.", why)
