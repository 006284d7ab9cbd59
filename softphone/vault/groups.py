"""Listeners' groups: hybrid age identities whose seeds are wrapped for each member by HPKE.

Whoever adds a listener makes the seed, wraps it and forgets it: granting is not hearing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from softphone.domain.errors import Damaged
from softphone.domain.ids import GroupId, UserId
from softphone.domain.permissions import (
    ListenerGroup,
    Member,
    Permission,
    Policy,
    Scope,
    decide,
)
from softphone.domain.recording import SealTarget
from softphone.vault.crypto import new_key, public_key
from softphone.vault.database import Connection
from softphone.vault.hpke import open_with, seal_for
from softphone.vault.recipients import HybridIdentity

RECOVERY = GroupId("recovery/1")
POLICY_KEY = GroupId("policy/1")
"""Names the wrapped policy key in the table of wrapped seeds; no recording is sealed for it."""
_TEAM = "listen/"
OFFICERS = "officers/"
"""Prefix of the group of those who run the privacy centre; it holds what is restricted."""


@dataclass(frozen=True, slots=True)
class NewEpoch:
    """A fresh group and its seed, wrapped for each member; the seed itself is gone."""

    group: ListenerGroup
    wraps: tuple[tuple[UserId, bytes], ...]


def recovery_group(seed: bytes) -> ListenerGroup:
    """Return the group of the offline recovery key; nobody on the workstation holds it."""
    return ListenerGroup(RECOVERY, "recovery key", HybridIdentity(seed).recipient(), ())


def listeners(policy: Policy, team: str) -> tuple[Member, ...]:
    """Return the members whose role lets them hear recordings of a team."""
    return tuple(member for member in policy.members if _hears(policy, member, team))


def hears_own(policy: Policy, member: Member) -> bool:
    """Whether the member may hear their own recordings (any scope reaches those)."""
    return any(
        grant.permission is Permission.RECORDINGS_LISTEN
        for role in policy.roles
        if role.name == member.role
        for grant in role.grants
    )


def newest_group(policy: Policy, prefix: str) -> ListenerGroup | None:
    """Return the newest group whose name is ``prefix`` and a number, or None."""
    mine = [g for g in policy.groups if g.id.startswith(prefix)]
    return max(mine, key=lambda g: int(g.id.removeprefix(prefix)), default=None)


def officers(policy: Policy) -> tuple[Member, ...]:
    """Return the members whose role lets them run the privacy centre."""
    return tuple(
        member
        for member in policy.members
        if decide(policy, member.id, Permission.PRIVACY_MANAGE).allowed
    )


def missing_epochs(policy: Policy) -> tuple[NewEpoch, ...]:
    """Return a new epoch for each team whose listeners are not those of its newest group.

    A team that lost its last listener gets an epoch without members, whose key nobody has: what
    is recorded from then on is not sealed for whoever left. Likewise for the officers.
    """
    epochs: list[NewEpoch] = []
    in_charge = officers(policy)
    known_officers = newest_group(policy, OFFICERS)
    if {m.id for m in in_charge} != set(known_officers.members if known_officers else ()):
        epochs.append(_officers_epoch(policy, in_charge))
    for team in _teams(policy):
        wanted = listeners(policy, team)
        known = policy.group_for_team(team)
        if {m.id for m in wanted} != set(known.members if known else ()):
            epochs.append(_next_epoch(policy, team, wanted))
    return tuple(epochs)


def fresh_epochs(policy: Policy) -> tuple[NewEpoch, ...]:
    """Return a new epoch for each team that has listeners, after a compromise."""
    heard = ((team, listeners(policy, team)) for team in _teams(policy))
    teams = tuple(_next_epoch(policy, team, wanted) for team, wanted in heard if wanted)
    in_charge = officers(policy)
    return (*teams, _officers_epoch(policy, in_charge)) if in_charge else teams


def _next_epoch(policy: Policy, team: str, wanted: tuple[Member, ...]) -> NewEpoch:
    return _new_epoch(policy, f"{_TEAM}{team}/", f"{team} listeners", wanted)


def _officers_epoch(policy: Policy, wanted: tuple[Member, ...]) -> NewEpoch:
    return _new_epoch(policy, OFFICERS, "data protection officers", wanted)


def seal_targets(policy: Policy, team: str, user: Member) -> tuple[SealTarget, ...]:
    """Return whom a recording of a team is sealed for: listeners, the agent if allowed, recovery.

    A team without listeners has only the recovery key.
    """
    targets: list[SealTarget] = []
    group = policy.group_for_team(team)
    if group is not None and group.members:
        targets.append(SealTarget(group.id, group.label, group.recipient))
    in_group = group is not None and user.id in group.members
    if hears_own(policy, user) and not in_group:
        targets.append(SealTarget(own_group(user.id), user.name, user.recipient))
    for known in policy.groups:
        if known.id.startswith("recovery/"):
            targets.append(SealTarget(known.id, known.label, known.recipient))
    return tuple(targets)


def own_group(user: UserId) -> GroupId:
    """Return the name of the key that is one person's own."""
    return GroupId(f"own/{user}/1")


