"""Taking audit leaves in: contiguous, idempotent, verified, stored first and cosigned then."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from enum import StrEnum

from sqlalchemy import Connection

from softphone.domain.errors import ProofInvalid, SoftphoneError
from softphone.domain.merkle import leaf_hash
from softphone.domain.note import Checkpoint, SignedNote, parse_note
from softphone.server.store import Device, Store
from softphone.server.witness import Witness, checked_checkpoint, log_keys_of


class Conflict(StrEnum):
    """Why leaves do not fit to what is stored."""

    GAP = "gap"
    """Leaves before the first one are missing."""
    FORK = "fork"
    """Other leaves are stored at the same places."""
    ROLLBACK = "rollback"
    """More leaves are stored than the checkpoint has."""


class LeavesRefused(SoftphoneError):
    """The leaves contradict what the witness has seen. ``size`` is how many are stored."""

    def __init__(self, conflict: Conflict, size: int) -> None:
        super().__init__("The entries were refused.", _WHY[conflict])
        self.conflict = conflict
        self.size = size


_WHY = {
    Conflict.GAP: "Entries before them are missing.",
    Conflict.FORK: "Other entries are stored in their place.",
    Conflict.ROLLBACK: "More entries are stored than the checkpoint has.",
}


class Logbook:
    """Appends leaves to the logs of devices and cosigns their checkpoints."""

    def __init__(
        self, store: Store, witness: Witness, now: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._witness = witness
        self._now = now

    def append(self, device: Device, first: int, leaves: Sequence[bytes], note: str) -> str:
        """Store leaves that follow what is stored, then return the cosigned checkpoint.

        The checkpoint must be signed by the device's log key, end with the last leaf, and have the
        root of the tree as computed here. Leaves stored already must be the same; sent again they
        change nothing. Raises ProofInvalid, LeavesRefused, StorageFailed.
        """
        parsed = parse_note(note)
        checkpoint = checked_checkpoint(parsed, *log_keys_of(device.log_key, device.mldsa_key))
        if checkpoint.size != first + len(leaves):
            raise ProofInvalid("A checkpoint cannot be used.", "It ends elsewhere than the leaves.")
        with self._store.transaction() as connection:
            current = self._store.lock_device(connection, device.id)
            stored = current.frontier.size
            if first > stored:
                raise LeavesRefused(Conflict.GAP, stored)
            self._compare(connection, current, first, leaves)
            if checkpoint.size >= stored:
                self._extend(connection, current, leaves[stored - first :], checkpoint)
        return self._cosigned(device, checkpoint, parsed, note, stored)

    def _compare(
        self, connection: Connection, current: Device, first: int, leaves: Sequence[bytes]
    ) -> None:
        stored = current.frontier.size
        again = list(leaves[: stored - first])
        known = self._store.leaves(connection, current.id, first, first + len(again))
        if known != again:
            raise LeavesRefused(Conflict.FORK, stored)

    def _extend(
        self,
        connection: Connection,
        current: Device,
        fresh: Sequence[bytes],
        checkpoint: Checkpoint,
    ) -> None:
        frontier = current.frontier
        for leaf in fresh:
            frontier = frontier.append(leaf_hash(leaf))
        if frontier.root() != checkpoint.root:
            raise ProofInvalid(
                "A checkpoint cannot be used.", "Its root is not that of the leaves."
            )
        if fresh:
            self._store.append_leaves(connection, current, fresh, frontier)

    def _cosigned(
        self, device: Device, checkpoint: Checkpoint, parsed: SignedNote, note: str, stored: int
    ) -> str:
        """Return the checkpoint as cosigned: kept since the first time, or now.

        A cosignature says that this was the largest tree seen, so a checkpoint behind what is
        stored gets none unless it got one when it was the largest.
        """
        known = self._store.cosigned(device.id, checkpoint.size)
        if known is not None:
            if parse_note(known).text != parsed.text:
                raise LeavesRefused(Conflict.FORK, stored)
            return known
        if checkpoint.size < stored:
            raise LeavesRefused(Conflict.ROLLBACK, stored)
        cosigned = self._witness.cosign(note, int(self._now()))
        self._store.keep_cosigned(device.id, checkpoint.size, cosigned)
        return self._store.cosigned(device.id, checkpoint.size) or cosigned
