"""The sides of an unlocked vault, by topic; each delegates to its store."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from softphone.app.ports import (
    ConsentStore,
    Directory,
    DoNotCall,
    Enrolment,
    Informing,
    LeafBatch,
    NewMember,
    RecordingFilter,
    RecordingReader,
)
from softphone.app.ports.fleet import FleetState
from softphone.domain.account import Account
from softphone.domain.audit import AuditDraft
from softphone.domain.call_policy import CallPolicy
from softphone.domain.contact import Contact, ContactFile, HistoryEntry, Note
from softphone.domain.errors import ServerMisbehaved
from softphone.domain.ids import CallId, ContactId, DeviceId, ErasureId, RecordingId, UserId
from softphone.domain.permissions import EndorsedDevice, Member, Policy
from softphone.domain.privacy import Tombstone
from softphone.domain.recording import Recording, SealedRecording, SealTarget
from softphone.vault.contact_file import contact_file
from softphone.vault.dropping import drop_recording
from softphone.vault.groups import seal_targets
from softphone.vault.log_keys import mldsa_text
from softphone.vault.stores import Stores


class SyncSide:
    """``SyncSource``."""

    _stores: Stores

    @property
    def device(self) -> DeviceId:
        """This workstation."""
        return self._stores.core.device.id

    @property
    def log_key(self) -> str:
        """The signed-note verifier key of this device's log."""
        return str(self._stores.core.device.log_vkey)

    @property
    def log_key_mldsa(self) -> str:
        """The second verifier key (ML-DSA-44) of this device's log; empty without one."""
        return mldsa_text(self._stores.core.device)

    def enrolment(self) -> Enrolment | None:
        """Return how to reach the server, or None when standalone."""
        return self._stores.outbox.enrolment()

    @property
    def handover(self) -> str:
        """The note by which an earlier log's key handed over to this one's; empty without."""
        return self._stores.outbox.handover()

    def earlier_enrolment(self) -> Enrolment | None:
        """Return how the device before a restore reached the server, until this one does."""
        return self._stores.outbox.earlier_enrolment()

    def save_enrolment(self, enrolment: Enrolment) -> None:
        """Keep the enrolment (audited). Raises ProofInvalid for a malformed witness key."""
        self._stores.outbox.save_enrolment(enrolment)

    def unsent_leaves(self, limit: int) -> LeafBatch | None:
        """Return the oldest leaves not yet cosigned, or None."""
        return self._stores.outbox.unsent_leaves(limit)

    def confirm_leaves(self, size: int, cosigned: str) -> None:
        """Keep the cosigned checkpoint. Raises ServerMisbehaved when it does not verify."""
        try:
            self._stores.outbox.confirm_leaves(size, cosigned)
        except ServerMisbehaved:
            self._stores.sign_head()
            raise
        self._stores.remember()

    def unsent_tombstones(self) -> Sequence[Tombstone]:
        """Return own tombstones that the server has not acknowledged."""
        return self._stores.outbox.unsent_tombstones()

    def confirm_tombstone(self, erasure: ErasureId) -> None:
        """The server has it."""
        self._stores.outbox.confirm_tombstone(erasure)

    def tombstone_cursor(self) -> int:
        """Return the last position received from the server, 0 at first."""
        return self._stores.outbox.cursor()

    def apply_tombstone(self, tombstone: Tombstone, position: int) -> bool:
        """Carry out an erasure that an endorsed device signed; hold back any other.

        Returns whether anything went. Raises ServerMisbehaved for a forged one.
        """
        return self._stores.foreign.receive(tombstone, position)

    def tombstones_done(self) -> int:
        """Return the position up to which everything received was carried out."""
        return self._stores.foreign.done_up_to()

    def held_back(self) -> int:
        """Return how many erasures wait for their device to be endorsed."""
        return self._stores.foreign.held()

    def waiting(self) -> int:
        """Return how many rows wait for the server."""
        return self._stores.outbox.waiting()


