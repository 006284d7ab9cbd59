"""Roles: bundles of rights that administrators make, change and remove."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from softphone.app.bus import Bus
from softphone.app.session import Session
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.errors import Refused
from softphone.domain.events import HistoryChanged
from softphone.domain.permissions import Permission, Role, Scope
from softphone.domain.roles import make_role


class Roles:
    """Use cases around roles; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def all(self) -> list[tuple[Role, int]]:
        """Return the roles of the policy and how many people have each; none without the right."""
        session = self._session
        if not session.look(Permission.USERS_MANAGE, Action.LIST_READ, DataCategory.RIGHTS):
            return []
        policy = session.vault.policy
        return [(r, sum(m.role == r.name for m in policy.members)) for r in policy.roles]

    def save(self, name: str, rights: Mapping[Permission, Scope]) -> Role:
        """Make a role, or change the one of this name. Raises Refused, InvalidInput."""
        said = ", ".join(f"{p.value}={rights[p].value}" for p in Permission if p in rights)
        draft = self._permitted(Action.ROLE_SAVED, name, rights=said)
        role = make_role(name, rights)
        self._change(lambda: self._session.vault.save_role(role, draft), draft)
        return role

    def remove(self, name: str) -> None:
        """Remove a role nobody has; put a changed built-in one back. Raises Refused, NotFound."""
        draft = self._permitted(Action.ROLE_REMOVED, name)
        self._change(lambda: self._session.vault.remove_role(name, draft), draft)

    def _permitted(self, action: Action, name: str, **detail: str) -> AuditDraft:
        return self._session.permit(
            Permission.USERS_MANAGE,
            action,
            DataCategory.RIGHTS,
            detail={"role": name.strip(), **detail},
        )

    def _change(self, change: Callable[[], None], draft: AuditDraft) -> None:
        try:
            change()
        except Refused:
            self._session.vault.append_audit(replace(draft, result=Result.REFUSED))
            raise
        self._bus.publish(HistoryChanged(frozenset({"policy", "audit"})))
