"""Listeners' groups: hybrid age identities whose seeds are wrapped for each member by HPKE.

Whoever adds a listener makes the seed, wraps it and forgets it: granting is not hearing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from softphone.domain.errors import Damaged, InvalidInput
from softphone.domain.ids import GroupId, UserId
from softphone.domain.permissions import (
    ListenerGroup,
    Member,
    Permission,
    Policy,
    Scope,
)
from softphone.domain.recording import SealTarget
from softphone.vault import bech32
from softphone.vault.crypto import new_key
from softphone.vault.database import Connection
from softphone.vault.recipients import HybridIdentity

RECOVERY = GroupId("recovery/1")
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_MLKEM_PUBLIC = 1184


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


def missing_epochs(policy: Policy) -> tuple[NewEpoch, ...]:
    """Return a new epoch for each team whose listeners are not those of its newest group."""
    epochs: list[NewEpoch] = []
    for team in dict.fromkeys(member.team for member in policy.members):
        wanted = listeners(policy, team)
        known = policy.group_for_team(team)
        if wanted and (known is None or set(known.members) != {m.id for m in wanted}):
            number = 1 if known is None else int(known.id.rpartition("/")[2]) + 1
            epochs.append(_new_epoch(team, number, wanted))
    return tuple(epochs)


def seal_targets(policy: Policy, team: str, user: Member) -> tuple[SealTarget, ...]:
    """Return whom a recording of a team is sealed for: listeners, the agent if allowed, recovery.

    A team without listeners has only the recovery key.
    """
    targets: list[SealTarget] = []
    group = policy.group_for_team(team)
    if group is not None:
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
    private = _private_key(seed)
    opened: dict[GroupId, HybridIdentity] = {own_group(user): HybridIdentity(seed)}
    recipients = {group.id: group.recipient for group in policy.groups}
    rows = connection.execute(
        "SELECT group_id, sealed FROM group_wraps WHERE user_id = ?", (user,)
    ).fetchall()
    for group, sealed in rows:
        identity = HybridIdentity(_unwrap(private, GroupId(group), user, bytes(sealed)))
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
    return _SUITE.encrypt(seed, _public_key(member.recipient), _info(group, member.id))


def _unwrap(
    private: MLKEM768X25519PrivateKey, group: GroupId, user: UserId, sealed: bytes
) -> bytes:
    try:
        return _SUITE.decrypt(sealed, private, _info(group, user))
    except (InvalidTag, ValueError) as error:
        raise Damaged(
            "The key of a listeners' group cannot be opened.",
            "It was altered or is another person's.",
            "Ask your administrator to check the workstation.",
        ) from error


def _new_epoch(team: str, number: int, members: tuple[Member, ...]) -> NewEpoch:
    seed = new_key()
    name = GroupId(f"listen/{team}/{number}")
    recipient = HybridIdentity(seed).recipient()
    group = ListenerGroup(name, f"{team} listeners", recipient, tuple(m.id for m in members))
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


def _private_key(seed: bytes) -> MLKEM768X25519PrivateKey:
    expanded = hashlib.shake_256(seed).digest(96)
    return MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
        X25519PrivateKey.from_private_bytes(expanded[64:]),
    )


def _public_key(recipient: str) -> MLKEM768X25519PublicKey:
    prefix, data = bech32.decode(recipient)
    if prefix != "age1pq" or len(data) != _MLKEM_PUBLIC + 32:
        raise InvalidInput(
            "The group key cannot be given.", "The person's key is of an unknown kind."
        )
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(data[:_MLKEM_PUBLIC]),
        X25519PublicKey.from_public_bytes(data[_MLKEM_PUBLIC:]),
    )
