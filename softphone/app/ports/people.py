"""Roles, and passwords that others give: the administrators' side of the vault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from softphone.domain.audit import AuditDraft
from softphone.domain.ids import UserId
from softphone.domain.permissions import Role
from softphone.domain.workplace import WorkplaceRules


@dataclass(frozen=True, slots=True)
class RecoveryDrill:
    """What the recovery key was found to open: people's slots, and newest recordings."""

    people: int
    recordings: int


class RoleStore(Protocol):
    """Publishes policies with other roles, and gives forgotten passwords anew."""

    @property
    def password_due(self) -> bool:
        """Whether the signed-in person came with a one-time password and must choose their own."""
        ...

    def save_role(self, role: Role, draft: AuditDraft) -> None:
        """Publish a policy with a role added or changed; groups of listeners start anew.

        Raises Refused (one's own role, no policy key), InvalidInput.
        """
        ...

    def remove_role(self, name: str, draft: AuditDraft) -> None:
        """Publish a policy without a role; a changed built-in one becomes as it came.

        Raises NotFound, Refused (one's own, in use, built in, no policy key).
        """
        ...

    def set_workplace(self, rules: WorkplaceRules, draft: AuditDraft) -> None:
        """Publish a policy with these rules for the workplace. Raises Refused (no policy key)."""
        ...

    def drill_recovery(self, recovery_key: str, draft: AuditDraft) -> RecoveryDrill:
        """Prove that a recovery key works; nothing but the log changes.

        Raises WrongCredentials (not this vault's), InvalidInput (malformed), Damaged.
        """
        ...

    def reset_password(
        self, user: UserId, recovery_key: str, password: str, draft: AuditDraft
    ) -> None:
        """Give somebody else a one-time password by the recovery key; none of their keys is lost.

        Raises WrongCredentials (not this vault's recovery key), TryLater, InvalidInput (a
        malformed key), NotFound, Refused (oneself), Damaged.
        """
        ...
