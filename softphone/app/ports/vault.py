"""The vault: no log, no deed.

Every method that reads or changes personal data or rights takes the audit draft of the deed and
commits both in one transaction. All times are UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from softphone.app.ports.audit_check import AuditCheck
from softphone.app.ports.backup import BackupMade
from softphone.app.ports.directory import ContactTopics
from softphone.app.ports.fleet import FleetStore
from softphone.app.ports.people import RoleStore
from softphone.app.ports.registers import PrivacyStores
from softphone.app.ports.relay import RelayStore
from softphone.app.ports.review import ReviewStore
from softphone.app.ports.sync import SyncSource
from softphone.domain.account import Account
from softphone.domain.audit import AuditDraft, AuditEntry, AuditFilter, AuditRow, AuditVerdict
from softphone.domain.audit_bundle import AuditBundle, EntryProof
from softphone.domain.call_policy import CallPolicy
from softphone.domain.contact import Contact, ContactFile, HistoryEntry, Note
from softphone.domain.ids import CallId, ContactId, DeviceId, NoteId, RecordingId, UserId
from softphone.domain.permissions import EndorsedDevice, Member, Policy
from softphone.domain.privacy import (
    ErasedBefore,
    ErasurePlan,
    ErasureProof,
    ErasureReason,
    ErasureReceipt,
    ErasureStep,
)
from softphone.domain.receipt import ReadReceipt
from softphone.domain.recording import Recording, SealedRecording, SealTarget


class RecordingReader(Protocol):
    """Plaintext of one recording, decrypted on demand into memory. Seekable."""

    @property
    def size(self) -> int:
        """Authentic plaintext bytes available."""
        ...

    @property
    def problem(self) -> str:
        """Empty, or a sentence why the recording ends early or was altered."""
        ...

    def read_at(self, position: int, length: int) -> bytes:
        """Return plaintext bytes; raises Truncated past the last authentic chunk."""
        ...

    def close(self) -> None:
        """Forget the file key and close the file."""
        ...


@dataclass(frozen=True, slots=True)
class RecordingFilter:
    """What the recordings page asks for; empty fields do not filter."""

    text: str = ""
    agent: UserId | None = None
    team: str = ""
    tag: str = ""
    agents: tuple[UserId, ...] | None = None
    """Only theirs; None for everybody's."""
    contact: ContactId | None = None
    since: datetime | None = None
    until: datetime | None = None
    longer_than_ms: int = 0
    reviewed: bool | None = None


@dataclass(frozen=True, slots=True)
class NewMember:
    """A person to add; the password is used once and not kept.

    With a ``one_time`` password they get in only to choose their own.
    """

    name: str
    password: str
    role: str
    team: str
    one_time: bool = False


