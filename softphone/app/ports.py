"""What the use cases need from the outside, as Protocols. Adapters are wired in ``compose``.

Every method of :class:`Vault` that reads or changes personal data or rights takes the audit draft
of the deed and commits both in one transaction: no log, no deed. All times are UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from softphone.domain.account import Account
from softphone.domain.audit import AuditDraft, AuditEntry, AuditFilter, AuditRow, AuditVerdict
from softphone.domain.contact import Contact, ContactFile, HistoryEntry, Note
from softphone.domain.events import EngineEvent
from softphone.domain.ids import (
    AccountId,
    CallId,
    ContactId,
    DeviceId,
    ErasureId,
    RecordingId,
    UserId,
)
from softphone.domain.permissions import ListenerGroup, Member, Policy, RecordingMode
from softphone.domain.privacy import (
    ErasurePlan,
    ErasureReason,
    ErasureReceipt,
    ErasureStep,
    Tombstone,
)
from softphone.domain.recording import (
    Gap,
    GapReason,
    Manifest,
    Recording,
    RecordingOrder,
    SealedRecording,
    SealTarget,
)


class Clock(Protocol):
    """Wall time and monotonic time."""

    def now(self) -> datetime:
        """Return the time now (UTC, aware)."""
        ...

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        ...


# --- the phone process -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordingPlan:
    """How the engine is to record this person's calls."""

    mode: RecordingMode
    codec: str
    agent: UserId
    team: str
    targets: tuple[SealTarget, ...]


class Phone(Protocol):
    """The engine as the window process sees it. Commands return at once; events tell outcomes."""

    def set_account(self, account: Account, password: str) -> None:
        """Register this account (RFC 3261 section 10); the password is not kept by the caller."""
        ...

    def remove_account(self, account: AccountId) -> None:
        """Unregister and forget an account."""
        ...

    def set_recording_plan(self, plan: RecordingPlan, journal_key: bytes) -> None:
        """Tell how to record; ``journal_key`` (32 bytes) opens the engine's journal."""
        ...

    def dial(self, account: AccountId, target: str) -> CallId:
        """Start a call to a number or SIP address; outcome arrives as CallChanged."""
        ...

    def answer(self, call: CallId) -> None:
        """Answer an incoming call (200)."""
        ...

    def hang_up(self, call: CallId) -> None:
        """End, cancel or reject (603) a call."""
        ...

    def hold(self, call: CallId, on: bool) -> None:
        """Hold or resume by re-INVITE."""
        ...

    def mute(self, call: CallId, on: bool) -> None:
        """Stop or resume sending the microphone."""
        ...

    def send_dtmf(self, call: CallId, digits: str) -> None:
        """Send digits (0-9 * # A-D) by RFC 4733."""
        ...

    def start_recording(self, call: CallId) -> None:
        """Start capture where the plan permits."""
        ...

    def pause_recording(self, call: CallId, reason: GapReason) -> None:
        """Capture nothing until resumed."""
        ...

    def resume_recording(self, call: CallId) -> None:
        """Go on capturing."""
        ...

    def sealed_recordings(self) -> Sequence[SealedRecording]:
        """Return finished recordings that wait in the journal (blocking, at most seconds)."""
        ...

    def forget_recording(self, recording: RecordingId) -> None:
        """Drop a recording from the journal once the vault has it."""
        ...

    def forget_call(self, call: CallId) -> None:
        """Drop an ended call once the history has it."""
        ...

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> None:
        """Call ``listener`` from the phone's reader thread for each event."""
        ...


# --- recording in the engine --------------------------------------------------------------------


class RecordingWriter(Protocol):
    """One recording being written. Used by one thread."""

    def write(self, data: bytes) -> None:
        """Append encoded audio; kept in memory until :meth:`flush`."""
        ...

    def flush(self) -> None:
        """Make all written so far durable. Raises StorageFailed; what was kept stays openable."""
        ...

    def add_gap(self, gap: Gap) -> None:
        """Note a stretch without capture."""
        ...

    def finish(self, audio_ms: int) -> Manifest:
        """Seal the last chunk and close. Raises StorageFailed."""
        ...

    def close(self) -> None:
        """Stop writing without sealing: what was durable stays as a cut-off recording."""
        ...


class Journal(Protocol):
    """The engine's durable list of recordings under way or waiting for the vault."""

    def begin(self, order: RecordingOrder) -> RecordingWriter:
        """Start a recording: fresh file key, wrapped for ``order.targets``, then forgotten."""
        ...

    def sealed(self) -> Sequence[SealedRecording]:
        """Return all recordings not being written, those cut off by a crash included."""
        ...

    def forget(self, recording: RecordingId) -> None:
        """Drop the row (secure delete); the payload file stays."""
        ...

    def close(self) -> None:
        """Close the database."""
        ...


# --- the vault ----------------------------------------------------------------------------------


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
    contact: ContactId | None = None
    since: datetime | None = None
    until: datetime | None = None
    longer_than_ms: int = 0
    reviewed: bool | None = None


@dataclass(frozen=True, slots=True)
class NewMember:
    """A person to add; the password is used once and not kept."""

    name: str
    password: str
    role: str
    team: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """How this device reaches its sync server. ``ca_file`` may be empty (system trust only)."""

    url: str
    device_token: str
    witness_key: str
    """C2SP signed-note verifier key of the server's witness."""
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class LeafBatch:
    """Audit leaves for the server: exact canonical bytes, and a checkpoint that covers them."""

    first: int
    leaves: tuple[bytes, ...]
    checkpoint: str


