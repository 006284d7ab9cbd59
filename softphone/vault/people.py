"""Members, policies and SIP accounts."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import msgspec

from softphone.app.ports import NewMember
from softphone.domain.account import Account
from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.call_policy import CallPolicy
from softphone.domain.errors import InvalidInput, NotFound, ProofInvalid, Refused
from softphone.domain.fleet import followed
from softphone.domain.ids import DeviceId, UserId, new_id
from softphone.domain.note import ED25519, parse_verifier_key, weak_key
from softphone.domain.permissions import (
    BUILT_IN_ROLES,
    EndorsedDevice,
    Member,
    Policy,
    Role,
)
from softphone.domain.retention import RetentionRule
from softphone.domain.roles import with_role, without_role
from softphone.domain.workplace import WorkplaceRules
from softphone.vault.attempts import Attempts
from softphone.vault.core import Core
from softphone.vault.crypto import new_key
from softphone.vault.database import Connection
from softphone.vault.fleet import begin_publishing, forget_fleet, offer
from softphone.vault.groups import (
    NewEpoch,
    drop_stale_wraps,
    fresh_epochs,
    give_policy_key,
    missing_epochs,
    save_wraps,
    signs_policies,
)
from softphone.vault.policy import VALID_FOR, save_note, sign_policy
from softphone.vault.recipients import HybridIdentity
from softphone.vault.slots import KeySlots, OpenSlot, SlotSecrets


class PeopleStore:
    """Adds people and publishes policies; the signing key comes from the person's own slot."""

    def __init__(self, core: Core, slots: KeySlots, slot: OpenSlot, attempts: Attempts) -> None:
        self._core = core
        self._slots = slots
        self._slot = slot
        self._attempts = attempts

    def add(self, new: NewMember, draft: AuditDraft) -> Member:
        """Add a key slot and publish a policy that names the person.

        Raises InvalidInput (name taken, unknown role), Refused (no policy key).
        """
        core = self._core
        check_new(new, core.policy)
        seed = new_key()
        member = Member(
            UserId(new_id()), new.name.strip(), new.role, new.team, HybridIdentity(seed).recipient()
        )
        policy = self._next(replace(core.policy, members=(*core.policy.members, member)))
        content = SlotSecrets(
            vault_key=core.vault_key,
            user_seed=seed,
            user=member.id,
            anchor=self._slot.secrets.anchor,
            policy_version=policy.version,
            policy_key=self._slot.secrets.policy_key if signs_policies(policy, member) else b"",
            recovery=self._slot.secrets.recovery,
            one_time=new.one_time,
        )
        # The slot comes first: without the policy it opens nothing, and it is taken back.
        self._slots.add(member.name, new.password, content)
        try:
            self._publish(policy, replace(draft, object_id=member.id))
        except BaseException:
            self._slots.remove(member.name)
            raise
        return member

    def remove(self, user: UserId, draft: AuditDraft) -> None:
        """Take a person out of the policy, destroy their slot and start new epochs without them.

        Raises NotFound, Refused (oneself, no policy key), StorageFailed.
        """
        member = self._other(user)
        policy = self._core.policy
        left = tuple(m for m in policy.members if m.id != user)
        self._publish(self._next(replace(policy, members=left)), replace(draft, object_id=user))
        # A slot that a crash leaves here opens nothing any more, and goes at the next sign-in.
        self._slots.remove(member.name)

    def change(self, user: UserId, role: str, team: str, draft: AuditDraft) -> Member:
        """Give a person another role or team; who stops to listen loses the keys, too.

        Raises NotFound, InvalidInput, Refused (oneself, no policy key), StorageFailed.
        """
        changed = replace(self._other(user), role=role, team=team.strip())
        policy = self._core.policy
        check_place(changed.role, changed.team, policy)
        members = tuple(changed if m.id == user else m for m in policy.members)
        next_policy = self._next(replace(policy, members=members))
        self._publish(next_policy, replace(draft, object_id=user), (changed,))
        return changed

    def save_role(self, role: Role, draft: AuditDraft) -> None:
        """Publish a policy with a role added or changed; who may listen now gets the keys.

        Raises Refused (one's own role, no policy key), InvalidInput, StorageFailed.
        """
        self._publish_roles(with_role(self._core.policy, role, self._core.user.id), draft)

    def remove_role(self, name: str, draft: AuditDraft) -> None:
        """Publish a policy without a role. Raises NotFound, Refused, StorageFailed."""
        self._publish_roles(without_role(self._core.policy, name, self._core.user.id), draft)

    def _publish_roles(self, roles: tuple[Role, ...], draft: AuditDraft) -> None:
        before = self._core.policy
        if self._core.fleet is not None and self._core.own.follows:
            raise _fleet_decides()
        policy = self._next(replace(before, roles=roles))
        # Whoever begins to manage people finds the policy key at their next sign-in.
        newly = [m for m in policy.members if not signs_policies(before, m)]
        self._publish(policy, draft, newly)

    @property
    def password_due(self) -> bool:
        """Whether the signed-in person still has the one-time password of their invitation."""
        return self._slot.secrets.one_time

    def replace_group_keys(self, draft: AuditDraft) -> int:
        """Start a new epoch of every listeners' group; returns how many. Raises Refused."""
        policy = self._next(self._core.policy)
        epochs = fresh_epochs(policy)
        self._publish(policy, draft, epochs=epochs)
        return len(epochs)

    def change_password(self, old: str, new: str, draft: AuditDraft) -> None:
        """Rewrite the slot of the signed-in person. Raises WrongCredentials, TryLater."""
        name = self._core.user.name
        self._attempts.begin()
        self._slot = self._slots.unlock(name, old)
        before = self._slots.saved()
        try:
            with self._core.deeds.deed(replace(draft, object_id=self._core.user.id)):
                content = msgspec.structs.replace(self._slot.secrets, one_time=False)
                changed = self._slots.change_password(name, content, new)
        except BaseException:
            self._slots.put_back(before)
            raise
        self._slot = changed
        self._attempts.forget()

    def endorse(self, log_key: str, label: str, draft: AuditDraft) -> EndorsedDevice:
        """Publish a policy that names a device's key, in place of an earlier one of that device.

        Raises InvalidInput, Refused (no policy key).
        """
        core = self._core
        device = endorsable(log_key, label)
        if device.device == core.device.device:
            raise _not_endorsed("It is this workstation's own key.")
        others = tuple(d for d in core.policy.devices if d.device != device.device)
        policy = replace(core.policy, devices=(*others, device))
        self._publish(self._next(policy), replace(draft, object_id=device.device))
        return device

    def withdraw(self, device: DeviceId, draft: AuditDraft) -> None:
        """Publish a policy without a device. Raises NotFound, Refused (no policy key)."""
        core = self._core
        if core.policy.device(device) is None:
            raise NotFound("The workstation is not endorsed.", "The policy does not name it.")
        others = tuple(d for d in core.policy.devices if d.device != device)
        policy = replace(core.policy, devices=others)
        self._publish(self._next(policy), replace(draft, object_id=device))

    def follow(self, policy_key: str, draft: AuditDraft) -> None:
        """Publish a policy that follows another key, or nobody's. Raises Refused.

        Who stops following keeps the rules, but believes nobody's erasures until told whose.
        """
        core = self._core
        base = core.policy if policy_key else replace(core.policy, devices=())
        policy = self._next(replace(base, follows=policy_key))
        core.fleet = None
        self._publish(policy, draft, also=forget_fleet)

    def publish_to_fleet(self, draft: AuditDraft) -> None:
        """Offer this policy and every later one to the fleet. Raises Refused."""
        if self._core.own.follows:
            raise Refused(
                "The policy was not published.",
                "This workstation follows another one's policy.",
                "Publish there, or follow nobody first.",
            )
        self._publish(self._next(self._core.policy), draft, also=begin_publishing)

    def set_retention(self, rules: tuple[RetentionRule, ...], draft: AuditDraft) -> None:
        """Publish a policy with these rules. Raises Refused (no policy key)."""
        self._publish(self._next(replace(self._core.policy, retention=rules)), draft)

    def renew(self) -> None:
        """Publish the same policy with a new expiry. Raises Refused."""
        self._publish(self._next(self._core.policy), None)

    def set_call_policy(self, calls: CallPolicy, draft: AuditDraft) -> None:
        """Publish a policy with these rules for calls. Raises Refused (no policy key)."""
        self._publish(self._next(replace(self._core.policy, calls=calls)), draft)

    def set_workplace(self, rules: WorkplaceRules, draft: AuditDraft) -> None:
        """Publish a policy with these rules for the workplace. Raises Refused (no policy key)."""
        self._publish(self._next(replace(self._core.policy, workplace=rules)), draft)

    def save_account(self, account: Account, password: str, draft: AuditDraft) -> None:
        """Keep a SIP account and its password."""
        with self._core.deeds.deed(draft) as connection:
            connection.execute(
                "INSERT OR REPLACE INTO accounts VALUES (?, ?, ?)",
                (account.id, msgspec.json.encode(account), password),
            )

    def accounts(self) -> Sequence[tuple[Account, str]]:
        """Return accounts with their passwords."""
        rows = self._core.connection.execute(
            "SELECT account, password FROM accounts ORDER BY id"
        ).fetchall()
        return [(msgspec.json.decode(bytes(a), type=Account), str(p)) for a, p in rows]

    def _next(self, policy: Policy) -> Policy:
        now = self._core.clock.now()
        known = {role.name for role in policy.roles}
        return replace(
            policy,
            # A vault made by an older version learns the roles that came since; those it has stay
            # as the administrators made them.
            roles=(*policy.roles, *(r for r in BUILT_IN_ROLES if r.name not in known)),
            version=self._core.policy.version + 1,
            issued_at=now,
            not_after=now + VALID_FOR,
            issuer=self._core.user.name,
        )

    def _refuse_rules(self, policy: Policy) -> None:
        """Refuse to change alone what the followed fleet decides. Raises Refused."""
        core = self._core
        if core.fleet is None or not policy.follows:
            return
        decided = (
            "devices",
            "retention",
            "recording",
            "recording_codec",
            "default_region",
            "workplace",
        )
        if any(getattr(policy, name) != getattr(core.policy, name) for name in decided):
            raise _fleet_decides()

    def _other(self, user: UserId) -> Member:
        """Return somebody else: nobody takes part in deciding on their own rights."""
        if user == self._core.user.id:
            raise Refused(
                "Nothing was changed.",
                "Nobody changes their own rights.",
                "Ask another administrator.",
            )
        member = self._core.policy.member(user)
        if member is None:
            raise NotFound("Nothing was changed.", "The policy does not name this person.")
        return member

    def _publish(
        self,
        policy: Policy,
        added: AuditDraft | None,
        changed: Iterable[Member] = (),
        epochs: tuple[NewEpoch, ...] = (),
        also: Callable[[Connection], None] = lambda _connection: None,
    ) -> None:
        """Start the epochs that the policy needs, sign it, keep it; one transaction."""
        seed = self._slot.secrets.policy_key
        if not seed:
            raise Refused(
                "You cannot publish a policy.",
                "Your key slot does not hold the policy key.",
                "Ask an administrator.",
            )
        self._refuse_rules(policy)
        epochs = epochs or missing_epochs(policy)
        policy = replace(policy, groups=(*policy.groups, *(epoch.group for epoch in epochs)))
        note = sign_policy(policy, seed)
        published = AuditDraft(
            Action.POLICY_PUBLISHED,
            DataCategory.RIGHTS,
            actor=self._core.user.id,
            detail={"version": str(policy.version)},
        )
        with self._core.deeds.deed(published) as connection:
            save_note(connection, policy, note)
            save_wraps(connection, epochs)
            for member in changed:
                if signs_policies(policy, member):
                    give_policy_key(connection, seed, member)
            drop_stale_wraps(connection, policy)
            also(connection)
            offer(connection, self._core, policy, seed)
            if added is not None:
                self._core.log.append(added)
        self._core.own = policy
        self._core.policy = followed(policy, self._core.fleet)
        content = msgspec.structs.replace(self._slot.secrets, policy_version=policy.version)
        self._slot = self._slots.rewrite(self._slot, content)


