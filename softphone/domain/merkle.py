"""Merkle tree of the audit log: RFC 6962 section 2.1, proofs by RFC 9162 sections 2.1.3, 2.1.4."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from softphone.domain.errors import ProofInvalid

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


class Hash(Protocol):
    """What SHA-256 returns."""

    def digest(self) -> bytes:
        """Return the 32 bytes."""
        ...


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The full subtrees of a tree of ``size`` leaves, largest first; enough to append and hash.

    ``hashes`` has one entry for each set bit of ``size``. Raises ValueError when it has not.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError("a frontier has one hash for each set bit of its size")

    def append(self, hashed_leaf: bytes) -> Frontier:
        """Return the frontier after one more leaf (given by its leaf hash)."""
        hashes = list(self.hashes)
        carry = hashed_leaf
        size = self.size
        while size & 1:
            carry = node_hash(hashes.pop(), carry)
            size >>= 1
        return Frontier(self.size + 1, (*hashes, carry))

    def root(self) -> bytes:
        """Return the tree hash."""
        if not self.hashes:
            return EMPTY_ROOT
        total = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            total = node_hash(left, total)
        return total


class Growing:
    """A tree that grows in place: for walks over whole logs, where a new value a leaf costs."""

    def __init__(self) -> None:
        self.size = 0
        self._hashes: list[bytes] = []

    def add(self, hashed_leaf: bytes, sha256: Callable[[bytes], Hash] = hashlib.sha256) -> None:
        """Append a leaf, given by its leaf hash."""
        hashes, size = self._hashes, self.size
        while size & 1:
            hashed_leaf = sha256(b"\x01" + hashes.pop() + hashed_leaf).digest()
            size >>= 1
        hashes.append(hashed_leaf)
        self.size += 1

    def frontier(self) -> Frontier:
        """Return the frontier as of now."""
        return Frontier(self.size, tuple(self._hashes))


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the tree hash over leaf hashes."""
    tree = Growing()
    for hashed in leaf_hashes:
        tree.add(hashed)
    return tree.frontier().root()


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the audit path of leaf ``index`` (RFC 9162 section 2.1.3.1). Raises ValueError."""
    if not 0 <= index < len(leaf_hashes):
        raise ValueError("the leaf is not in the tree")
    path: list[bytes] = []
    low, high = 0, len(leaf_hashes)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(root(leaf_hashes[middle:high]))
            high = middle
        else:
            path.append(root(leaf_hashes[low:middle]))
            low = middle
    return tuple(reversed(path))


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """Return the proof that the tree of ``old_size`` is a prefix (RFC 9162 section 2.1.4.1).

    Empty for an old size of 0 and for equal sizes. Raises ValueError.
    """
    if not 0 <= old_size <= len(leaf_hashes):
        raise ValueError("the old tree is larger than the tree")
    if old_size in (0, len(leaf_hashes)):
        return ()
    path: list[bytes] = []
    low, high, whole = 0, len(leaf_hashes), True
    while old_size != high:
        middle = low + _split(high - low)
        if old_size <= middle:
            path.append(root(leaf_hashes[middle:high]))
            high = middle
        else:
            path.append(root(leaf_hashes[low:middle]))
            low, whole = middle, False
    if not whole:
        path.append(root(leaf_hashes[low:high]))
    return tuple(reversed(path))


def verify_inclusion(
    index: int, size: int, hashed_leaf: bytes, proof: Sequence[bytes], tree_root: bytes
) -> None:
    """Check an audit path (RFC 9162 section 2.1.3.2). Raises ProofInvalid."""
    if not 0 <= index < size:
        raise _invalid("The entry lies outside of the tree.")
    if len(hashed_leaf) != HASH_BYTES:
        raise _invalid("The hash of the entry has the wrong length.")
    node, last = index, size - 1
    total = hashed_leaf
    for step in proof:
        if last == 0:
            raise _invalid("The proof is too long.")
        if node & 1 or node == last:
            total = node_hash(step, total)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            total = node_hash(total, step)
        node >>= 1
        last >>= 1
    if last != 0:
        raise _invalid("The proof is too short.")
    if total != tree_root:
        raise _invalid("The tree hash differs.")


def verify_consistency(
    old_size: int, size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that one tree is a prefix of another (RFC 9162 section 2.1.4.2).

    From an empty tree only an empty tree follows provably; callers who accept any tree after an
    empty one need no proof. Raises ProofInvalid.
    """
    if not 0 <= old_size <= size:
        raise _invalid("The log became shorter.")
    if old_size == size:
        if proof or old_root != new_root:
            raise _invalid("Trees of one size differ.")
        return
    if old_size == 0 or not proof:
        raise _invalid("The proof is missing.")
    steps = list(proof)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    node, last = old_size - 1, size - 1
    while node & 1:
        node >>= 1
        last >>= 1
    if _walk(node, last, steps) != (old_root, new_root):
        raise _invalid("The tree hashes differ.")


def _walk(node: int, last: int, steps: Sequence[bytes]) -> tuple[bytes, bytes]:
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise _invalid("The proof is too long.")
        if node & 1 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new = node_hash(new, step)
        node >>= 1
        last >>= 1
    if last != 0:
        raise _invalid("The proof is too short.")
    return old, new


def _split(count: int) -> int:
    """Return the largest power of two smaller than ``count``."""
    return 1 << ((count - 1).bit_length() - 1)


def _invalid(why: str) -> ProofInvalid:
    return ProofInvalid("A proof about the audit log does not hold.", why)