class FleetSide:
    """``FleetSource`` and ``FleetStore``."""

    _stores: Stores

    def policy_etag(self) -> str | None:
        """Return the ETag of the fleet's policy kept here, empty at first; None: nobody's."""
        return self._stores.fleet.etag()

    def receive_policy(self, note: bytes, etag: str) -> bool:
        """Put a newer policy of the followed key in force; carry out what it lets through.

        Raises ServerMisbehaved (audited).
        """
        new = self._stores.fleet.receive(note, etag)
        if new:
            self._stores.foreign.release()
            self._stores.sign_head()
        return new

    def policy_to_publish(self) -> str:
        """Return the signed policy that waits for the server, or an empty string."""
        return self._stores.fleet.waiting()

    def policy_published(self, note: str) -> None:
        """The server has it."""
        self._stores.fleet.published(note)

    def fleet_state(self) -> FleetState:
        """Return whose policy holds here."""
        return self._stores.fleet.state()

    def follow_policy(self, policy_key: str, draft: AuditDraft) -> None:
        """Publish a policy that follows the fleet's; an empty key ends it.

        Raises InvalidInput, Refused (no policy key).
        """
        stores = self._stores
        stores.people.follow(stores.fleet.checked_key(policy_key), draft)
        # The newest version seen was another key's.
        stores.marks.save(msgspec.structs.replace(stores.marks.load(), fleet_version=0))
        stores.sign_head()

    def publish_to_fleet(self, draft: AuditDraft) -> None:
        """Offer these rules to the fleet, now and after each change. Raises Refused."""
        self._stores.people.publish_to_fleet(draft)
        self._stores.sign_head()


class PeopleSide:
    """People, rights, accounts and keys of the engine."""

    _stores: Stores

    @property
    def user(self) -> Member:
        """Who is signed in."""
        return self._stores.core.user

    @property
    def policy(self) -> Policy:
        """The verified policy in force."""
        return self._stores.core.policy

    def add_member(self, new: NewMember, draft: AuditDraft) -> Member:
        """Add a key slot and publish a policy naming the person; listeners start a new epoch."""
        member = self._stores.people.add(new, draft)
        self._stores.sign_head()
        return member

    def remove_member(self, user: UserId, draft: AuditDraft) -> None:
        """Destroy a slot and publish a policy without the person; their groups start anew."""
        self._stores.people.remove(user, draft)
        self._stores.sign_head()

    def change_member(self, user: UserId, role: str, team: str, draft: AuditDraft) -> Member:
        """Publish a policy with another role or team of a person; listeners start a new epoch."""
        member = self._stores.people.change(user, role, team, draft)
        self._stores.sign_head()
        return member

    def change_password(self, old: str, new: str, draft: AuditDraft) -> None:
        """Give the signed-in person a new password. Raises WrongCredentials, TryLater."""
        self._stores.people.change_password(old, new, draft)

    def replace_group_keys(self, draft: AuditDraft) -> int:
        """Start a new epoch of every listeners' group; returns how many. Raises Refused."""
        count = self._stores.people.replace_group_keys(draft)
        self._stores.sign_head()
        return count

    def rewrap_recordings(self, draft: AuditDraft, limit: int) -> int:
        """Wrap up to ``limit`` headers for the newest listeners; returns how many."""
        return self._stores.rewrapper.rewrap(draft, limit)

    def endorse_device(self, log_key: str, label: str, draft: AuditDraft) -> EndorsedDevice:
        """Publish a policy that names a device's key; carry out what waited for it.

        Raises InvalidInput (no usable key, own key), Refused (no policy key).
        """
        device = self._stores.people.endorse(log_key, label, draft)
        self._stores.foreign.release()
        self._stores.sign_head()
        return device

    def withdraw_device(self, device: DeviceId, draft: AuditDraft) -> None:
        """Publish a policy that names the device no longer. Raises NotFound, Refused."""
        self._stores.people.withdraw(device, draft)
        self._stores.sign_head()

    def seal_targets(self, team: str) -> tuple[SealTarget, ...]:
        """Return the listeners' group of a team, then recovery."""
        return seal_targets(self.policy, team, self.user)

    def journal_key(self) -> bytes:
        """Return the key (32 bytes) of the engine's journal."""
        return self._stores.core.device.journal_key

    def set_call_policy(self, calls: CallPolicy, draft: AuditDraft) -> None:
        """Publish a policy with these rules for calls. Raises Refused (no policy key)."""
        self._stores.people.set_call_policy(calls, draft)

    def save_account(self, account: Account, password: str, draft: AuditDraft) -> None:
        """Keep a SIP account and its password."""
        self._stores.people.save_account(account, password, draft)

    def accounts(self) -> Sequence[tuple[Account, str]]:
        """Return accounts with their passwords."""
        return self._stores.people.accounts()


