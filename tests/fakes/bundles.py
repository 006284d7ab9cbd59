"""Bundles of a log with real keys, made without a vault."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from softphone.domain.audit import AuditEntry
from softphone.domain.audit_bundle import AuditBundle
from softphone.domain.ids import new_id
from softphone.domain.merkle import leaf_hash, root
from softphone.domain.note import (
    COSIGNATURE_V1,
    ML_DSA_44,
    Checkpoint,
    SignedNote,
    VerifierKey,
    cosign,
    format_checkpoint,
    format_note,
    parse_note,
    sign,
    sign_subtree,
)
from softphone.vault.audit_log import leaf_bytes
from softphone.vault.crypto import mldsa_key, public_key, signer

WITNESS_SEED = b"w" * 32
WITNESS = VerifierKey("witness.example/1", public_key(WITNESS_SEED), COSIGNATURE_V1)


class Log:
    """A device's log: leaves, and checkpoints of any size, signed as the device signs."""

    def __init__(self, count: int, seed: bytes = b"l" * 32) -> None:
        self.device = new_id()
        self.seed = seed
        self.key = VerifierKey(f"softphone/{self.device}", public_key(seed))
        self.second = mldsa_key(seed)
        assert self.second is not None
        self.mldsa = VerifierKey(
            self.key.name, self.second.public_key().public_bytes_raw(), ML_DSA_44
        )
        self.leaves = [self.leaf(n) for n in range(count)]

    def leaf(self, n: int, actor: str = "device") -> bytes:
        when = datetime(2026, 3, 1, 9, 0, 0, n, tzinfo=UTC)
        return leaf_bytes(
            AuditEntry(self.device, n, when, actor, "call.ended", "", "call", "done", "")
        )

    def note(self, size: int, *, digest: bytes = b"", origin: str = "", seed: bytes = b"") -> str:
        digest = digest or root([leaf_hash(leaf) for leaf in self.leaves[:size]])
        text = format_checkpoint(Checkpoint(origin or self.key.name, size, digest))
        return format_note(SignedNote(text, (sign(text, self.key, signer(seed or self.seed)),)))

    def signed_twice(self, size: int, text: str = "") -> str:
        """Sign as a device with two keys does; the second key signs ``text`` where it is given."""
        parsed = parse_note(self.note(size))
        assert self.second is not None
        second = sign_subtree(text or parsed.text, self.mldsa, self.second.sign)
        return format_note(SignedNote(parsed.text, (*parsed.signatures, second)))

    def cosigned(self, size: int, seed: bytes = WITNESS_SEED) -> str:
        parsed = parse_note(self.note(size))
        made = cosign(parsed.text, WITNESS, signer(seed), 1_790_000_000)
        return format_note(SignedNote(parsed.text, (*parsed.signatures, made)))

    def bundle(self, *notes: str, leaves: list[bytes] | None = None, **changes) -> AuditBundle:
        size = len(self.leaves)
        values: dict = {
            "log_key": str(self.key),
            "witness_key": str(WITNESS),
            "entries": size,
            "leaves": self.leaves if leaves is None else leaves,
            "checkpoints": notes or (self.cosigned(size // 2), self.note(size)),
        }
        return AuditBundle(**(values | changes))


def altered(leaf: bytes) -> bytes:
    return leaf.replace(b"call.ended", b"call.faked")


def attacks(log: Log) -> dict[str, AuditBundle]:
    """Bundles that must not hold, by what was done to them. The log has nine entries."""
    leaves = log.leaves
    half, whole = log.cosigned(4), log.note(9)
    other = Log(9, b"o" * 32)
    return {
        "altered entry": log.bundle(leaves=[altered(leaves[0]), *leaves[1:]]),
        "truncated": log.bundle(leaves=leaves[:-1], entries=8),
        "truncated below the cosigned size": log.bundle(leaves=leaves[:3], entries=3),
        "reordered": log.bundle(leaves=[leaves[1], leaves[0], *leaves[2:]]),
        "entry left out": log.bundle(leaves=leaves[:4] + leaves[5:], entries=8),
        "entry twice": log.bundle(leaves=[*leaves[:5], *leaves[4:]], entries=10),
        "unsigned end": log.bundle(leaves=[*leaves, log.leaf(9)], entries=10),
        "forged checkpoint": log.bundle(half, log.note(9, seed=b"x" * 32)),
        "forged cosignature": log.bundle(log.cosigned(4, b"x" * 32), whole),
        "checkpoint of other entries": log.bundle(half, log.note(9, digest=b"r" * 32)),
        "fork": log.bundle(log.note(4, digest=b"r" * 32), whole),
        "checkpoint of another log": log.bundle(half, log.note(9, origin="softphone/other")),
        "no checkpoint": log.bundle(checkpoints=()),
        "another log's key": log.bundle(half, whole, log_key=str(other.key)),
        "key that is none": log.bundle(half, whole, log_key="softphone/x+00000000+AQ=="),
        "not canonical": log.bundle(leaves=[leaves[0] + b" ", *leaves[1:]]),
        "not JSON": log.bundle(leaves=[b"{", *leaves[1:]]),
        "leaves of another device": log.bundle(leaves=other.leaves),
        "wrong count": log.bundle(entries=10),
    }


def mldsa_attacks(log: Log) -> dict[str, AuditBundle]:
    """Bundles of a log with a second key that must not hold. The log has nine entries."""
    good = log.signed_twice(9)
    text = parse_note(good).text
    other = text.replace("\n9\n", "\n8\n")
    key = str(log.mldsa)
    forger = Log(9, b"f" * 32)
    forger.mldsa = replace(forger.mldsa, name=log.key.name)
    return {
        "stripped": log.bundle(log.note(9), mldsa_key=key),
        "one of two stripped": log.bundle(log.note(4), good, mldsa_key=key),
        "of another size": log.bundle(log.signed_twice(9, other), mldsa_key=key),
        "by another key": log.bundle(good, mldsa_key=str(forger.mldsa)),
        "key of another log": log.bundle(good, mldsa_key=str(Log(9).mldsa)),
        "key of another kind": log.bundle(good, mldsa_key=str(log.key)),
    }


MLDSA_ATTACKS = sorted(mldsa_attacks(Log(9)))
ATTACKS = sorted(attacks(Log(9)))