def save_wraps(connection: Connection, epochs: Iterable[NewEpoch]) -> None:
    """Keep wrapped seeds within the caller's transaction."""
    for epoch in epochs:
        connection.executemany(
            "INSERT INTO group_wraps VALUES (?, ?, ?)",
            [(epoch.group.id, user, sealed) for user, sealed in epoch.wraps],
        )


def open_groups(
    connection: Connection, policy: Policy, user: UserId, seed: bytes
) -> dict[GroupId, HybridIdentity]:
    """Return the identities of all groups whose seed is wrapped for this person.

    A seed counts only when its public recipient is the one the signed policy names.
    """
    opened: dict[GroupId, HybridIdentity] = {own_group(user): HybridIdentity(seed)}
    recipients = {group.id: group.recipient for group in policy.groups}
    rows = connection.execute(
        "SELECT group_id, sealed FROM group_wraps WHERE user_id = ? AND group_id <> ?",
        (user, POLICY_KEY),
    ).fetchall()
    for group, sealed in rows:
        identity = HybridIdentity(_unwrap(seed, GroupId(group), user, bytes(sealed)))
        if identity.recipient() != recipients.get(GroupId(group)):
            raise Damaged(
                "The key of a listeners' group cannot be trusted.",
                "It is not the one the policy names.",
                "Ask your administrator to check the workstation.",
            )
        opened[GroupId(group)] = identity
    return opened


def wrap_seed(seed: bytes, group: GroupId, member: Member) -> bytes:
    """Return a group's seed sealed for a member (HPKE base mode, RFC 9180; X-Wing KEM)."""
    return seal_for(member.recipient, seed, _info(group, member.id))


def drop_stale_wraps(connection: Connection, policy: Policy) -> None:
    """Destroy wrapped keys of whoever may not hear a team any more. Within a transaction."""
    rows = connection.execute("SELECT group_id, user_id FROM group_wraps").fetchall()
    for group, user in rows:
        member = policy.member(UserId(user))
        if member is not None and _keeps(policy, member, group):
            continue
        connection.execute(
            "DELETE FROM group_wraps WHERE group_id = ? AND user_id = ?", (group, user)
        )


def _keeps(policy: Policy, member: Member, group: str) -> bool:
    if group == POLICY_KEY:
        return signs_policies(policy, member)
    if group.startswith(OFFICERS):
        return member in officers(policy)
    return _hears(policy, member, _team(group))


def signs_policies(policy: Policy, member: Member) -> bool:
    """Whether a member's role needs the policy key."""
    return any(
        decide(policy, member.id, permission).allowed
        for permission in (Permission.POLICY_MANAGE, Permission.USERS_MANAGE)
    )


def give_policy_key(connection: Connection, seed: bytes, member: Member) -> None:
    """Leave the policy key for a member, who takes it at their next sign-in."""
    connection.execute(
        "INSERT OR REPLACE INTO group_wraps VALUES (?, ?, ?)",
        (POLICY_KEY, member.id, wrap_seed(seed, POLICY_KEY, member)),
    )


def take_policy_key(connection: Connection, seed: bytes, user: UserId, anchor: bytes) -> bytes:
    """Return the policy key left for a person, or nothing; it must be the anchor's."""
    row = connection.execute(
        "SELECT sealed FROM group_wraps WHERE group_id = ? AND user_id = ?", (POLICY_KEY, user)
    ).fetchone()
    if row is None:
        return b""
    key = _unwrap(seed, POLICY_KEY, user, bytes(row[0]))
    return key if public_key(key) == anchor else b""


def _unwrap(seed: bytes, group: GroupId, user: UserId, sealed: bytes) -> bytes:
    try:
        return open_with(seed, sealed, _info(group, user))
    except Damaged as error:
        raise Damaged(
            "The key of a listeners' group cannot be opened.",
            "It was altered or is another person's.",
            "Ask your administrator to check the workstation.",
        ) from error


def _teams(policy: Policy) -> tuple[str, ...]:
    grouped = (_team(group.id) for group in policy.groups if group.id.startswith(_TEAM))
    return tuple(dict.fromkeys((*(member.team for member in policy.members), *grouped)))


def _team(group: str) -> str:
    return group.removeprefix(_TEAM).rpartition("/")[0]


def _new_epoch(policy: Policy, prefix: str, label: str, members: tuple[Member, ...]) -> NewEpoch:
    """Return a fresh group, its seed wrapped for each member and then forgotten."""
    seed = new_key()
    known = newest_group(policy, prefix)
    number = 1 if known is None else int(known.id.removeprefix(prefix)) + 1
    name = GroupId(f"{prefix}{number}")
    recipient = HybridIdentity(seed).recipient()
    group = ListenerGroup(name, label, recipient, tuple(m.id for m in members))
    return NewEpoch(group, tuple((m.id, wrap_seed(seed, name, m)) for m in members))


def _hears(policy: Policy, member: Member, team: str) -> bool:
    for role in policy.roles:
        if role.name != member.role:
            continue
        for grant in role.grants:
            if grant.permission is Permission.RECORDINGS_LISTEN and (
                grant.scope is Scope.ALL or (grant.scope is Scope.TEAM and member.team == team)
            ):
                return True
    return False


def _info(group: GroupId, user: UserId) -> bytes:
    return f"softphone group seed v1\n{group}\n{user}".encode()
