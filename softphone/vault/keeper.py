"""Creates and unlocks the vault of a profile (``VaultKeeper`` of app.ports)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import sqlcipher3

from softphone.app.ports import Clock, NewMember, Vault
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.errors import (
    Damaged,
    InvalidInput,
    NotFound,
    PolicyInvalid,
    WrongCredentials,
)
from softphone.domain.fleet import followed
from softphone.domain.ids import UserId, new_id
from softphone.domain.permissions import BUILT_IN_ROLES, Member, Policy
from softphone.paths import Profile
from softphone.vault import leaving, meta
from softphone.vault.attempts import Attempts
from softphone.vault.audit_log import AuditLog
from softphone.vault.backup import forget_copies
from softphone.vault.continuing import continue_log
from softphone.vault.core import Core
from softphone.vault.crypto import new_key, public_key
from softphone.vault.database import Connection, open_database
from softphone.vault.deeds import Deeds
from softphone.vault.fleet import load_fleet
from softphone.vault.groups import (
    missing_epochs,
    open_groups,
    recovery_group,
    save_wraps,
    signs_policies,
    take_policy_key,
)
from softphone.vault.marks import MarkKeeper, Marks
from softphone.vault.migrate import migrate
from softphone.vault.opened import OpenVault
from softphone.vault.people import check_new
from softphone.vault.place import Mounts, disk_in_sentences, mounts, refuse_network
from softphone.vault.policy import (
    VALID_FOR,
    check_in_force,
    load_note,
    save_note,
    sign_policy,
    verify_policy,
)
from softphone.vault.recipients import HybridIdentity
from softphone.vault.recovery_words import recovery_words
from softphone.vault.refusals import Refusals
from softphone.vault.resetting import escrowed, owner, recovery_seed
from softphone.vault.secret_store import SecretStore
from softphone.vault.slots import KdfParameters, KeySlots, OpenSlot, SlotSecrets
from softphone.vault.stores import Stores, open_stores


class FileVaultKeeper:
    """The vault in the files of one profile.

    ``fleet_key`` (32 bytes) makes pseudonyms of data subjects equal on all devices of a fleet; a
    standalone workstation makes its own. ``secure_delete=False`` exists only for the negative
    control of the remains test.
    """

    def __init__(
        self,
        profile: Profile,
        clock: Clock,
        secrets: SecretStore,
        *,
        kdf: KdfParameters | None = None,
        fleet_key: bytes | None = None,
        secure_delete: bool = True,
        mounts: Mounts = mounts,
    ) -> None:
        self._profile = profile
        self._mounts = mounts
        self._clock = clock
        self._secrets = secrets
        self._fleet_key = fleet_key
        self._secure_delete = secure_delete
        self._kdf = kdf
        self._slots = KeySlots(profile.vault / "slots", secrets, kdf)
        self._attempts = Attempts(profile.vault / "attempts", clock)
        self._refusals = Refusals(profile.vault / "refusals", clock)

    def exists(self) -> bool:
        """Whether a vault has been created here."""
        # What was given up and not wholly deleted is none.
        leaving.finish(self._profile, self._secrets)
        # A set-up that was cut off before its last step is none.
        return self._slots.exists() or (self._database.exists() and not self._unfinished.exists())

    def destroy(self, vault: Vault) -> None:
        """Close the vault and destroy everything in the profile. Raises StorageFailed."""
        vault.close()
        leaving.destroy(self._profile, self._secrets)

    def recovery_words(self, recovery_key: str) -> tuple[str, ...]:
        """Return the key as 24 words (BIP-39) for the printed sheet. Raises InvalidInput."""
        return recovery_words(recovery_key)

    def names(self) -> Sequence[str]:
        """Return nothing: names are not kept in the clear."""
        return ()

    @disk_in_sentences("The vault cannot be created.")
    def create(self, administrator: NewMember, device_name: str) -> tuple[OpenVault, str]:
        """Create the vault; returns it unlocked, and the recovery key to print (shown once).

        The recovery key is an age identity (``AGE-SECRET-KEY-PQ-1...``): it opens every recording
        with the age command and the vault with :meth:`recover`. Raises InvalidInput.
        """
        refuse_network(self._profile.root, self._mounts)
        if self.exists():
            raise InvalidInput("The vault was not created.", "There is one already.", "Sign in.")
        recovery = HybridIdentity.generate()
        user_seed, policy_key = new_key(), new_key()
        policy = self._first_policy(administrator, user_seed, recovery)
        epochs = missing_epochs(policy)
        policy = replace(policy, groups=(*policy.groups, *(epoch.group for epoch in epochs)))
        content = SlotSecrets(
            vault_key=new_key(),
            user_seed=user_seed,
            user=policy.members[0].id,
            anchor=public_key(policy_key),
            policy_version=policy.version,
            policy_key=policy_key,
            recovery=recovery.recipient(),
        )
        self._profile.prepare()
        self._remove_unfinished()
        # The key slots get their name last: until then there is no vault, and nothing to lose.
        slots = KeySlots(self._unfinished, self._secrets, self._kdf)
        slots.create()
        slots.add(administrator.name, administrator.password, content)
        slots.set_recovery(recovery.seed, content)
        connection = self._open(content.vault_key)
        try:
            migrate(connection)
            connection.execute("BEGIN IMMEDIATE")
            meta.save_device(connection, meta.new_device(device_name, self._fleet_key))
            save_note(connection, policy, sign_policy(policy, policy_key))
            save_wraps(connection, epochs)
            connection.execute("COMMIT")
            # What an earlier vault in this place left behind says nothing about this one.
            self._marks(content).save(Marks(policy.version))
            slots.move_to(self._profile.vault / "slots")
            slot = self._slots.unlock(administrator.name, administrator.password)
            stores = self._stores(connection, slot)
            self._log(stores, Action.VAULT_CREATED, DataCategory.NONE)
            self._log(stores, Action.POLICY_PUBLISHED, DataCategory.RIGHTS)
            self._log(stores, Action.SIGNED_IN, DataCategory.SIGN_IN)
            stores.sign_head()
        except BaseException:
            connection.close()
            raise
        return OpenVault(stores), str(recovery)

    @disk_in_sentences("The vault cannot be opened.")
    def unlock(self, name: str, password: str) -> OpenVault:
        """Open the vault.

        Raises WrongCredentials (same time and words whichever part was wrong), TryLater, Damaged,
        PolicyInvalid, StorageFailed (key store or disk).
        """
        try:
            return self._unlock(name, password)
        except (Damaged, PolicyInvalid) as error:
            self._refusals.note(error)
            raise

    def _unlock(self, name: str, password: str) -> OpenVault:
        if not self._slots.exists() and self._database.exists():
            raise Damaged(
                "The vault cannot be opened.",
                "The file of key slots is missing.",
                "Restore it from a backup.",
            )
        self._refuse_missing()
        self._attempts.begin()
        try:
            slot = self._slots.unlock(name, password)
            vault = self._unlocked(slot)
        except WrongCredentials:
            raise
        except BaseException:
            self._attempts.cancel()
            raise
        self._attempts.forget()
        return vault

    @disk_in_sentences("The vault cannot be opened.")
    def recover(
        self, recovery_key: str, name: str, new_password: str, *, restored: bool = False
    ) -> OpenVault:
        """Give anybody whom the policy names a new password, by the recovery key; audited.

        A ``restored`` vault goes on as a new device (vault.continuing). Raises WrongCredentials
        (the key, or nobody of this name), TryLater, Damaged, InvalidInput (a malformed key).
        """
        self._refuse_missing()
        self._attempts.begin()
        content = self._by_recovery(recovery_seed(recovery_key), name)
        self._slots.bind_device()
        self._slots.change_password(name, content, new_password)
        vault = self._unlocked(self._slots.unlock(name, new_password), restored=restored)
        self._attempts.forget()
        vault.append_audit(
            AuditDraft(Action.PASSWORD_RESET, DataCategory.RIGHTS, content.user, actor=None)
        )
        vault.sign_checkpoint()
        return vault

    def _by_recovery(self, seed: bytes, name: str) -> SlotSecrets:
        """Return what the slot of a person holds. Raises WrongCredentials, Damaged."""
        content = escrowed(self._slots, seed, name)
        connection = self._open(content.vault_key)
        try:
            policy = verify_policy(load_note(connection), content.anchor)
        finally:
            connection.close()
        owner(policy, content, name)
        return msgspec.structs.replace(content, one_time=False)

    def _refuse_missing(self) -> None:
        refuse_network(self._profile.root, self._mounts)
        if not self.exists():
            raise NotFound(
                "There is no vault here.", "This profile was never set up.", "Name another profile."
            )

    @property
    def _database(self) -> Path:
        return self._profile.vault / "vault.db"

    @property
    def _unfinished(self) -> Path:
        return self._profile.vault / "slots.unfinished"

    def _remove_unfinished(self) -> None:
        """Clear what a set-up that was cut off left; its vault was never signed in to."""
        if self._unfinished.exists():
            for name in ("vault.db", "vault.db-wal", "vault.db-shm"):
                (self._profile.vault / name).unlink(missing_ok=True)
            self._unfinished.unlink()

    def _marks(self, secrets: SlotSecrets) -> MarkKeeper:
        return MarkKeeper(self._profile.root / "marks", self._secrets, secrets.vault_key)

    def _open(self, key: bytes) -> Connection:
        return open_database(self._database, key, secure_delete=self._secure_delete, guarded=True)

    def _unlocked(self, slot: OpenSlot, *, restored: bool = False) -> OpenVault:
        if not self._database.exists():
            raise Damaged(
                "The vault cannot be opened.", "Its database is missing.", "Restore a backup."
            )
        forget_copies(self._profile)
        connection = self._open(slot.secrets.vault_key)
        try:
            migrate(connection)
            stores = self._stores(connection, slot)
            if restored:
                continue_log(stores)
            self._log_sign_in(stores)
        except (sqlcipher3.DatabaseError, msgspec.MsgspecError, ValueError) as error:
            connection.close()
            raise Damaged(
                "The vault cannot be opened.",
                "Its parts do not fit together: some were exchanged or damaged.",
                "Restore it from a backup.",
            ) from error
        except BaseException:
            connection.close()
            raise
        return OpenVault(stores)

    def _stores(self, connection: Connection, slot: OpenSlot) -> Stores:
        """Verify the policy, find the person in it, open their groups. Raises PolicyInvalid."""
        secrets = slot.secrets
        device = meta.load_device(connection)
        keeper = self._marks(secrets)
        marks = keeper.load()
        policy = verify_policy(load_note(connection), secrets.anchor)
        last_seen = max(secrets.policy_version, marks.policy_version)
        renewing = policy.not_after <= self._clock.now() and bool(secrets.policy_key)
        # Whoever may sign policies may sign in with one that expired, in order to renew it.
        check_in_force(policy, policy.issued_at if renewing else self._clock.now(), last_seen)
        fleet = load_fleet(connection, policy, marks.fleet_version)
        member = policy.member(UserId(secrets.user))
        if member is None:
            raise PolicyInvalid(
                "You cannot sign in.", "The policy does not name you.", "Ask your administrator."
            )
        audit = AuditLog(connection, device, self._clock)
        core = Core(
            self._profile,
            connection,
            device,
            self._clock,
            audit,
            Deeds(connection, audit),
            followed(policy, fleet),
            member,
            open_groups(connection, policy, member.id, secrets.user_seed),
            secrets.vault_key,
            policy,
            fleet,
        )
        content = _up_to_date(connection, policy, member, secrets)
        if content != secrets:
            slot = self._slots.rewrite(slot, content)
        # Whoever was removed while the disk failed still has a slot.
        self._slots.keep_only(m.name for m in policy.members)
        stores = open_stores(core, self._slots, slot, keeper, self._attempts)
        if renewing:
            stores.people.renew()
        return stores

    def _log_sign_in(self, stores: Stores) -> None:
        """Log wrong attempts and the sign-in; finish erasures; notice an older copy."""
        wrong, times = self._attempts.succeeded()
        core = stores.core
        with core.deeds.transaction():
            for when in times:
                core.log.append(
                    AuditDraft(
                        Action.SIGN_IN_FAILED,
                        DataCategory.SIGN_IN,
                        result=Result.REFUSED,
                        detail={"at": when.isoformat(), "wrong_in_all": str(wrong)},
                    )
                )
            for draft in self._refusals.drafts():
                core.log.append(draft)
            if stores.rolled_back(stores.marks.load()):
                core.log.append(
                    AuditDraft(
                        Action.AUDIT_VERIFIED,
                        DataCategory.AUDIT,
                        result=Result.FAILED,
                        detail={"why": "An older copy of the vault was put back."},
                    )
                )
        self._refusals.forget()
        self._log(stores, Action.SIGNED_IN, DataCategory.SIGN_IN)
        stores.sign_head()
        stores.erasures.resume()
        stores.foreign.release()
        for run in stores.directory.runs.unfinished():
            draft = AuditDraft(Action.IMPORT_UNDONE, DataCategory.CONTACT, run)
            stores.directory.undo_import(run, draft)

    def _log(self, stores: Stores, action: Action, category: DataCategory) -> None:
        core = stores.core
        with core.deeds.deed(AuditDraft(action, category, actor=core.user.id)):
            pass

    def _first_policy(self, new: NewMember, seed: bytes, recovery: HybridIdentity) -> Policy:
        now = self._clock.now()
        empty = Policy(1, now, now + VALID_FOR, new.name.strip(), BUILT_IN_ROLES, (), ())
        check_new(new, empty)
        member = Member(
            UserId(new_id()), new.name.strip(), new.role, new.team, HybridIdentity(seed).recipient()
        )
        return replace(empty, members=(member,), groups=(recovery_group(recovery.seed),))


def _up_to_date(
    connection: Connection, policy: Policy, member: Member, known: SlotSecrets
) -> SlotSecrets:
    """Return what a person's slot has to hold under the policy in force."""
    policy_key = b""
    if signs_policies(policy, member):
        policy_key = known.policy_key or take_policy_key(
            connection, known.user_seed, member.id, known.anchor
        )
    recovery = known.recovery or next(
        (g.recipient for g in policy.groups if g.id.startswith("recovery/")), ""
    )
    return msgspec.structs.replace(
        known,
        policy_version=max(known.policy_version, policy.version),
        policy_key=policy_key,
        recovery=recovery,
    )
