"""The signed-in session: the vault, who is using it, and the one door every right goes through."""

from __future__ import annotations

from softphone.app.ports import Clock, Vault
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.errors import Refused
from softphone.domain.ids import UserId
from softphone.domain.masking import masked
from softphone.domain.permissions import Decision, Permission, Scope, decide, reach


class Session:
    """An unlocked vault with the checks in front of it. Used on the vault's thread only."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self.vault = vault
        self.clock = clock
        self._looked: set[tuple[Action, DataCategory, str, bool]] = set()

    @property
    def user(self) -> UserId:
        """Who is signed in."""
        return self.vault.user.id

    def may(
        self, permission: Permission, *, owner: UserId | None = None, team: str | None = None
    ) -> Decision:
        """Say whether the person may, by the policy alone, without an audit entry."""
        policy = self.vault.policy
        if policy.not_after <= self.clock.now():
            return Decision(False, "A policy that has not expired")
        return decide(policy, self.user, permission, owner=owner, team=team)

    def agents(self, permission: Permission) -> tuple[UserId, ...] | None:
        """Return whose rows a right reaches: None for everybody's, nobody's without the right."""
        if not self.may(permission).allowed:
            return ()
        scope = reach(self.vault.policy, self.user, permission)
        if scope is Scope.ALL:
            return None
        if scope is Scope.OWN:
            return (self.user,)
        team = self.vault.user.team
        return tuple(m.id for m in self.vault.policy.members if m.team == team)

    def shown_number(self, number: str) -> str:
        """Return a number as the person may see it."""
        return number if self.may(Permission.NUMBERS_SEE).allowed else masked(number)

    def permit(
        self,
        permission: Permission,
        action: Action,
        category: DataCategory,
        object_id: str = "",
        *,
        owner: UserId | None = None,
        team: str | None = None,
        detail: dict[str, str] | None = None,
    ) -> AuditDraft:
        """Return the draft of a permitted deed, or write the refusal and raise Refused."""
        decision = self.may(permission, owner=owner, team=team)
        if decision.allowed and self.vault.password_due:
            self.vault.append_audit(
                AuditDraft(action, category, object_id, Result.REFUSED, self.user, detail or {})
            )
            raise Refused(
                "Nothing was done.",
                "You came in with a one-time password.",
                "Choose your own password first.",
            )
        if decision.allowed:
            return self.draft(action, category, object_id, detail=detail)
        refused = AuditDraft(
            action,
            category,
            object_id,
            Result.REFUSED,
            self.user,
            {**(detail or {}), "missing": decision.missing},
        )
        self.vault.append_audit(refused)
        self.looked(action, category, object_id, allowed=False)
        raise Refused(
            decision.sentence,
            "Your request was written to the audit log.",
            "Ask them if you need it for your work.",
        )

    def look(
        self,
        permission: Permission | None,
        action: Action,
        category: DataCategory,
        object_id: str = "",
        *,
        owner: UserId | None = None,
        team: str | None = None,
    ) -> bool:
        """Say whether the person may look at rows; the first look of a session is written.

        Lists are asked for with every keystroke and every page: one entry says that they were
        looked through, or that this was refused. What is opened from them has its own entry.
        None for lists that need no particular right.
        """
        decision = (
            Decision(True) if permission is None else self.may(permission, owner=owner, team=team)
        )
        if self.vault.password_due:
            decision = Decision(False, "A password of your own")
        if (action, category, object_id, decision.allowed) not in self._looked:
            result = Result.DONE if decision.allowed else Result.REFUSED
            detail = {} if decision.allowed else {"missing": decision.missing}
            self.vault.append_audit(
                AuditDraft(action, category, object_id, result, self.user, detail)
            )
            self.looked(action, category, object_id, allowed=decision.allowed)
        return decision.allowed

    def looked(
        self, action: Action, category: DataCategory, object_id: str = "", *, allowed: bool
    ) -> None:
        """Remember that a look of this kind is written in this session."""
        self._looked.add((action, category, object_id, allowed))

    def draft(
        self,
        action: Action,
        category: DataCategory,
        object_id: str = "",
        *,
        detail: dict[str, str] | None = None,
    ) -> AuditDraft:
        """Return the draft of a deed that needs no particular right."""
        return AuditDraft(action, category, object_id, Result.DONE, self.user, detail or {})