def check_new(new: NewMember, policy: Policy) -> None:
    """Check a person to add. Raises InvalidInput."""
    name = new.name.strip()
    why = ""
    if not name:
        why = "The name is missing."
    elif any(name.casefold() == member.name.casefold() for member in policy.members):
        why = "The name is taken."
    elif not new.password:
        why = "The password is empty."
    if why:
        raise InvalidInput("The person was not added.", why, "Correct it and try again.")
    check_place(new.role, new.team, policy)


def check_place(role: str, team: str, policy: Policy) -> None:
    """Check a role and a team. Raises InvalidInput."""
    why = ""
    if not team.strip() or "/" in team:
        why = "The team is missing or has a slash in it."
    elif not any(known.name == role for known in policy.roles):
        why = "The role does not exist."
    if why:
        raise InvalidInput("Nothing was changed.", why, "Correct it and try again.")


def endorsable(log_key: str, label: str) -> EndorsedDevice:
    """Return the device whose verifier key this is. Raises InvalidInput."""
    try:
        key = parse_verifier_key(log_key.strip())
    except ProofInvalid as error:
        raise _not_endorsed("The key is malformed.") from error
    program, _, device = key.name.partition("/")
    if key.type != ED25519 or weak_key(key.public_key):
        raise _not_endorsed("The key is of another kind, or weak.")
    try:
        known = str(uuid.UUID(device)) == device
    except ValueError:
        known = False
    if program != "softphone" or not known:
        raise _not_endorsed("The key does not name a workstation.")
    return EndorsedDevice(DeviceId(device), str(key), label.strip())


def _fleet_decides() -> Refused:
    return Refused(
        "Nothing was changed.",
        "This workstation follows the fleet's policy, which decides this.",
        "Ask whoever publishes the fleet's policy.",
    )


def _not_endorsed(why: str) -> InvalidInput:
    return InvalidInput(
        "The workstation was not endorsed.", why, "Copy the key that it shows, without changes."
    )
