"""What of the audit log leaves the workstation: a whole log, or the proof of one entry.

Neither holds a name, a number or any other personal detail: leaves carry pseudonyms, random
identifiers and commitments only. Whoever checks one needs public keys alone (docs/audit.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from softphone.domain.canonical import canonical_json
from softphone.domain.errors import ProofInvalid
from softphone.domain.handover import next_device
from softphone.domain.merkle import Frontier, leaf_hash
from softphone.domain.note import (
    ML_DSA_44,
    Checkpoint,
    VerifierKey,
    Verify,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
    verify,
)

FORMAT = "softphone-audit-bundle/1"
LEAF_FIELDS = frozenset(
    {"device", "n", "time", "actor", "action", "object", "category", "result", "commitment"}
)


@dataclass(frozen=True, slots=True)
class AuditBundle:
    """A whole log. ``leaves`` are exact canonical bytes in order, perhaps read as one goes.

    ``checkpoints`` are signed notes by size, cosigned where the witness saw them; ``witness_key``
    is empty where there is no witness.
    """

    log_key: str
    witness_key: str
    entries: int
    leaves: Iterable[bytes]
    checkpoints: Sequence[str]
    mldsa_key: str = ""
    """The log's ML-DSA-44 key, which then signs every checkpoint too; empty without one."""


@dataclass(frozen=True, slots=True)
class EntryProof:
    """One leaf, and the audit path from it to the root of a signed checkpoint (RFC 9162)."""

    index: int
    leaf: bytes
    path: tuple[bytes, ...]
    checkpoint: str
    log_key: str
    witness_key: str
    mldsa_key: str = ""


@dataclass(frozen=True, slots=True)
class BundleVerdict:
    """The outcome of a check; ``broken_at`` is the first entry that differs."""

    holds: bool
    entries: int
    witnessed_up_to: int
    root_hash: str
    log_key: str
    witness_key: str
    why: str = ""
    broken_at: int | None = None
    mldsa_key: str = ""
    """The ML-DSA-44 key by which every checkpoint was checked too; empty for Ed25519 only."""


@dataclass(slots=True)
class _Walk:
    frontier: Frontier = field(default_factory=Frontier)
    roots: dict[int, bytes] = field(default_factory=dict)


class _Broken(Exception):
    def __init__(self, why: str, at: int | None = None) -> None:
        super().__init__(why)
        self.why, self.at = why, at


def check_bundle(
    bundle: AuditBundle,
    verifier: Verify,
    *,
    log_key: str = "",
    witness_key: str = "",
    mldsa_key: str = "",
) -> BundleVerdict:
    """Check every leaf, the tree, and every signed head; the last one must end the log.

    ``log_key``, ``witness_key`` and ``mldsa_key`` are known from elsewhere; a bundle that names
    other ones does not hold, nor does one that no given witness has seen. Never raises for a bundle
    that does not hold.
    """
    walk = _Walk()
    witnessed, why, at = 0, "", None
    try:
        _expect(bundle.log_key, log_key, "log")
        _expect(bundle.witness_key, witness_key, "witness")
        _expect(bundle.mldsa_key, mldsa_key, "log")
        witnessed = _check(bundle, verifier, walk)
        if witness_key and not witnessed:
            raise _Broken("The witness has seen nothing of it.")
    except _Broken as broken:
        why, at = broken.why, broken.at
    except ProofInvalid as error:
        why = error.why
    return BundleVerdict(
        not why,
        walk.frontier.size,
        witnessed,
        walk.frontier.root().hex(),
        bundle.log_key,
        bundle.witness_key,
        why,
        at,
        bundle.mldsa_key,
    )


def _expect(named: str, wanted: str, whose: str) -> None:
    if wanted and named != wanted:
        raise _Broken(f"It names another key of the {whose} than the one you know.")


def _check(bundle: AuditBundle, verifier: Verify, walk: _Walk) -> int:
    """Return how many entries the witness has seen."""
    key = parse_verifier_key(bundle.log_key)
    second = _second_key(bundle.mldsa_key, key)
    witness = parse_verifier_key(bundle.witness_key) if bundle.witness_key else None
    heads = [_head(note, key, second, verifier) for note in bundle.checkpoints]
    if not heads:
        raise _Broken("It has no signed checkpoint.")
    sizes = {head.size for head in heads}
    device = ""
    for expected, leaf in enumerate(bundle.leaves):
        device = _check_leaf(leaf, expected, device)
        walk.frontier = walk.frontier.append(leaf_hash(leaf))
        if walk.frontier.size in sizes:
            walk.roots[walk.frontier.size] = walk.frontier.root()
    if device and device != key.name.rpartition("/")[2]:
        raise _Broken("Its entries are those of another workstation.", 0)
    for head in heads:
        if walk.roots.get(head.size) != head.root:
            at = min(head.size, walk.frontier.size)
            raise _Broken("The entries are not those that were signed.", at)
    if max(sizes) != walk.frontier.size or bundle.entries != walk.frontier.size:
        raise _Broken("Entries at the end are missing or not signed.", max(sizes))
    return _witnessed(bundle.checkpoints, heads, witness, verifier)


def _second_key(text: str, key: VerifierKey) -> VerifierKey | None:
    second = parse_verifier_key(text) if text else None
    if second is not None and (second.type, second.name) != (ML_DSA_44, key.name):
        raise _Broken("Its second key is no key of this log.")
    return second


def _head(note: str, key: VerifierKey, second: VerifierKey | None, verifier: Verify) -> Checkpoint:
    parsed = parse_note(note)
    for one in (key,) if second is None else (key, second):
        verify(parsed, one, verifier)
    head = parse_checkpoint(parsed.text)
    if head.origin != key.name:
        raise _Broken("A checkpoint is about another log.")
    return head


def _check_leaf(leaf: bytes, expected: int, device: str) -> str:
    """Return whose entries follow; ``device`` is whose they were, empty before the first."""
    try:
        said = json.loads(leaf)
        if canonical_json(said) != leaf or set(said) != LEAF_FIELDS:
            raise _Broken("An entry is not in the form that is signed.", expected)
    except (ValueError, TypeError, RecursionError) as error:
        raise _Broken("An entry cannot be read.", expected) from error
    if said["n"] != expected:
        raise _Broken("An entry is out of its place.", expected)
    try:
        return next_device(said, device)
    except ProofInvalid as error:
        raise _Broken(error.why, expected) from error


def _witnessed(
    notes: Sequence[str],
    heads: Sequence[Checkpoint],
    witness: VerifierKey | None,
    verifier: Verify,
) -> int:
    if witness is None:
        return 0
    seen = 0
    for note, head in zip(notes, heads, strict=True):
        parsed = parse_note(note)
        if any((s.name, s.key_id) == (witness.name, witness.key_id) for s in parsed.signatures):
            verify(parsed, witness, verifier)
            seen = max(seen, head.size)
    return seen
