"""What the recovery key opens of the key slots, and passwords that are given anew by it."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from softphone.app.ports.people import RecoveryDrill
from softphone.domain.audit import AuditDraft
from softphone.domain.errors import Damaged, NotFound, Refused, WrongCredentials
from softphone.domain.ids import RecordingId, UserId
from softphone.domain.permissions import Member, Policy
from softphone.vault.attempts import Attempts
from softphone.vault.core import Core
from softphone.vault.headers import open_header
from softphone.vault.recipients import HybridIdentity, NotForMe, unwrap_file_key
from softphone.vault.recovery_words import recovery_identity
from softphone.vault.slots import KeySlots, SlotSecrets, plain_name
from softphone.vault.subjects import Subjects

DRILLED = 20
"""How many of the newest recordings a drill tries."""


def recovery_seed(recovery_key: str) -> bytes:
    """Return the seed of a typed recovery key. Raises InvalidInput, WrongCredentials."""
    return recovery_identity(recovery_key).seed


def escrowed(slots: KeySlots, seed: bytes, name: str) -> SlotSecrets:
    """Return what the slot of a person holds, by the recovery key.

    Anybody could seal something for a public key: it must agree with the recovery slot. Raises
    WrongCredentials (another recovery key), Damaged.
    """
    trusted = slots.open_recovery(seed)
    content = slots.open_escrow(seed, name) or trusted
    if (content.vault_key, content.anchor) != (trusted.vault_key, trusted.anchor):
        raise Damaged(
            "The password was not reset.",
            "The key slots are not those of this vault.",
            "Restore them from a backup.",
        )
    return content


def owner(policy: Policy, content: SlotSecrets, name: str) -> Member:
    """Return the person whose secrets these are, by the signed policy. Raises WrongCredentials."""
    member = policy.member(UserId(content.user))
    theirs = HybridIdentity(content.user_seed).recipient()
    wanted = (plain_name(name), theirs)
    if member is None or (plain_name(member.name), member.recipient) != wanted:
        raise WrongCredentials
    return member


class PasswordResets:
    """Gives others a one-time password; they keep all their keys."""

    def __init__(self, core: Core, slots: KeySlots, attempts: Attempts, subjects: Subjects) -> None:
        self._core = core
        self._subjects = subjects
        self._slots = slots
        self._attempts = attempts

    def drill(self, recovery_key: str, draft: AuditDraft) -> RecoveryDrill:
        """Open with the recovery key all that it is for, and change nothing.

        Raises as ``RoleStore.drill_recovery`` says.
        """
        core = self._core
        identity = HybridIdentity(recovery_seed(recovery_key))
        for member in core.policy.members:
            content = escrowed(self._slots, identity.seed, member.name)
            if content.vault_key != core.vault_key:
                raise WrongCredentials
            owner(core.policy, content, member.name)
        rows = core.connection.execute(
            # What came back from a backup without its key opens for nobody; restores count it.
            "SELECT id FROM recordings r LEFT JOIN recording_keys k ON k.recording_id = r.id"
            " WHERE restricted_for = '' AND k.recording_key IS NOT x''"
            " ORDER BY started_at DESC LIMIT ?",
            (DRILLED,),
        ).fetchall()
        for (recording,) in rows:
            header = open_header(core, self._subjects, RecordingId(recording))
            try:
                unwrap_file_key(header, [identity])
            except NotForMe as error:
                raise Damaged(
                    "The recovery key does not open every recording.",
                    "One of the newest is not sealed for it.",
                    "Ask your administrator to check the workstation.",
                ) from error
        found = RecoveryDrill(len(core.policy.members), len(rows))
        detail = {"people": str(found.people), "recordings": str(found.recordings)}
        with core.deeds.deed(replace(draft, detail=detail)):
            pass
        return found

    def reset(self, user: UserId, recovery_key: str, password: str, draft: AuditDraft) -> None:
        """Rewrite the slot of somebody else. Raises as ``RoleStore.reset_password`` says."""
        core = self._core
        if user == core.user.id:
            raise Refused(
                "The password was not reset.", "It is your own.", "Change it in the settings."
            )
        member = core.policy.member(user)
        if member is None:
            raise NotFound("Nothing was changed.", "The policy does not name this person.")
        seed = recovery_seed(recovery_key)
        self._attempts.begin()
        content = escrowed(self._slots, seed, member.name)
        if content.vault_key != core.vault_key:
            raise WrongCredentials
        owner(core.policy, content, member.name)
        self._attempts.forget()
        before = self._slots.saved()
        content = msgspec.structs.replace(content, one_time=True)
        try:
            with core.deeds.deed(replace(draft, object_id=user)):
                self._slots.change_password(member.name, content, password)
        except BaseException:
            self._slots.put_back(before)
            raise
