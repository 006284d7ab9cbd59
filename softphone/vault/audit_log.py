"""The audit log: appended in the transaction of the deed, hashed into a tree, signed now and then.

A leaf is canonical JSON (RFC 8785) of the entry; personal detail lies beside it behind a salted
SHA-256 commitment and can be destroyed while the tree still verifies (RFC 6962).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlcipher3

from softphone.app.ports import Clock
from softphone.domain.audit import AuditDraft, AuditEntry
from softphone.domain.canonical import canonical_json
from softphone.domain.errors import Damaged
from softphone.domain.ids import UserId
from softphone.domain.merkle import HASH_BYTES, Frontier, leaf_hash
from softphone.domain.note import Checkpoint, SignedNote, format_checkpoint, format_note
from softphone.domain.tombstone import format_time
from softphone.vault.crypto import keyed_hash
from softphone.vault.database import Connection
from softphone.vault.log_keys import LogSigner
from softphone.vault.meta import DeviceSecrets
from softphone.vault.times import to_micros

CHECKPOINT_EVERY = 64
"""Entries between checkpoints that nobody asked for."""
DEVICE_ACTOR = "device"


@dataclass(frozen=True, slots=True)
class Head:
    """A signed head: number of leaves, root, and the signed note."""

    size: int
    root: bytes
    note: str


class AuditLog:
    """Appends to and signs one device's log. Every method runs inside the caller's transaction."""

    def __init__(self, connection: Connection, device: DeviceSecrets, clock: Clock) -> None:
        self._connection = connection
        self._device = device
        self._signer = LogSigner(device)
        self._clock = clock

    def go_on_as(self, device: DeviceSecrets) -> None:
        """Append and sign as another device from now on (domain.handover)."""
        self._device = device
        self._signer = LogSigner(device)

    def actor(self, user: UserId | None) -> str:
        """Return the pseudonym of a person: stable on this device, no name."""
        if user is None:
            return DEVICE_ACTOR
        return keyed_hash(self._device.actor_key, user)[:32]

    def append(self, draft: AuditDraft) -> AuditEntry:
        """Append an entry; signs a checkpoint after every 64th."""
        frontier = self.frontier()
        now = self._clock.now()
        salt = secrets.token_bytes(32)
        detail = canonical_json(draft.detail) if draft.detail else b""
        entry = AuditEntry(
            device=self._device.device,
            index=frontier.size,
            time=now,
            actor=self.actor(draft.actor),
            action=draft.action.value,
            object_id=draft.object_id,
            category=draft.category.value,
            result=draft.result.value,
            commitment=commitment(salt, detail) if detail else "",
        )
        leaf = leaf_bytes(entry)
        hashed = leaf_hash(leaf)
        self._insert(entry, leaf, hashed, now)
        if detail:
            self._connection.execute(
                "INSERT INTO audit_details VALUES (?, ?, ?)", (entry.index, salt, detail)
            )
        grown = frontier.append(hashed)
        self._connection.execute(
            "UPDATE audit_head SET size = ?, frontier = ?", (grown.size, b"".join(grown.hashes))
        )
        if grown.size % CHECKPOINT_EVERY == 0:
            self.sign_head()
        return entry

    def frontier(self) -> Frontier:
        """Return the tree's frontier."""
        size, joined = self._connection.execute("SELECT size, frontier FROM audit_head").fetchone()
        return _frontier(size, joined)

    def sign_head(self) -> Head:
        """Sign the head as it is now; a head signed already is returned unchanged."""
        frontier = self.frontier()
        return self._signed(frontier)

    def sign_at(self, size: int) -> Head:
        """Sign an earlier head, so that a part of the log can be handed over."""
        known = self.head_at(size)
        if known is not None:
            return known
        return self._signed(self._frontier_at(size))

    def head_at(self, size: int) -> Head | None:
        """Return the head signed for a size, or None."""
        row = self._connection.execute(
            "SELECT root, note FROM checkpoints WHERE size = ?", (size,)
        ).fetchone()
        return None if row is None else Head(size, bytes(row[0]), str(row[1]))

    def root_at(self, size: int) -> bytes:
        """Return the root that the log had at a size."""
        return self._frontier_at(size).root()

    def _frontier_at(self, size: int) -> Frontier:
        """Return an earlier frontier, counted on from the last signed head before it."""
        known = self._connection.execute(
            "SELECT size, frontier FROM checkpoints WHERE size <= ? ORDER BY size DESC LIMIT 1",
            (size,),
        ).fetchone()
        frontier = _frontier(*known) if known else Frontier()
        rows = self._connection.execute(
            "SELECT hash FROM audit_leaves WHERE n >= ? AND n < ? ORDER BY n",
            (frontier.size, size),
        )
        for (hashed,) in rows:
            frontier = frontier.append(bytes(hashed))
        return frontier

    def _signed(self, frontier: Frontier) -> Head:
        known = self.head_at(frontier.size)
        root = frontier.root()
        if known is not None and known.root == root:
            return known
        text = format_checkpoint(Checkpoint(self._device.origin, frontier.size, root))
        note = format_note(SignedNote(text, self._signer.sign(text)))
        head = Head(frontier.size, root, note)
        self._connection.execute(
            "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?)",
            (head.size, root, b"".join(frontier.hashes), head.note),
        )
        return head

    def _insert(self, entry: AuditEntry, leaf: bytes, hashed: bytes, now: datetime) -> None:
        values = (
            entry.index,
            leaf,
            hashed,
            to_micros(now),
            entry.actor,
            entry.action,
            entry.category,
            entry.result,
            entry.object_id,
        )
        try:
            self._connection.execute(
                "INSERT INTO audit_leaves VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values
            )
        except sqlcipher3.IntegrityError as error:
            raise _inconsistent() from error


def leaf_bytes(entry: AuditEntry) -> bytes:
    """Return the canonical bytes that are hashed into the tree."""
    return canonical_json(
        {
            "device": entry.device,
            "n": entry.index,
            "time": format_time(entry.time),
            "actor": entry.actor,
            "action": entry.action,
            "object": entry.object_id,
            "category": entry.category,
            "result": entry.result,
            "commitment": entry.commitment,
        }
    )


def commitment(salt: bytes, detail: bytes) -> str:
    """Return the hex SHA-256 over salt (32 bytes) and canonical detail."""
    return hashlib.sha256(salt + detail).hexdigest()


def split_hashes(joined: bytes) -> tuple[bytes, ...]:
    """Return the hashes of a frontier kept as one value. Raises ValueError."""
    if len(joined) % HASH_BYTES:
        raise ValueError("a frontier is made of whole hashes")
    return tuple(joined[i : i + HASH_BYTES] for i in range(0, len(joined), HASH_BYTES))


def _frontier(size: int, joined: bytes) -> Frontier:
    try:
        return Frontier(size, split_hashes(joined))
    except ValueError as error:
        raise _inconsistent() from error


def _inconsistent() -> Damaged:
    return Damaged(
        "The audit log cannot go on, so nothing can be done.",
        "Its entries and its end do not fit together: a part of the vault was exchanged.",
        "Ask your administrator to restore the workstation.",
    )
