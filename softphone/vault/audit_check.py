"""The check of the whole audit log: leaves, tree, signed heads, cosigned heads, outside marks."""

from __future__ import annotations

import hashlib
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

_PAGE = 2000
_COMMITMENT = b'"commitment":"'
_ROWS = """
SELECT l.n, CAST(l.leaf AS BLOB), CAST(l.hash AS BLOB), l.time, l.actor, l.action, l.category,
       l.result, l.object_id, CAST(d.salt AS BLOB), CAST(d.detail AS BLOB)
FROM audit_leaves l LEFT JOIN audit_details d ON d.n = l.n ORDER BY l.n
"""


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


def verify_log(core: Core, marks: Marks, witness: VerifierKey | None) -> AuditVerdict:
    """Check everything; never raises for a log that does not hold, the verdict says so."""
    began = core.clock.monotonic()
    heads = core.connection.execute("SELECT size, root, note FROM checkpoints").fetchall()
    cosigned = core.connection.execute("SELECT size, note FROM cosigned").fetchall()
    sizes = {row[0] for row in heads} | {row[0] for row in cosigned} | {marks.log_size}
    walk = _walk(core, sizes)
    _check_head(core, walk)
    _check_notes(walk, core, heads, cosigned, witness)
    _check_marks(walk, marks, max((row[0] for row in cosigned), default=0))
    return AuditVerdict(
        holds=not walk.why,
        entries=walk.frontier.size,
        signed_up_to=max((row[0] for row in heads), default=0),
        witnessed_up_to=max((row[0] for row in cosigned), default=0),
        root_hash=walk.frontier.root().hex(),
        checked_at=core.clock.now(),
        took_ms=(core.clock.monotonic() - began) * 1000,
        broken_at=walk.broken_at,
        why=walk.why,
    )


def _walk(core: Core, sizes: set[int]) -> _Walk:
    walk = _Walk()
    walk.roots[0] = walk.frontier.root()
    tree = Growing()
    add, sha256 = tree.add, hashlib.sha256
    cursor = core.connection.execute(_ROWS)
    expected, second, shown = 0, -1, ""
    while rows := cursor.fetchmany(_PAGE):
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
    walk.frontier = tree.frontier()
    if walk.device not in ("", core.device.device):
        walk.fail(0, "Its entries are those of another workstation.")
    return walk


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


def _check_head(core: Core, walk: _Walk) -> None:
    size, joined = core.connection.execute("SELECT size, frontier FROM audit_head").fetchone()
    if (size, bytes(joined)) != (walk.frontier.size, b"".join(walk.frontier.hashes)):
        walk.fail(min(size, walk.frontier.size), "Entries were removed from or added to the end.")


def _check_notes(
    walk: _Walk,
    core: Core,
    heads: list[Any],
    cosigned: list[Any],
    witness: VerifierKey | None,
) -> None:
    """Check every head by Ed25519; by ML-DSA-44 the last of each kind.

    Roots are computed anew from all leaves, so that the last head vouches for whatever came
    before it. ML-DSA-44 at each of them would take most of the time.
    """
    own, *second = log_keys(core.device)
    last = max((row[0] for row in heads), default=0)
    for size, root, note in heads:
        keys = (own, *second) if size == last else (own,)
        _check_note(walk, size, bytes(root), note, keys)
    last = max((row[0] for row in cosigned), default=0)
    cosigners = (own, witness) if witness else (own,)
    for size, note in cosigned:
        keys = (*cosigners, *second) if size == last else cosigners
        _check_note(walk, size, walk.roots.get(size, b""), note, keys)


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
