"""The side of a vault that synchronisation sees, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from softphone.app.ports import Enrolment, LeafBatch
from softphone.app.ports.fleet import FleetState
from softphone.domain.audit import AuditDraft, AuditEntry
from softphone.domain.errors import InvalidInput
from softphone.domain.ids import DeviceId, ErasureId
from softphone.domain.privacy import Tombstone
from tests.fakes.relay import FakeRelay, NothingRelayed
from tests.fakes.world import World


class FakeSync(NothingRelayed, FakeRelay):
    world: World

    def sign_checkpoint(self) -> str:
        return f"north-12.example\n{len(self.world.audit)}\n8Qk0rT7dW1yZs5oG2uXbJv4nHc9eLmPqA6\n"

    @property
    def device(self) -> DeviceId:
        return DeviceId("NORTH-12")

    @property
    def log_key(self) -> str:
        return "north-12.example+00000000+AQ=="

    @property
    def log_key_mldsa(self) -> str:
        return ""

    @property
    def handover(self) -> str:
        return ""

    def policy_etag(self) -> str | None:
        return self.world.fleet[0] if self.world.policy.follows else None

    def receive_policy(self, note: bytes, etag: str) -> bool:
        new = self.world.fleet != (etag, note)
        self.world.fleet = (etag, note)
        return new

    def policy_to_publish(self) -> str:
        return ""

    def policy_published(self, note: str) -> None:
        return

    def fleet_state(self) -> FleetState:
        return FleetState("softphone-policy+0", self.world.publishes, self.world.policy.follows)

    def follow_policy(self, policy_key: str, draft: AuditDraft) -> None:
        if policy_key and not policy_key.startswith("softphone-policy+"):
            raise InvalidInput("No policy was followed.", "It is no policy key.")
        policy = self.world.policy
        self.world.policy = replace(policy, version=policy.version + 1, follows=policy_key)
        self.append_audit(draft)

    def publish_to_fleet(self, draft: AuditDraft) -> None:
        self.world.publishes = True
        self.append_audit(draft)

    def append_audit(self, draft: AuditDraft) -> AuditEntry:
        raise NotImplementedError

    def enrolment(self) -> Enrolment | None:
        return self.world.enrolment

    def save_enrolment(self, enrolment: Enrolment) -> None:
        self.world.enrolment = enrolment

    def unsent_leaves(self, limit: int) -> LeafBatch | None:
        first = self.world.witnessed
        leaves = tuple(repr(r.entry).encode() for r in self.world.audit[first : first + limit])
        return LeafBatch(first, leaves, self.sign_checkpoint()) if leaves else None

    def confirm_leaves(self, size: int, cosigned: str) -> None:
        self.world.witnessed = max(self.world.witnessed, size)

    def unsent_tombstones(self) -> Sequence[Tombstone]:
        return tuple(t for t in self.world.tombstones if t.erasure not in self.world.applied)

    def confirm_tombstone(self, erasure: ErasureId) -> None:
        self.world.applied.add(erasure)

    def tombstone_cursor(self) -> int:
        return self.world.cursor

    def apply_tombstone(self, tombstone: Tombstone, position: int) -> bool:
        self.world.cursor = max(self.world.cursor, position)
        if self.world.policy.device(tombstone.device) is None:
            self.world.held.setdefault(tombstone.erasure, (position, tombstone))
            return False
        before = len(self.world.recordings)
        for recording in tombstone.recordings:
            self.world.recordings.pop(recording, None)
        return len(self.world.recordings) != before

    def tombstones_done(self) -> int:
        held = [position for position, _ in self.world.held.values()]
        return min([self.world.cursor, *(position - 1 for position in held)])

    def held_back(self) -> int:
        return len(self.world.held)

    def waiting(self) -> int:
        return len(self.world.audit) - self.world.witnessed + len(self.unsent_tombstones())
