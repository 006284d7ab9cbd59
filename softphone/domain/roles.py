"""Making and changing roles: what a role may hold so that granting stays apart from hearing."""

from __future__ import annotations

from collections.abc import Mapping

from softphone.domain.errors import InvalidInput, NotFound, Refused
from softphone.domain.ids import UserId
from softphone.domain.permissions import (
    BUILT_IN_ROLES,
    Grant,
    Permission,
    Policy,
    Role,
    Scope,
)

LONGEST_NAME = 60
REACHING: frozenset[Permission] = frozenset(
    {
        Permission.HISTORY_READ,
        Permission.RECORDINGS_LISTEN,
        Permission.RECORDINGS_DOWNLOAD,
        Permission.RECORDINGS_DELETE,
    }
)
"""Rights about things that belong to somebody; the others are held or not held."""
_ORDER = (Scope.OWN, Scope.TEAM, Scope.ALL)
_GRANTING = (Permission.USERS_MANAGE, Permission.POLICY_MANAGE)


def make_role(name: str, rights: Mapping[Permission, Scope]) -> Role:
    """Return a checked role; rights in their usual order. Raises InvalidInput.

    Whoever grants rights may hear at most their own recordings, and nobody hands out what they
    may not hear.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise _unusable(f"A role has a name of at most {LONGEST_NAME} characters.")
    if not rights:
        raise _unusable("A role without any right would shut its people out.")
    heard = rights.get(Permission.RECORDINGS_LISTEN)
    granting = any(right in rights for right in _GRANTING)
    if granting and heard in (Scope.TEAM, Scope.ALL):
        raise _unusable("Whoever gives rights must not gain ears by it: they hear only their own.")
    handed_out = rights.get(Permission.RECORDINGS_DOWNLOAD)
    if handed_out is not None and (heard is None or _ORDER.index(handed_out) > _ORDER.index(heard)):
        raise _unusable("Nobody can download recordings that they may not listen to.")
    return Role(name, tuple(Grant(p, _scope(p, rights[p])) for p in Permission if p in rights))


def rights_of(role: Role) -> dict[Permission, Scope]:
    """Return the widest reach of each right of a role."""
    found: dict[Permission, Scope] = {}
    for grant in role.grants:
        known = found.get(grant.permission, Scope.OWN)
        found[grant.permission] = max(known, grant.scope, key=_ORDER.index)
    return found


def built_in(name: str) -> Role | None:
    """Return the role that the program brings along under a name, or None."""
    return next((role for role in BUILT_IN_ROLES if role.name == name), None)


def find_role(policy: Policy, name: str) -> Role:
    """Return a role of the policy, however its name is typed. Raises NotFound."""
    plain = " ".join(name.split()).casefold()
    for role in policy.roles:
        if role.name.casefold() == plain:
            return role
    raise NotFound("Nothing was changed.", "There is no role of this name.")


def with_role(policy: Policy, role: Role, actor: UserId) -> tuple[Role, ...]:
    """Return the policy's roles with one added, or changed under its name.

    Raises Refused (nobody changes their own rights), InvalidInput (differs in case only).
    """
    known = next((r for r in policy.roles if r.name.casefold() == role.name.casefold()), None)
    if known is None:
        return (*policy.roles, role)
    if known.name != role.name:
        raise _unusable("There is one of this name already, written otherwise.")
    _refuse_own(policy, role.name, actor)
    return tuple(role if r.name == role.name else r for r in policy.roles)


def without_role(policy: Policy, name: str, actor: UserId) -> tuple[Role, ...]:
    """Return the policy's roles without one; a changed built-in one is as it came.

    Raises NotFound, Refused (one's own role, one that people have, a built-in one).
    """
    role = find_role(policy, name)
    _refuse_own(policy, role.name, actor)
    original = built_in(role.name)
    if original == role:
        raise _kept("It came with the program.", "Change its rights, or copy it.")
    if original is not None:
        return tuple(original if r.name == role.name else r for r in policy.roles)
    people = sum(member.role == role.name for member in policy.members)
    if people:
        raise _kept(f"People who have it: {people}.", "Give them another role first.")
    return tuple(r for r in policy.roles if r.name != role.name)


def _refuse_own(policy: Policy, name: str, actor: UserId) -> None:
    member = policy.member(actor)
    if member is None or member.role == name:
        raise Refused(
            "Nothing was changed.",
            "Nobody changes their own rights.",
            "Ask an administrator who has another role.",
        )


def _scope(permission: Permission, scope: Scope) -> Scope:
    """Calls are placed as oneself; what belongs to nobody in particular is held for all."""
    if permission is Permission.CALLS_PLACE:
        return Scope.OWN
    return scope if permission in REACHING else Scope.ALL


def _unusable(why: str) -> InvalidInput:
    return InvalidInput("The role was not saved.", why, "Correct it and try again.")


def _kept(why: str, do: str) -> Refused:
    return Refused("The role was not removed.", why, do)
