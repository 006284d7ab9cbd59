"""One-time passwords: for people who are invited, and for those who forgot theirs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from softphone.app.bus import Bus
from softphone.app.ports import NewMember
from softphone.app.ports.people import RecoveryDrill
from softphone.app.session import Session
from softphone.domain.audit import Action, DataCategory, Result
from softphone.domain.errors import Damaged, NotFound, Refused, WrongCredentials
from softphone.domain.events import HistoryChanged
from softphone.domain.ids import UserId
from softphone.domain.passwords import one_time_password
from softphone.domain.permissions import Member, Permission


@dataclass(frozen=True, slots=True, repr=False)
class Invitation:
    """What to hand to a person, once: it lets them in only to choose a password of their own."""

    member: Member
    password: str


class Invitations:
    """Use cases around one-time passwords; runs on the vault's thread."""

    def __init__(self, session: Session, bus: Bus) -> None:
        self._session = session
        self._bus = bus

    def invite(self, name: str, role: str, team: str) -> Invitation:
        """Add a colleague with a one-time password, shown once. Raises Refused, InvalidInput."""
        draft = self._session.permit(
            Permission.USERS_MANAGE,
            Action.USER_ADDED,
            DataCategory.RIGHTS,
            detail={"name": name.strip(), "role": role, "team": team.strip()},
        )
        password = one_time_password()
        new = NewMember(name, password, role, team, one_time=True)
        member = self._session.vault.add_member(new, draft)
        self._bus.publish(HistoryChanged(frozenset({"policy", "audit"})))
        return Invitation(member, password)

    def drill(self, recovery_key: str) -> RecoveryDrill:
        """Prove that a printed recovery key works, without changing anything.

        Raises Refused, WrongCredentials, InvalidInput, Damaged.
        """
        session = self._session
        draft = session.permit(Permission.USERS_MANAGE, Action.RECOVERY_TESTED, DataCategory.RIGHTS)
        try:
            found = session.vault.drill_recovery(recovery_key, draft)
        except (WrongCredentials, Damaged):
            session.vault.append_audit(replace(draft, result=Result.FAILED))
            raise
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
        return found

    def reset(self, user: UserId, recovery_key: str) -> Invitation:
        """Give a colleague a one-time password by the recovery key; nothing of theirs is lost.

        Raises Refused, NotFound, InvalidInput, WrongCredentials, TryLater, Damaged.
        """
        vault = self._session.vault
        member = vault.policy.member(user)
        draft = self._session.permit(
            Permission.USERS_MANAGE,
            Action.PASSWORD_RESET,
            DataCategory.RIGHTS,
            user,
            detail={"name": member.name} if member else {},
        )
        if member is None:
            raise NotFound("Nothing was changed.", "The policy does not name this person.")
        password = one_time_password()
        try:
            vault.reset_password(user, recovery_key, password, draft)
        except (Refused, WrongCredentials):
            vault.append_audit(replace(draft, result=Result.REFUSED))
            raise
        self._bus.publish(HistoryChanged(frozenset({"audit"})))
        return Invitation(member, password)
