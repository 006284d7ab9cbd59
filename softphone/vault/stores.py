"""The stores of one unlocked vault, put together."""

from __future__ import annotations

from dataclasses import dataclass

from softphone.vault.attempts import Attempts
from softphone.vault.audit_log import Head
from softphone.vault.audit_view import AuditView, cosigned_size
from softphone.vault.calls import CallStore
from softphone.vault.consents import Consents
from softphone.vault.contacts import ContactStore
from softphone.vault.core import Core
from softphone.vault.directory import ContactDirectory
from softphone.vault.do_not_call import DoNotCallLists
from softphone.vault.erasure import Erasures
from softphone.vault.fleet import FleetPolicies
from softphone.vault.foreign import ForeignTombstones
from softphone.vault.informing import InfoTexts
from softphone.vault.marks import MarkKeeper, Marks
from softphone.vault.notes import NoteStore
from softphone.vault.outbox import Outbox
from softphone.vault.packages import Packages
from softphone.vault.people import PeopleStore
from softphone.vault.recordings import RecordingStore
from softphone.vault.registers import Registers
from softphone.vault.relay_in import RelayIn
from softphone.vault.relay_out import RelayOut
from softphone.vault.requests import Requests
from softphone.vault.resetting import PasswordResets
from softphone.vault.restrictions import Restrictions
from softphone.vault.retention import Retention
from softphone.vault.rewrap import Rewrapper
from softphone.vault.scores import Scores
from softphone.vault.slots import KeySlots, OpenSlot
from softphone.vault.subjects import Subjects
from softphone.vault.tags import Tags


@dataclass(slots=True, repr=False)
class Stores:
    """Everything an unlocked vault is made of."""

    core: Core
    people: PeopleStore
    contacts: ContactStore
    calls: CallStore
    notes: NoteStore
    recordings: RecordingStore
    audit: AuditView
    outbox: Outbox
    erasures: Erasures
    foreign: ForeignTombstones
    marks: MarkKeeper
    rewrapper: Rewrapper
    directory: ContactDirectory
    consents: Consents
    informing: InfoTexts
    do_not_call: DoNotCallLists
    fleet: FleetPolicies
    registers: Registers
    requests: Requests
    restrictions: Restrictions
    retention: Retention
    resets: PasswordResets
    tags: Tags
    scores: Scores
    packages: Packages
    relay_out: RelayOut
    relay_in: RelayIn

    def sign_head(self) -> Head:
        """Sign the log's head and remember it outside of the vault."""
        with self.core.deeds.transaction():
            head = self.core.log.sign_head()
        self.remember(head)
        return head

    def remember(self, head: Head | None = None) -> None:
        """Bring the marks outside of the vault up to date; those of a fork are left alone."""
        known = self.marks.load()
        size, root = known.log_size, known.log_root
        if head is not None and head.size > size and not self.rolled_back(known):
            size, root = head.size, head.root
        marks = Marks(
            max(known.policy_version, self.core.policy.version),
            size,
            root,
            max(known.cosigned_size, cosigned_size(self.core)),
            known.fleet_version if self.core.fleet is None else self.core.fleet.version,
        )
        if marks != known:
            self.marks.save(marks)

    def rolled_back(self, known: Marks) -> bool:
        """Whether the log lacks the newest head that was signed on this workstation."""
        if known.cosigned_size > cosigned_size(self.core):
            return True
        if not known.log_size:
            return False
        head = self.core.log.head_at(known.log_size)
        return head is None or head.root != known.log_root


def open_stores(
    core: Core, slots: KeySlots, slot: OpenSlot, marks: MarkKeeper, attempts: Attempts
) -> Stores:
    """Put the stores together."""
    subjects = Subjects(core)
    contacts = ContactStore(core, subjects)
    notes = NoteStore(core)
    erasures = Erasures(core, subjects)
    recordings = RecordingStore(core, subjects, contacts)
    packages = Packages(core, recordings)
    relay_out = RelayOut(core, packages)
    return Stores(
        core,
        PeopleStore(core, slots, slot, attempts),
        contacts,
        CallStore(core, subjects, contacts),
        notes,
        recordings,
        AuditView(core),
        Outbox(core),
        erasures,
        ForeignTombstones(core, erasures),
        marks,
        Rewrapper(core, subjects),
        ContactDirectory(core, contacts, notes),
        Consents(core),
        InfoTexts(core),
        DoNotCallLists(core),
        FleetPolicies(core, slot.secrets.anchor),
        Registers(core),
        Requests(core),
        Restrictions(core, contacts),
        Retention(core, erasures),
        PasswordResets(core, slots, attempts, subjects),
        Tags(core),
        Scores(core),
        packages,
        relay_out,
        RelayIn(core, packages, relay_out),
    )
