"""What every store of an unlocked vault shares."""

from __future__ import annotations

from dataclasses import dataclass

from softphone.app.ports import Clock
from softphone.domain.ids import GroupId, UserId
from softphone.domain.permissions import Member, Policy
from softphone.paths import Profile
from softphone.vault.audit_log import AuditLog
from softphone.vault.database import Connection
from softphone.vault.deeds import Deeds
from softphone.vault.meta import DeviceSecrets
from softphone.vault.recipients import HybridIdentity


@dataclass(slots=True, repr=False)
class Core:
    """Connection, device, log and the signed-in person; confined to the vault's thread."""

    profile: Profile
    connection: Connection
    device: DeviceSecrets
    clock: Clock
    log: AuditLog
    deeds: Deeds
    policy: Policy
    user: Member
    groups: dict[GroupId, HybridIdentity]
    vault_key: bytes
    own: Policy
    """This workstation's own policy; ``policy`` is the one in force (domain.fleet)."""
    fleet: Policy | None = None

    def member_name(self, user: UserId) -> str:
        """Return a person's name by the policy in force, or an empty string."""
        member = self.policy.member(user)
        return member.name if member else ""
