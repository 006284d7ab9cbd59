"""Roles and passwords given by others (``RoleStore``), and score cards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from softphone.app.ports.people import RecoveryDrill
from softphone.domain.audit import AuditDraft
from softphone.domain.ids import RecordingId, UserId
from softphone.domain.permissions import Role
from softphone.domain.score import ScoreCard
from softphone.domain.workplace import WorkplaceRules
from softphone.vault.stores import Stores


class ReviewSide:
    """The score cards of ``ReviewStore``, and ``HandOverStore``."""

    _stores: Stores

    def handover_address(self, team: str, destination: Path | None, draft: AuditDraft) -> None:
        """Make a new address of a team; an earlier one ends by it. Raises NotFound."""
        self._stores.packages.address(team, destination, draft)

    def hand_over(
        self, recording: RecordingId, address: Path, destination: Path, draft: AuditDraft
    ) -> None:
        """Write a recording's package for the workstation of an address."""
        self._stores.packages.hand_over(recording, address, destination, draft)

    def receive_package(self, file: Path, draft: AuditDraft) -> RecordingId:
        """Take a recording in from a package; it keeps its identifier."""
        return self._stores.packages.receive(file, draft)

    def save_score(self, card: ScoreCard, draft: AuditDraft) -> None:
        """Keep a card in place of the reviewer's earlier one. Raises NotFound."""
        self._stores.scores.save(card, draft)

    def score_cards(self, recording: RecordingId) -> Sequence[ScoreCard]:
        """Return the cards of a recording, oldest first."""
        return self._stores.scores.of_recording(recording)


class RoleSide:
    """``RoleStore``."""

    _stores: Stores

    @property
    def password_due(self) -> bool:
        """Whether the signed-in person must choose a password of their own."""
        return self._stores.people.password_due

    def save_role(self, role: Role, draft: AuditDraft) -> None:
        """Publish a policy with a role added or changed. Raises Refused, InvalidInput."""
        self._stores.people.save_role(role, draft)
        self._stores.sign_head()

    def remove_role(self, name: str, draft: AuditDraft) -> None:
        """Publish a policy without a role. Raises NotFound, Refused."""
        self._stores.people.remove_role(name, draft)
        self._stores.sign_head()

    def set_workplace(self, rules: WorkplaceRules, draft: AuditDraft) -> None:
        """Publish a policy with these rules for the workplace. Raises Refused (no policy key)."""
        self._stores.people.set_workplace(rules, draft)
        self._stores.sign_head()

    def drill_recovery(self, recovery_key: str, draft: AuditDraft) -> RecoveryDrill:
        """Prove that a recovery key works. Raises WrongCredentials, InvalidInput, Damaged."""
        return self._stores.resets.drill(recovery_key, draft)

    def reset_password(
        self, user: UserId, recovery_key: str, password: str, draft: AuditDraft
    ) -> None:
        """Give somebody else a one-time password by the recovery key.

        Raises WrongCredentials, TryLater, InvalidInput, NotFound, Refused, Damaged.
        """
        self._stores.resets.reset(user, recovery_key, password, draft)
        self._stores.sign_head()
