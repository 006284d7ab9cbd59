"""A real vault in a temporary folder, with cheap Argon2id and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from softphone.app.ports import NewMember, Vault
from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.call import Direction, Disposition
from softphone.domain.contact import Contact, HistoryEntry
from softphone.domain.ids import CallId, ContactId, RecordingId, new_id
from softphone.domain.recording import Gap, GapReason, RecordingOrder, SealedRecording
from softphone.paths import Profile
from softphone.vault.journal import RecordingJournal
from softphone.vault.keeper import FileVaultKeeper
from softphone.vault.secret_store import SecretStore
from softphone.vault.slots import KdfParameters
from tests.fakes.clock import FakeClock
from tests.fakes.secrets import MemorySecrets

CHEAP = KdfParameters(memory_kib=64, passes=1, lanes=1)
PASSWORD = "four random words here"
ADMIN = NewMember("Ida Root", PASSWORD, "administrator", "office")
SUPERVISOR = NewMember("Sam Ears", PASSWORD, "supervisor", "sales")
AGENT = NewMember("Ann Agent", PASSWORD, "agent", "sales")
AUDIO = bytes(range(256)) * 300


class Rig:
    """One workstation."""

    def __init__(
        self,
        root: Path,
        *,
        secrets: SecretStore | None = None,
        clock: FakeClock | None = None,
        kdf: KdfParameters = CHEAP,
        secure_delete: bool = True,
        fleet_key: bytes | None = None,
    ) -> None:
        self.profile = Profile(root)
        self.clock = clock or FakeClock()
        self.secrets = secrets if secrets is not None else MemorySecrets()
        self.keeper = FileVaultKeeper(
            self.profile,
            self.clock,
            self.secrets,
            kdf=kdf,
            secure_delete=secure_delete,
            fleet_key=fleet_key,
        )
        self.recovery_key = ""

    def create(self, *members: NewMember) -> None:
        """Set up, add members, sign out."""
        vault, self.recovery_key = self.keeper.create(ADMIN, "desk 7")
        for member in members:
            vault.add_member(member, draft(vault, Action.USER_ADDED, DataCategory.RIGHTS))
        vault.close()

    def open(self, member: NewMember) -> Vault:
        return self.keeper.unlock(member.name, member.password)

    def endorse(self, *log_keys: str) -> None:
        """Let the administrator endorse other devices."""
        vault = self.open(ADMIN)
        for key in log_keys:
            vault.endorse_device(
                key, "another", draft(vault, Action.DEVICE_ENDORSED, DataCategory.RIGHTS)
            )
        vault.close()

    def device(self) -> tuple[str, str]:
        """Return this device's id and the verifier key of its log."""
        vault = self.open(ADMIN)
        found = (vault.device, vault.log_key)
        vault.close()
        return found

    def seal(self, vault: Vault, number: str, **changes: object) -> SealedRecording:
        return seal(self.profile, vault, number, **changes)

    def forget(self, vault: Vault, sealed: SealedRecording) -> None:
        """Let the engine drop what the vault took over."""
        journal = RecordingJournal(
            self.profile.journal, vault.journal_key(), self.profile.recordings
        )
        journal.forget(sealed.manifest.recording)
        journal.close()


def draft(
    vault: Vault,
    action: Action = Action.CONTACT_SAVED,
    category: DataCategory = DataCategory.CONTACT,
    object_id: str = "",
    **detail: str,
) -> AuditDraft:
    return AuditDraft(action, category, object_id, actor=vault.user.id, detail=detail)


def contact(name: str = "Ada Lovelace", *numbers: str) -> Contact:
    return Contact(ContactId(new_id()), name, numbers or ("+493012345678",))


def call(vault: Vault, number: str, at: datetime, **changes: object) -> HistoryEntry:
    values: dict = {
        "call": CallId(new_id()),
        "contact": None,
        "contact_name": "",
        "number": number,
        "direction": Direction.INCOMING,
        "disposition": Disposition.ANSWERED,
        "agent": vault.user.id,
        "agent_name": vault.user.name,
        "started_at": at,
        "talk_ms": 61_000,
    }
    return HistoryEntry(**(values | changes))


def seal(
    profile: Profile,
    vault: Vault,
    number: str,
    *,
    at: datetime | None = None,
    audio: bytes = AUDIO,
    cut_off: bool = False,
    recording: str = "",
    call_id: str = "",
    keep: bool = False,
) -> SealedRecording:
    """Record through the engine's journal, as the engine does."""
    order = RecordingOrder(
        recording=RecordingId(recording or new_id()),
        call=CallId(call_id or new_id()),
        agent=vault.user.id,
        team=vault.user.team,
        direction=Direction.INCOMING,
        number=number,
        started_at=at or FakeClock().now() - timedelta(minutes=5),
        codec="opus",
        sample_rate_hz=48_000,
        targets=vault.seal_targets(vault.user.team),
    )
    journal = RecordingJournal(profile.journal, vault.journal_key(), profile.recordings)
    try:
        writer = journal.begin(order)
        writer.write(audio)
        writer.add_gap(Gap(1000, 250, GapReason.CARD_PAYMENT))
        writer.flush()
        if not cut_off:
            writer.finish(30_000)
        else:
            writer.close()
        (sealed,) = (s for s in journal.sealed() if s.manifest.recording == order.recording)
        if not keep:
            journal.forget(order.recording)
        return sealed
    finally:
        journal.close()


Seal = Callable[..., SealedRecording]