class SyncSource(Protocol):
    """The vault as synchronisation sees it."""

    @property
    def device(self) -> DeviceId:
        """This workstation."""
        ...

    @property
    def log_key(self) -> str:
        """The signed-note verifier key of this device's log."""
        ...

    def enrolment(self) -> Enrolment | None:
        """Return how to reach the server, or None when standalone."""
        ...

    def save_enrolment(self, enrolment: Enrolment) -> None:
        """Keep the enrolment (audited)."""
        ...

    def unsent_leaves(self, limit: int) -> LeafBatch | None:
        """Return the oldest leaves not yet cosigned, or None."""
        ...

    def confirm_leaves(self, size: int, cosigned: str) -> None:
        """Keep the cosigned checkpoint. Raises ServerMisbehaved when it does not verify."""
        ...

    def unsent_tombstones(self) -> Sequence[Tombstone]:
        """Return own tombstones that the server has not acknowledged."""
        ...

    def confirm_tombstone(self, erasure: ErasureId) -> None:
        """The server has it."""
        ...

    def tombstone_cursor(self) -> int:
        """Return the last position received from the server, 0 at first."""
        ...

    def apply_tombstone(self, tombstone: Tombstone, position: int) -> bool:
        """Carry out a foreign erasure; a replay is a no-op. Returns whether anything went."""
        ...

    def waiting(self) -> int:
        """Return how many rows wait for the server."""
        ...


class Vault(SyncSource, Protocol):
    """An unlocked vault of the signed-in person. Confined to one thread."""

    @property
    def user(self) -> Member:
        """Who is signed in."""
        ...

    @property
    def policy(self) -> Policy:
        """The verified policy in force."""
        ...

    def close(self) -> None:
        """Checkpoint, close and drop all keys."""
        ...

    # people and accounts
    def add_member(self, new: NewMember, draft: AuditDraft) -> Member:
        """Add a key slot and publish a policy naming the person; listeners start a new epoch."""
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

    def verify_audit(self) -> AuditVerdict:
        """Check every leaf, the tree, the signed and the cosigned checkpoints."""
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

    def history(self, text: str, limit: int, offset: int) -> Sequence[HistoryEntry]:
        """Return calls, newest first, whose name or number has a word beginning with ``text``."""
        ...

    def history_count(self, text: str) -> int:
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
    ) -> ErasureReceipt:
        """Erase a person: keys, rows, payloads, index, WAL; then search for remains."""
        ...

    def delete_recording(self, recording: RecordingId, draft: AuditDraft) -> ErasureReceipt:
        """Crypto-erase one recording and its rows and payload."""
        ...

    def resume_erasures(self) -> int:
        """Finish erasures that a crash cut off; returns how many."""
        ...

    def search_remains(self, needles: Sequence[str]) -> int:
        """Count occurrences of texts in all files and decrypted pages of the profile."""
        ...


class VaultKeeper(Protocol):
    """Creates and unlocks the vault in one profile folder."""

    def exists(self) -> bool:
        """Whether a vault has been created here."""
        ...

    def names(self) -> Sequence[str]:
        """Names to offer at the sign-in page; none may be stored in the clear, so often empty."""
        ...

    def create(self, administrator: NewMember, device_name: str) -> tuple[Vault, str]:
        """Create the vault; returns it unlocked, and the recovery key to print (shown once)."""
        ...

    def unlock(self, name: str, password: str) -> Vault:
        """Open the vault.

        Raises WrongCredentials (same time and words whichever part was wrong), TryLater, Damaged,
        PolicyInvalid. Wrong attempts are counted, delayed, and audited at the next sign-in.
        """
        ...


# --- export -------------------------------------------------------------------------------------


class WorkbookWriter(Protocol):
    """Writes a contact's file as an Excel workbook."""

    def write(
        self,
        data: ContactFile,
        destination: Path,
        exported_by: str,
        exported_at: datetime,
        time_zone: str,
    ) -> None:
        """Write atomically; texts never become formulas. Raises StorageFailed."""
        ...


class Player(Protocol):
    """Plays a recording from memory."""

    def load(self, reader: RecordingReader, audio_ms: int) -> None:
        """Take a reader over; the player closes it."""
        ...

    def play(self) -> None:
        """Begin or go on."""
        ...

    def pause(self) -> None:
        """Stop where it is."""
        ...

    def seek(self, position_ms: int) -> None:
        """Jump."""
        ...

    def position_ms(self) -> int:
        """Return where playback is."""
        ...

    def waveform(self, bins: int) -> tuple[Sequence[float], Sequence[float]]:
        """Return peak levels 0..1 of both channels (agent, customer) in ``bins`` steps."""
        ...

    def unload(self) -> None:
        """Stop and forget the audio."""
        ...


__all__ = [
    "Clock",
    "Enrolment",
    "Journal",
    "LeafBatch",
    "ListenerGroup",
    "NewMember",
    "Phone",
    "Player",
    "RecordingFilter",
    "RecordingPlan",
    "RecordingReader",
    "RecordingWriter",
    "SyncSource",
    "Vault",
    "VaultKeeper",
    "WorkbookWriter",
]