class HistorySide:
    """Contacts, calls and notes."""

    _stores: Stores

    def save_contact(self, contact: Contact, draft: AuditDraft) -> None:
        """Add or replace a contact and link calls and recordings of its numbers to it."""
        self._stores.contacts.save(contact, draft)

    def contact(self, contact: ContactId) -> Contact:
        """Return one contact. Raises NotFound."""
        return self._stores.contacts.get(contact)

    def find_contact(self, number: str) -> Contact | None:
        """Return the contact with this E.164 number or SIP address."""
        return self._stores.contacts.find(number)

    def contacts(self, text: str, limit: int, offset: int) -> Sequence[Contact]:
        """Return contacts by name, matching words that begin with ``text``."""
        return self._stores.contacts.page(text, limit, offset)

    def contact_file(self, contact: ContactId, draft: AuditDraft) -> ContactFile:
        """Return everything held about a contact. Raises NotFound."""
        return contact_file(self._stores, contact, draft)

    def add_call(self, entry: HistoryEntry, draft: AuditDraft) -> None:
        """Keep a finished call; adding the same call twice changes nothing."""
        gone = self._stores.calls.add(entry, draft)
        if gone is not None:
            drop_recording(self._stores.core, self._stores.erasures, gone, draft)

    def set_wrap_up(self, call: CallId, wrap_up: str, draft: AuditDraft) -> None:
        """Keep what the agent says the call was about. Raises NotFound."""
        self._stores.calls.set_wrap_up(call, wrap_up, draft)

    def history(
        self, text: str, limit: int, offset: int, agents: tuple[UserId, ...] | None = None
    ) -> Sequence[HistoryEntry]:
        """Return calls, newest first, whose name or number has a word beginning with ``text``."""
        return self._stores.calls.page(text, limit, offset, agents)

    def history_count(self, text: str, agents: tuple[UserId, ...] | None = None) -> int:
        """Return how many calls match."""
        return self._stores.calls.count(text, agents)

    def save_note(self, note: Note, draft: AuditDraft) -> None:
        """Add or replace a note."""
        self._stores.notes.save(note, draft)

    def notes(
        self, *, contact: ContactId | None = None, recording: RecordingId | None = None
    ) -> Sequence[Note]:
        """Return notes of a contact or of a recording, oldest first."""
        return self._stores.notes.page(contact, recording)


class ContactSide:
    """What more is kept about contacts, by topic."""

    _stores: Stores

    @property
    def directory(self) -> Directory:
        """The contacts as a whole."""
        return self._stores.directory

    @property
    def consents(self) -> ConsentStore:
        """Legal bases by contact and purpose."""
        return self._stores.consents

    @property
    def informing(self) -> Informing:
        """What people are told, and who was."""
        return self._stores.informing

    @property
    def do_not_call(self) -> DoNotCall:
        """Numbers that must not be called for marketing."""
        return self._stores.do_not_call


class RecordingSide:
    """Recordings."""

    _stores: Stores

    def take_in(self, sealed: SealedRecording, draft: AuditDraft) -> None:
        """Take a sealed recording over from the engine's journal; twice changes nothing."""
        self._stores.recordings.take_in(sealed, draft)

    def recordings(self, wanted: RecordingFilter, limit: int, offset: int) -> Sequence[Recording]:
        """Return recordings, newest first, ``refused`` filled for those sealed for others."""
        return self._stores.recordings.page(wanted, limit, offset)

    def recordings_count(self, wanted: RecordingFilter) -> int:
        """Return how many recordings match."""
        return self._stores.recordings.count(wanted)

    def recording(self, recording: RecordingId) -> Recording:
        """Return one row. Raises NotFound."""
        return self._stores.recordings.get(recording)

    def open_recording(self, recording: RecordingId, draft: AuditDraft) -> RecordingReader:
        """Unwrap the file key by this person's keys. Raises Refused, NotFound, Damaged."""
        return self._stores.recordings.open(recording, draft)

    def finish_recording(
        self, recording: RecordingId, audio_ms: int, draft: AuditDraft
    ) -> Recording:
        """Close a cut-off recording. Raises Refused, NotFound, Damaged, StorageFailed."""
        return self._stores.recordings.finish(recording, audio_ms, draft)

    def tag_recording(
        self, recording: RecordingId, tags: tuple[str, ...], draft: AuditDraft
    ) -> None:
        """Replace the tags of a recording. Raises NotFound."""
        self._stores.tags.put(recording, tags, draft)

    def recording_tags(self) -> Sequence[str]:
        """Return all tags in use."""
        return self._stores.tags.known()

    def mark_reviewed(self, recording: RecordingId, draft: AuditDraft) -> None:
        """Note who reviewed it and when. Raises NotFound."""
        self._stores.recordings.mark_reviewed(recording, draft)
