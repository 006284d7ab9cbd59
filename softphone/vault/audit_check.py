"""The check of the whole audit log: leaves, tree, signed heads, cosigned heads, outside marks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from softphone.domain.audit import AuditVerdict
from softphone.domain.errors import ProofInvalid
from softphone.domain.handover import CONTINUED
from softphone.domain.merkle import Frontier, Growing, leaf_hash
from softphone.domain.note import VerifierKey, parse_checkpoint, parse_note, verify
from softphone.domain.tombstone import format_time
from softphone.vault.audit_log import commitment
from softphone.vault.core import Core
from softphone.vault.crypto import verifies
from softphone.vault.log_keys import log_keys
from softphone.vault.marks import Marks
from softphone.vault.times import from_micros

_ROWS_A_STEP = 2000
_HEADS_A_STEP = 250
"""Signatures are dear: a step holds the vault for some 50 ms."""
_COMMITMENT = b'"commitment":"'
_ROWS = """
SELECT l.n, CAST(l.leaf AS BLOB), CAST(l.hash AS BLOB), l.time, l.actor, l.action, l.category,
       l.result, l.object_id, CAST(d.salt AS BLOB), CAST(d.detail AS BLOB)
FROM audit_leaves l LEFT JOIN audit_details d ON d.n = l.n
WHERE l.n > ? AND l.n < ? ORDER BY l.n LIMIT ?
"""
_END = "Entries were removed from or added to the end."


class _Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    device: str
    n: int
    time: str
    actor: str
    action: str
    object: str
    category: str
    result: str
    commitment: str


@dataclass(slots=True)
class _Walk:
    """What the walk over all leaves has seen so far."""

    frontier: Frontier = field(default_factory=Frontier)
    roots: dict[int, bytes] = field(default_factory=dict)
    broken_at: int | None = None
    why: str = ""
    device: str = ""
    """Whose entry the last one was: a restored workstation goes on under another name."""

    def fail(self, index: int, why: str) -> None:
        if self.broken_at is None or index < self.broken_at:
            self.broken_at, self.why = index, why


class LogCheck:
    """A check under way; it goes on by steps, so that the vault serves others in between.

    It is about the log as it was when the check began: what is appended meanwhile is left alone.
    """

    def __init__(self, core: Core, marks: Marks, witness: VerifierKey | None) -> None:
        self._core = core
        self._marks = marks
        self._witness = witness
        self._began = core.clock.monotonic()
        self._head: tuple[int, bytes] = core.connection.execute(
            "SELECT size, CAST(frontier AS BLOB) FROM audit_head"
        ).fetchone()
        self._heads = core.connection.execute("SELECT size, root, note FROM checkpoints").fetchall()
        self._cosigned = core.connection.execute("SELECT size, note FROM cosigned").fetchall()
        newest = core.connection.execute("SELECT max(n) FROM audit_leaves").fetchone()[0]
        self._walk = _Walk()
        if newest is not None and newest >= self._head[0]:
            self._walk.fail(self._head[0], _END)
        self._walk.roots[0] = self._walk.frontier.root()
        self._sizes = {row[0] for row in (*self._heads, *self._cosigned)} | {marks.log_size}
        self._tree = Growing()
        self._last = -1
        self._notes: Iterator[None] | None = None

    @property
    def total(self) -> int:
        """How many entries there are to check."""
        return self._head[0]

    @property
    def done(self) -> int:
        """How many entries were checked."""
        return self._tree.size

    def step(self) -> AuditVerdict | None:
        """Check some more; the verdict at the end.

        Never raises for a log that does not hold, the verdict says so.
        """
        if self._notes is None:
            if not self._rows():
                self._walked()
                self._notes = self._note_steps()
            return None
        if next(self._notes, self) is None:
            return None
        return self._verdict()

    def _rows(self) -> bool:
        """Look at the next entries; whether there were any."""
        walk, tree = self._walk, self._tree
        rows = self._core.connection.execute(
            _ROWS, (self._last, self.total, _ROWS_A_STEP)
        ).fetchall()
        add, sha256, sizes = tree.add, hashlib.sha256, self._sizes
        expected, second, shown = tree.size, -1, ""
        for row in rows:
            leaf: bytes = row[1]
            hashed = sha256(b"\x00" + leaf).digest()
            if row[3] // 1_000_000 != second:
                # Many entries fall into one second, and writing a time out is dear.
                second = row[3] // 1_000_000
                shown = from_micros(second * 1_000_000).isoformat(timespec="seconds")[:-6]
            if (hashed != row[2] or not _as_written(walk.device, expected, row, shown)) and (
                why := _leaf_fault(walk, expected, row)
            ):
                walk.fail(expected, why)
            add(hashed)
            expected += 1
            if expected in sizes:
                walk.roots[expected] = tree.frontier().root()
        if rows:
            self._last = rows[-1][0]
        return bool(rows)

    def _walked(self) -> None:
        walk = self._walk
        walk.frontier = self._tree.frontier()
        if walk.device not in ("", self._core.device.device):
            walk.fail(0, "Its entries are those of another workstation.")
        if self._head != (walk.frontier.size, b"".join(walk.frontier.hashes)):
            walk.fail(min(self.total, walk.frontier.size), _END)

    def _note_steps(self) -> Iterator[None]:
        """Check every head by Ed25519; by ML-DSA-44 the last of each kind.

        Roots are computed anew from all leaves, so that the last head vouches for whatever came
        before it. ML-DSA-44 at each of them would take most of the time.
        """
        walk, witness = self._walk, self._witness
        own, *second = log_keys(self._core.device)
        cosigners = (own, witness) if witness else (own,)
        parts = [
            *((size, bytes(root), note, (own,)) for size, root, note in self._heads),
            *((size, walk.roots.get(size, b""), note, cosigners) for size, note in self._cosigned),
        ]
        last = {len(self._heads) - 1, len(parts) - 1}
        for number, (size, root, note, keys) in enumerate(parts):
            asked = (*keys, *second) if number in last else keys
            _check_note(walk, size, root, note, asked)
            if number % _HEADS_A_STEP == _HEADS_A_STEP - 1:
                yield None

    def _verdict(self) -> AuditVerdict:
        walk, core = self._walk, self._core
        _check_marks(walk, self._marks, max((row[0] for row in self._cosigned), default=0))
        return AuditVerdict(
            holds=not walk.why,
            entries=walk.frontier.size,
            signed_up_to=max((row[0] for row in self._heads), default=0),
            witnessed_up_to=max((row[0] for row in self._cosigned), default=0),
            root_hash=walk.frontier.root().hex(),
            checked_at=core.clock.now(),
            took_ms=(core.clock.monotonic() - self._began) * 1000,
            broken_at=walk.broken_at,
            why=walk.why,
        )


def _as_written(device: str, expected: int, row: tuple[Any, ...], second: str) -> bool:
    """Whether a leaf is what its columns say, byte for byte; False asks for a closer look.

    ``second`` is the time of the entry up to the second. An entry whose detail was destroyed, or
    that never had one, keeps the commitment that it names.
    """
    n, leaf, _, time, actor, action, category, result, object_id, salt, detail = row
    if detail is not None:
        committed = hashlib.sha256(salt + detail).hexdigest()
    else:
        start = leaf.find(_COMMITMENT) + len(_COMMITMENT)
        committed = leaf[start : leaf.find(b'"', start)].decode("ascii", "replace")
    meant = (
        f'{{"action":"{action}","actor":"{actor}","category":"{category}",'
        f'"commitment":"{committed}","device":"{device}","n":{expected},'
        f'"object":"{object_id}","result":"{result}",'
        f'"time":"{second}.{time % 1_000_000:06d}Z"}}'
    )
    return bool(n == expected and meant.encode() == leaf)


def _leaf_fault(walk: _Walk, expected: int, row: tuple[Any, ...]) -> str:
    n, leaf, hashed, time, actor, action, category, result, object_id, salt, detail = row
    if n != expected:
        return "An entry is missing."
    if leaf_hash(bytes(leaf)) != bytes(hashed):
        return "An entry was altered."
    try:
        said = msgspec.json.decode(bytes(leaf), type=_Leaf)
    except msgspec.DecodeError:
        return "An entry cannot be read."
    if walk.device and said.device != walk.device and not _continues(said, walk.device):
        return "An entry is out of its place."
    walk.device = said.device
    shown = (n, format_time(from_micros(time)), actor, action, object_id, category, result)
    meant = (
        said.n,
        said.time,
        said.actor,
        said.action,
        said.object,
        said.category,
        said.result,
    )
    if shown != meant:
        return "An entry is shown other than it was written."
    if detail is not None and commitment(bytes(salt), bytes(detail)) != said.commitment:
        return "The detail of an entry was altered."
    return ""


def _continues(said: _Leaf, before: str) -> bool:
    return said.action == CONTINUED and said.object == before


def _check_note(
    walk: _Walk, size: int, root: bytes, note: str, keys: tuple[VerifierKey, ...]
) -> None:
    """Check that a signed head names the root that the leaves have."""
    try:
        parsed = parse_note(note)
        for key in keys:
            verify(parsed, key, verifies)
        head = parse_checkpoint(parsed.text)
    except ProofInvalid:
        walk.fail(max(size - 1, 0), "A signed head of the log is not genuine.")
        return
    ours = walk.roots.get(size)
    if head.origin != keys[0].name or (head.size, head.root, root) != (size, ours, ours):
        walk.fail(min(size, walk.frontier.size), "The log is not the one that was signed.")


def _check_marks(walk: _Walk, marks: Marks, cosigned: int) -> None:
    """Compare with what was remembered outside of the vault."""
    if marks.log_size and walk.roots.get(marks.log_size) != marks.log_root:
        walk.fail(
            min(marks.log_size, walk.frontier.size),
            "The vault is an older copy: entries that were signed here before are missing.",
        )
    if cosigned < marks.cosigned_size:
        walk.fail(
            cosigned, "The vault is an older copy: entries that the server confirmed are missing."
        )