class Vault(
    SyncSource,
    FleetStore,
    RoleStore,
    ReviewStore,
    RelayStore,
    PrivacyStores,
    ContactTopics,
    Protocol,
):
    """An unlocked vault of the signed-in person. Confined to one thread."""

    @property
    def user(self) -> Member:
        """Who is signed in."""
        ...

    @property
    def policy(self) -> Policy:
        """The verified policy in force."""
        ...

    def rest(self) -> None:
        """Give back the memory of what was read; it is read again when it is needed."""
        ...

    def close(self) -> None:
        """Checkpoint, close and drop all keys."""
        ...

    # people and accounts
    def add_member(self, new: NewMember, draft: AuditDraft) -> Member:
        """Add a key slot and publish a policy naming the person; listeners start a new epoch."""
        ...

    def remove_member(self, user: UserId, draft: AuditDraft) -> None:
        """Destroy a person's key slot and publish a policy without them; their groups start anew.

        Raises NotFound, Refused (oneself, no policy key).
        """
        ...

    def change_member(self, user: UserId, role: str, team: str, draft: AuditDraft) -> Member:
        """Publish a policy that gives a person another role or team; groups start anew.

        Raises NotFound, InvalidInput, Refused (oneself, no policy key).
        """
        ...

    def change_password(self, old: str, new: str, draft: AuditDraft) -> None:
        """Give the signed-in person a new password. Raises WrongCredentials, TryLater."""
        ...

    def replace_group_keys(self, draft: AuditDraft) -> int:
        """Start a new epoch of every listeners' group; returns how many.

        Raises Refused (no policy key).
        """
        ...

    def rewrap_recordings(self, draft: AuditDraft, limit: int) -> int:
        """Wrap up to ``limit`` headers this person may open for the newest listeners.

        Returns how many; 0 when nothing is left that this person could do.
        """

    def endorse_device(self, log_key: str, label: str, draft: AuditDraft) -> EndorsedDevice:
        """Publish a policy that names a device's key; carry out what waited for it.

        Raises InvalidInput (no usable key, own key), Refused (no policy key).
        """
        ...

    def withdraw_device(self, device: DeviceId, draft: AuditDraft) -> None:
        """Publish a policy that names the device no longer. Raises NotFound, Refused."""
        ...

    def set_call_policy(self, calls: CallPolicy, draft: AuditDraft) -> None:
        """Publish a policy with these rules for calls. Raises Refused (no policy key)."""
        ...

    def seal_targets(self, team: str) -> tuple[SealTarget, ...]:
        """Return the listeners' group of a team, then recovery."""
        ...

    def journal_key(self) -> bytes:
        """Return the key (32 bytes) of the engine's journal."""
        ...

    def save_account(self, account: Account, password: str, draft: AuditDraft) -> None:
        """Keep a SIP account and its password."""
        ...

    def accounts(self) -> Sequence[tuple[Account, str]]:
        """Return accounts with their passwords."""
        ...

    # audit
    def append_audit(self, draft: AuditDraft) -> AuditEntry:
        """Append an entry that is a deed by itself, such as a refusal."""
        ...

    def audit_rows(self, wanted: AuditFilter, limit: int, offset: int) -> Sequence[AuditRow]:
        """Return entries, newest first."""
        ...

    def audit_count(self, wanted: AuditFilter) -> int:
        """Return how many entries match."""
        ...

    def begin_audit_check(self) -> AuditCheck:
        """Begin to check every leaf, the tree, the signed and the cosigned checkpoints."""
        ...

    def verify_audit(self) -> AuditVerdict:
        """Check it in one go."""
        ...

    def audit_bundle(self) -> AuditBundle:
        """Sign the head and return the log without personal detail; take its leaves at once."""
        ...

    def audit_proof(self, index: int) -> EntryProof:
        """Return the proof that an entry is in the signed log. Raises NotFound."""
        ...

    def sign_checkpoint(self) -> str:
        """Sign the log's head now (C2SP signed note); idempotent for an unchanged log."""
        ...

    # contacts, calls, notes
    def save_contact(self, contact: Contact, draft: AuditDraft) -> None:
        """Add or replace a contact and link calls and recordings of its numbers to it."""
        ...

    def contact(self, contact: ContactId) -> Contact:
        """Return one contact. Raises NotFound."""
        ...

    def find_contact(self, number: str) -> Contact | None:
        """Return the contact with this E.164 number or SIP address."""
        ...

    def contacts(self, text: str, limit: int, offset: int) -> Sequence[Contact]:
        """Return contacts by name, matching words that begin with ``text``."""
        ...

    def contact_file(self, contact: ContactId, draft: AuditDraft) -> ContactFile:
        """Return everything held about a contact."""
        ...

    def add_call(self, entry: HistoryEntry, draft: AuditDraft) -> None:
        """Keep a finished call; adding the same call twice changes nothing."""
        ...

    def set_wrap_up(self, call: CallId, wrap_up: str, draft: AuditDraft) -> None:
        """Keep what the agent says the call was about."""
        ...

    def history(
        self, text: str, limit: int, offset: int, agents: tuple[UserId, ...] | None = None
    ) -> Sequence[HistoryEntry]:
        """Return calls, newest first, whose name or number has a word beginning with ``text``.

        ``agents``: only theirs; None for everybody's.
        """
        ...

    def history_count(self, text: str, agents: tuple[UserId, ...] | None = None) -> int:
        """Return how many calls match."""
        ...

    def save_note(self, note: Note, draft: AuditDraft) -> None:
        """Add or replace a note."""
        ...

    def notes(
        self, *, contact: ContactId | None = None, recording: RecordingId | None = None
    ) -> Sequence[Note]:
        """Return notes of a contact or of a recording, oldest first."""
        ...

    # recordings
    def take_in(self, sealed: SealedRecording, draft: AuditDraft) -> None:
        """Take a sealed recording over from the engine's journal; twice changes nothing."""
        ...

    def recordings(self, wanted: RecordingFilter, limit: int, offset: int) -> Sequence[Recording]:
        """Return recordings, newest first, ``refused`` filled for those sealed for others."""
        ...

    def recordings_count(self, wanted: RecordingFilter) -> int:
        """Return how many recordings match."""
        ...

    def recording(self, recording: RecordingId) -> Recording:
        """Return one row. Raises NotFound."""
        ...

    def open_recording(self, recording: RecordingId, draft: AuditDraft) -> RecordingReader:
        """Unwrap the file key by this person's group keys.

        Raises Refused (no key), NotFound, Damaged. A payload that does not match its manifest is
        reported by ``problem`` of the reader and audited.
        """
        ...

    def finish_recording(
        self, recording: RecordingId, audio_ms: int, draft: AuditDraft
    ) -> Recording:
        """Close a recording that a crash cut off, with its measured length; twice changes nothing.

        Raises Refused, NotFound, Damaged, StorageFailed (then nothing changed that counts).
        """
        ...

    def mark_reviewed(self, recording: RecordingId, draft: AuditDraft) -> None:
        """Note who reviewed it and when."""
        ...

    # erasure
    def plan_erasure(self, contact: ContactId) -> ErasurePlan:
        """Count what an erasure would remove."""
        ...

    def erase_contact(
        self,
        contact: ContactId,
        reason: ErasureReason,
        on_step: Callable[[ErasureStep], None],
        mentions: tuple[NoteId, ...] = (),
    ) -> ErasureReceipt:
        """Erase a person: keys, rows, payloads, index, WAL; then search for remains.

        ``mentions``: notes of others that go as well. Raises Refused (a legal hold).
        """
        ...

    def delete_recording(self, recording: RecordingId, draft: AuditDraft) -> ErasureReceipt:
        """Crypto-erase one recording and its rows and payload."""
        ...

    def replay_erased(self, erased: ErasedBefore) -> bool:
        """Carry out what another, newer copy of this vault has erased; audited.

        What this vault has erased at the same time or later is left alone. Returns whether
        anything went.
        """
        ...

    def back_up(
        self, file: Path, draft: AuditDraft, keys: Path | None = None, days: int | None = None
    ) -> BackupMade:
        """Write a backup that only the recovery key opens; audited, with the end of its keys.

        The keys of its recordings go into a file of their own, ``keys`` or the one beside, and hold
        for ``days``, or as long as the policy says. Raises InvalidInput, StorageFailed.
        """
        ...

    def resume_erasures(self) -> int:
        """Finish erasures that a crash cut off; returns how many."""
        ...

    def search_remains(self, needles: Sequence[str]) -> int:
        """Count occurrences of texts in all files and decrypted pages of the profile."""
        ...

    def prove_erased(
        self, read: ReadReceipt, words: Sequence[str], folders: Sequence[Path], draft: AuditDraft
    ) -> ErasureProof:
        """Check a receipt against the log and the rows, and search for words about the person.

        The profile is searched with its decrypted pages; then the folders, where what is found is
        named and left alone. Raises NotFound (another vault's receipt), ProofInvalid.
        """
        ...

    def leaving_certificate(self, draft: AuditDraft) -> str:
        """Sign the log's last head and say what will be destroyed; audited. No personal data."""
        ...
