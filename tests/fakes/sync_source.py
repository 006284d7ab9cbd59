"""An in-memory log and outbox with real keys: the vault as synchronisation sees it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from softphone.app.ports import Enrolment, LeafBatch
from softphone.domain.errors import ProofInvalid, ServerMisbehaved
from softphone.domain.ids import DeviceId, ErasureId, RecordingId, new_id
from softphone.domain.merkle import leaf_hash, root
from softphone.domain.note import (
    Checkpoint,
    SignedNote,
    VerifierKey,
    format_checkpoint,
    format_note,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
    sign,
    verify,
)
from softphone.domain.privacy import ErasureReason, Tombstone
from softphone.domain.relay import ADDRESS_TITLE
from softphone.domain.tombstone import sign_tombstone
from softphone.server.witness import signature_verifies
from tests.fakes.relay import NothingRelayed


class MemorySource(NothingRelayed):
    """Everything that a real source keeps in the vault."""

    def __init__(self) -> None:
        self._device = DeviceId(new_id())
        self._key = Ed25519PrivateKey.generate()
        public = self._key.public_key().public_bytes_raw()
        self.verifier_key = VerifierKey(f"softphone/{self._device}", public)
        self.leaves: list[bytes] = []
        self.cosigned: dict[int, str] = {}
        self.outbox: list[Tombstone] = []
        self.applied: list[ErasureId] = []
        self.cursor = 0
        self.held = 0
        self.kept: Enrolment | None = None
        self.follows = False
        self.policy = ("", b"")
        self.offered = ""

    # what a person's deeds would do
    def write(self, count: int) -> None:
        """Write audit leaves."""
        start = len(self.leaves)
        self.leaves += [f'{{"n":{n}}}'.encode() for n in range(start, start + count)]

    def erase(self, erasure: ErasureId | None = None) -> Tombstone:
        """Carry an erasure out and queue its tombstone."""
        tombstone = sign_tombstone(
            Tombstone(
                erasure=erasure or ErasureId(new_id()),
                device=self._device,
                reason=ErasureReason.SUBJECT_REQUEST,
                executed_at=datetime(2026, 3, 1, tzinfo=UTC),
                recordings=(RecordingId(new_id()),),
                counts=(("recordings", 1),),
            ),
            self._key.sign,
        )
        self.outbox.append(tombstone)
        self.applied.append(tombstone.erasure)
        return tombstone

    def checkpoint(
        self,
        size: int,
        *,
        origin: str = "",
        digest: bytes = b"",
        extensions: tuple[str, ...] = (),
    ) -> str:
        """Sign a checkpoint; wrong ones where a test wants them."""
        digest = digest or root([leaf_hash(leaf) for leaf in self.leaves[:size]])
        text = format_checkpoint(
            Checkpoint(origin or self.verifier_key.name, size, digest, extensions)
        )
        return format_note(SignedNote(text, (sign(text, self.verifier_key, self._key.sign),)))

    def address(
        self, until: datetime, *, team: str = "sales", device: str = "", text: str = ""
    ) -> str:
        """Sign an address as a server checks it; wrong ones where a test wants them."""
        said = text or json.dumps(
            {"device": device or self._device, "team": team, "not_after": until.isoformat()}
        )
        note = f"{ADDRESS_TITLE}{said}\n"
        return format_note(SignedNote(note, (sign(note, self.verifier_key, self._key.sign),)))

    # SyncSource
    @property
    def device(self) -> DeviceId:
        return self._device

    @property
    def log_key(self) -> str:
        return str(self.verifier_key)

    @property
    def log_key_mldsa(self) -> str:
        return ""

    @property
    def handover(self) -> str:
        return ""

    def policy_etag(self) -> str | None:
        return self.policy[0] if self.follows else None

    def receive_policy(self, note: bytes, etag: str) -> bool:
        new = self.policy != (etag, note)
        self.policy = (etag, note)
        return new

    def policy_to_publish(self) -> str:
        return self.offered

    def policy_published(self, note: str) -> None:
        self.offered = ""

    def enrolment(self) -> Enrolment | None:
        return self.kept

    def save_enrolment(self, enrolment: Enrolment) -> None:
        self.kept = enrolment

    def unsent_leaves(self, limit: int) -> LeafBatch | None:
        first = max(self.cosigned, default=0)
        some = tuple(self.leaves[first : first + limit])
        if not some:
            return None
        return LeafBatch(first, some, self.checkpoint(first + len(some)))

    def confirm_leaves(self, size: int, cosigned: str) -> None:
        try:
            note = parse_note(cosigned)
            assert self.kept is not None
            for key in (self.verifier_key, parse_verifier_key(self.kept.witness_key)):
                verify(note, key, signature_verifies)
            head = parse_checkpoint(note.text)
        except ProofInvalid as error:
            raise ServerMisbehaved("The confirmation was refused.", error.why) from error
        if note.text != parse_note(self.checkpoint(size)).text or head.size != size:
            raise ServerMisbehaved("The confirmation was refused.", "It is about another log.")
        self.cosigned[size] = cosigned

    def unsent_tombstones(self) -> Sequence[Tombstone]:
        return tuple(self.outbox)

    def confirm_tombstone(self, erasure: ErasureId) -> None:
        self.outbox = [one for one in self.outbox if one.erasure != erasure]

    def tombstone_cursor(self) -> int:
        return self.cursor

    def apply_tombstone(self, tombstone: Tombstone, position: int) -> bool:
        self.cursor = max(self.cursor, position)
        if tombstone.erasure in self.applied:
            return False
        self.applied.append(tombstone.erasure)
        return True

    def tombstones_done(self) -> int:
        return self.cursor

    def held_back(self) -> int:
        return self.held

    def waiting(self) -> int:
        return len(self.leaves) - max(self.cosigned, default=0) + len(self.outbox)
