"""Walks every use case: a deed without its entry, or a refusal without one, fails here.

A public method that is neither in ``DEEDS`` nor in ``QUIET`` fails too: whoever adds one says which
entry it writes, or why it writes none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from pathlib import Path

import msgspec
import pytest

from softphone.app.answers import Answers
from softphone.app.auditing import Auditing, TableExport
from softphone.app.call_rules import CallRules
from softphone.app.calls import Calls
from softphone.app.campaigns import Campaigns
from softphone.app.consents import BasisGiven, Consents
from softphone.app.contacts import Contacts
from softphone.app.deleting import Deletions
from softphone.app.desk import Desk
from softphone.app.duty import Duty
from softphone.app.fleet import Fleet
from softphone.app.handing_over import HandingOver
from softphone.app.importing import Importing, guess_mapping
from softphone.app.information import Information
from softphone.app.invitations import Invitations
from softphone.app.keys import Keys
from softphone.app.people import People
from softphone.app.ports import ContactFormat, ExportFormat, ExportOrder, NewMember, RecordingFilter
from softphone.app.ports.audit_check import checked
from softphone.app.ports.audit_files import TableFormat
from softphone.app.privacy import Privacy
from softphone.app.recordings import Recordings
from softphone.app.registers import Registers
from softphone.app.requests import Requests
from softphone.app.retention import Keeping
from softphone.app.roles import Roles
from softphone.app.scoring import Scoring
from softphone.app.sending import HandOver, Sending
from softphone.app.tagging import Tagging
from softphone.app.workplace_rules import WorkplaceSettings
from softphone.domain.account import Account
from softphone.domain.agent import AgentState
from softphone.domain.audit import Action, AuditFilter, AuditRow
from softphone.domain.call import Availability, Call, CallState, Direction, Disposition
from softphone.domain.call_policy import CallPolicy
from softphone.domain.consent import FIRST_PURPOSES, MARKETING, RECORDING, Told
from softphone.domain.contact import Contact
from softphone.domain.contact_import import OnDuplicate
from softphone.domain.errors import Cancelled, Refused
from softphone.domain.ids import AccountId, CallId, ContactId, DeviceId, RecordingId, UserId, new_id
from softphone.domain.permissions import Permission, Scope
from softphone.domain.recording import SealTarget
from softphone.domain.relay import AddressOffer, Correspondent, RelayedPackage
from softphone.domain.workplace import Question, WorkplaceRules
from softphone.vault.crypto import public_key
from softphone.vault.delivery import sealed as sealed_file
from softphone.vault.journal import payload_path
from softphone.vault.package_format import MARK, Address, PackageNote, signed
from softphone.vault.policy import anchor_key
from softphone.vault.recipients import parse_recipient
from tests.contract.vault_contract import Device
from tests.unit.app import privacy_deeds
from tests.unit.app.privacy_deeds import Prepared
from tests.unit.app.rig import ADMIN, AGENT, LEAD, OFFICER, SUPERVISOR, DeskRig
from tests.unit.vault.rig import contact

SIDES: dict[str, type] = {
    "calls": Calls,
    "call_rules": CallRules,
    "workplace": WorkplaceSettings,
    "scoring": Scoring,
    "handing_over": HandingOver,
    "sending": Sending,
    "duty": Duty,
    "recordings": Recordings,
    "people": People,
    "privacy": Privacy,
    "audit": Auditing,
    "keys": Keys,
    "roles": Roles,
    "tagging": Tagging,
    "deletions": Deletions,
    "invitations": Invitations,
    "contacts": Contacts,
    "importing": Importing,
    "consents": Consents,
    "information": Information,
    "campaigns": Campaigns,
    "fleet": Fleet,
    "requests": Requests,
    "answers": Answers,
    "registers": Registers,
    "keeping": Keeping,
}
NUMBER = "+493012345678"
OTHER = "+442079460000"
LEADER = str(anchor_key(public_key(b"z" * 32)))
ACCOUNT = Account(AccountId("a"), "1001", "pbx.example", "pbx.example")


@dataclass
class World:
    """What every deed finds: a contact, a call, a recording, a SIP account."""

    office: DeskRig
    folder: Path
    ada: Contact
    call: CallId
    recording: RecordingId
    other: DeviceId
    colleague: UserId
    twin: Contact
    merge: str
    run: str
    list_id: str
    prepared: Prepared | None = None
    package: str = "00000000-0000-4000-8000-00000000cafe"
    key: bytes = b""
    """The other workstation's log key."""


class Bundles:
    def write(self, bundle, destination) -> None:
        list(self.parts(bundle, destination, 1))

    def parts(self, bundle, destination, lines: int) -> Generator[int, None, None]:
        leaves = list(bundle.leaves)
        assert leaves
        yield len(leaves)


def table(desk: Desk, world: World) -> TableExport:
    wanted, file = AuditFilter(), world.folder / "log.csv"
    return desk.audit.begin_table(wanted, file, TableFormat.CSV, "Europe/Berlin")


def finished(export: TableExport) -> int:
    while not export.step():
        assert export.done
    return export.done


def ended(world: World) -> Call:
    now = world.office.rig.clock.now()
    return Call(
        CallId(new_id()),
        ACCOUNT.id,
        Direction.INCOMING,
        CallState.ENDED,
        NUMBER,
        started_at=now,
        ended_at=now + timedelta(seconds=9),
        disposition=Disposition.ANSWERED,
    )


def placed(world: World) -> Call:
    return replace(ended(world), direction=Direction.OUTGOING)


def on(world: World) -> Call:
    return replace(ended(world), state=CallState.ESTABLISHED, disposition=None, ended_at=None)


def a_file(world: World) -> Path:
    path = world.folder / "contacts.csv"
    path.write_text("Name,Phone\nGrace Hopper,+442079460077\n")
    return path


def imported(desk: Desk, world: World, do: str) -> object:
    source = desk.importing.open(a_file(world))
    try:
        return getattr(desk.importing, do)(source, guess_mapping(source), OnDuplicate.SKIP)
    finally:
        source.close()


def handed_out(world: World) -> ExportOrder:
    return ExportOrder(
        ExportFormat.AGE, world.folder / "x.age", "complaint", passphrase="nine purple lilies"
    )


def an_address(desk: Desk, world: World) -> Path:
    """Return the address of the workstation that the administrator endorsed."""
    known = desk.session.vault
    group = known.policy.group_for_team("sales")
    assert group is not None
    target = SealTarget(group.id, "theirs", group.recipient)
    own = known._stores.core.device
    theirs = msgspec.structs.replace(own, device=world.other, log_key=world.key)
    address = Address(
        world.other, "sales", (target,), group.recipient, known._stores.core.clock.now()
        + timedelta(days=1),
    )  # fmt: skip
    file = world.folder / "address"
    file.write_text(signed(address, theirs))
    return file


def a_package(desk: Desk, world: World) -> Path:
    """Return what the endorsed workstation made for an address of this one."""
    file = world.folder / "call.package"
    if not desk.session.may(Permission.RECORDINGS_LISTEN).allowed:
        return file
    vault = desk.session.vault
    desk.handing_over.address(world.folder / "mine")
    text = (world.folder / "mine").read_text().split("\n")[1]
    address = msgspec.json.decode(text, type=Address)
    sealed = world.office.rig.seal(vault, NUMBER)
    path = payload_path(world.office.rig.profile.recordings, sealed.manifest.recording)
    sound = path.read_bytes()
    path.unlink()
    core = vault._stores.core
    note = PackageNote(
        world.package,
        world.other,
        core.device.device,
        address.recipient,
        core.clock.now(),
        "Tim",
        sealed,
    )
    theirs = msgspec.structs.replace(core.device, device=world.other, log_key=world.key)
    said = signed(note, theirs).encode()
    with sealed_file(file, parse_recipient(address.recipient)) as out:
        out.write(MARK + len(said).to_bytes(4, "big") + said + sound)
    return file


def a_correspondent(desk: Desk, world: World) -> Correspondent:
    """Return the endorsed workstation as the server would have told of it."""
    note = an_address(desk, world).read_text()
    digest = hashlib.sha256(note.encode()).hexdigest()
    now = world.office.rig.clock.now()
    offer = AddressOffer(DeviceId(world.other), digest, now + timedelta(days=1))
    desk.session.vault.keep_relay_address(offer, note)
    return Correspondent(DeviceId(world.other), "desk 8", "sales", now + timedelta(days=1))


def a_waiting_package(desk: Desk, world: World) -> str:
    """Return the number of a package as the server would have brought it."""
    sealed = a_package(desk, world)
    if not sealed.exists():
        return new_id()
    vault = desk.session.vault
    core = vault._stores.core
    data, package = sealed.read_bytes(), world.package
    offer = RelayedPackage(
        package, DeviceId(world.other), vault.device, len(data),
        hashlib.sha256(data).hexdigest(), 1, core.clock.now() + timedelta(days=1),
    )  # fmt: skip
    [wanted] = vault.relay_incoming([offer])
    wanted.file.write_bytes(data)
    vault.note_arrived(package)
    return package


def all_of(work: HandOver) -> None:
    while not work.step():
        continue


@dataclass(frozen=True)
class Deed:
    """A use case, its entry, who does it, and who is refused (None where everybody may)."""

    action: Action
    do: Callable[[Desk, World], object]
    by: NewMember = SUPERVISOR
    refused: NewMember | None = None
    raises: bool = True
    """Whether a refusal is an error; lists come back empty instead."""


DEEDS: dict[str, Deed] = {
    "calls.dial": Deed(Action.CALL_PLACED, lambda d, w: d.calls.dial(NUMBER), AGENT, ADMIN),
    "calls.redial": Deed(
        Action.CALL_PLACED, lambda d, w: (d.calls.take_in_call(placed(w)), d.calls.redial()), AGENT
    ),
    "call_rules.change": Deed(
        Action.CALL_RULES_CHANGED,
        lambda d, w: d.call_rules.change(CallPolicy(after_call_work_s=20)),
        ADMIN,
        SUPERVISOR,
    ),
    "scoring.cards": Deed(
        Action.NOTE_READ,
        lambda d, w: d.scoring.cards(w.recording),
        refused=AGENT,
        raises=False,
    ),
    "scoring.save": Deed(
        Action.RECORDING_SCORED,
        lambda d, w: d.scoring.save(w.recording, {"Was it solved?": 3}),
        refused=AGENT,
    ),
    "handing_over.address": Deed(
        Action.HANDOVER_ADDRESS_MADE,
        lambda d, w: d.handing_over.address(w.folder / "address"),
        refused=AGENT,
    ),
    "handing_over.give": Deed(
        Action.RECORDING_HANDED_OVER,
        lambda d, w: d.handing_over.give(
            w.recording, an_address(d, w), w.folder / "call.package", "Training"
        ),
        refused=AGENT,
    ),
    "handing_over.receive": Deed(
        Action.RECORDING_RECEIVED,
        lambda d, w: d.handing_over.receive(a_package(d, w)),
        refused=AGENT,
    ),
    "sending.begin_giving": Deed(
        Action.RECORDING_HANDED_OVER,
        lambda d, w: all_of(d.sending.begin_giving(w.recording, a_correspondent(d, w), "Training")),
        refused=AGENT,
    ),
    "sending.begin_taking_in": Deed(
        Action.RECORDING_RECEIVED,
        lambda d, w: all_of(d.sending.begin_taking_in(a_waiting_package(d, w))),
        refused=AGENT,
    ),
    "workplace.change": Deed(
        Action.WORKPLACE_CHANGED,
        lambda d, w: d.workplace.change(WorkplaceRules(5)),
        ADMIN,
        SUPERVISOR,
    ),
    "duty.enter": Deed(
        Action.AGENT_STATE_CHANGED,
        lambda d, w: d.duty.enter(AgentState.BREAK, "Lunch"),
        AGENT,
        ADMIN,
    ),
    "duty.set_availability": Deed(
        Action.AVAILABILITY_CHANGED,
        lambda d, w: d.duty.set_availability(Availability(do_not_disturb=True)),
        AGENT,
        ADMIN,
    ),
    "duty.send_on": Deed(
        Action.AVAILABILITY_CHANGED,
        lambda d, w: d.duty.send_on(Availability(forward_busy="21")),
        AGENT,
        ADMIN,
    ),
    "calls.transfer": Deed(
        Action.CALL_TRANSFERRED, lambda d, w: d.calls.transfer(w.call, NUMBER), AGENT, ADMIN
    ),
    "calls.connect": Deed(
        Action.CALL_TRANSFERRED, lambda d, w: d.calls.connect(w.call, w.call), AGENT, ADMIN
    ),
    "calls.take_in_call": Deed(Action.CALL_ENDED, lambda d, w: d.calls.take_in_call(ended(w))),
    "calls.take_in_recordings": Deed(
        Action.RECORDING_SEALED, lambda d, w: d.calls.take_in_recordings(), AGENT
    ),
    "calls.audit_recording": Deed(
        Action.RECORDING_PAUSED,
        lambda d, w: d.calls.audit_recording(Action.RECORDING_PAUSED, w.recording, reason="hold"),
        AGENT,
    ),
    "calls.history": Deed(Action.LIST_READ, lambda d, w: d.calls.history("", 9, 0)),
    "calls.set_wrap_up": Deed(
        Action.NOTE_SAVED, lambda d, w: d.calls.set_wrap_up(w.call, "sold"), AGENT
    ),
    "recordings.page": Deed(
        Action.LIST_READ, lambda d, w: d.recordings.page(RecordingFilter(), 9, 0)
    ),
    "recordings.open": Deed(
        Action.RECORDING_LISTENED,
        lambda d, w: d.recordings.open(w.recording).close(),
        refused=AGENT,
    ),
    "recordings.begin_export": Deed(
        Action.RECORDING_EXPORTED,
        lambda d, w: d.recordings.begin_export(w.recording, handed_out(w)).write(lambda *_: True),
        LEAD,
        SUPERVISOR,
    ),
    "recordings.export": Deed(
        Action.RECORDING_EXPORTED,
        lambda d, w: d.recordings.export(w.recording, handed_out(w)),
        LEAD,
        SUPERVISOR,
    ),
    "recordings.mark_reviewed": Deed(
        Action.RECORDING_REVIEWED,
        lambda d, w: d.recordings.mark_reviewed(w.recording),
        refused=AGENT,
    ),
    "recordings.notes": Deed(
        Action.NOTE_READ, lambda d, w: d.recordings.notes(w.recording), refused=AGENT, raises=False
    ),
    "recordings.add_note": Deed(
        Action.NOTE_SAVED,
        lambda d, w: d.recordings.add_note(w.recording, "well said", 500),
        refused=AGENT,
    ),
    "recordings.delete": Deed(
        Action.RECORDING_DELETED, lambda d, w: d.recordings.delete(w.recording), refused=AGENT
    ),
    "tagging.put": Deed(
        Action.RECORDING_TAGGED, lambda d, w: d.tagging.put(w.recording, ["upset"]), refused=AGENT
    ),
    "people.contacts": Deed(
        Action.LIST_READ, lambda d, w: d.people.contacts("", 9, 0), refused=ADMIN, raises=False
    ),
    "people.find": Deed(
        Action.LIST_READ, lambda d, w: d.people.find(NUMBER), refused=ADMIN, raises=False
    ),
    "people.members": Deed(
        Action.LIST_READ, lambda d, w: d.people.members(), ADMIN, refused=SUPERVISOR, raises=False
    ),
    "people.save": Deed(
        Action.CONTACT_SAVED, lambda d, w: d.people.save(w.ada), AGENT, refused=ADMIN
    ),
    "people.add": Deed(
        Action.CONTACT_SAVED, lambda d, w: d.people.add("Bob", "+442079460001"), AGENT, ADMIN
    ),
    "people.open": Deed(
        Action.CONTACT_READ, lambda d, w: d.people.open(w.ada.id), AGENT, refused=ADMIN
    ),
    "people.add_note": Deed(
        Action.NOTE_SAVED, lambda d, w: d.people.add_note("tea", contact=w.ada.id), AGENT, ADMIN
    ),
    "people.add_member": Deed(
        Action.USER_ADDED,
        lambda d, w: d.people.add_member(NewMember("Tom", "four other words here", "agent", "b")),
        ADMIN,
        SUPERVISOR,
    ),
    "people.remove_member": Deed(
        Action.USER_REMOVED, lambda d, w: d.people.remove_member(w.colleague), ADMIN, SUPERVISOR
    ),
    "people.change_member": Deed(
        Action.USER_CHANGED,
        lambda d, w: d.people.change_member(w.colleague, "agent", "support"),
        ADMIN,
        SUPERVISOR,
    ),
    "people.change_password": Deed(
        Action.PASSWORD_CHANGED,
        lambda d, w: d.people.change_password(AGENT.password, "nine purple lilies"),
        AGENT,
    ),
    "roles.all": Deed(
        Action.LIST_READ, lambda d, w: d.roles.all(), ADMIN, refused=SUPERVISOR, raises=False
    ),
    "roles.save": Deed(
        Action.ROLE_SAVED,
        lambda d, w: d.roles.save("tester", {Permission.HISTORY_READ: Scope.TEAM}),
        ADMIN,
        SUPERVISOR,
    ),
    "roles.remove": Deed(
        Action.ROLE_REMOVED, lambda d, w: d.roles.remove("spare role"), ADMIN, SUPERVISOR
    ),
    "invitations.invite": Deed(
        Action.USER_ADDED,
        lambda d, w: d.invitations.invite("Toni", "agent", "sales"),
        ADMIN,
        SUPERVISOR,
    ),
    "invitations.reset": Deed(
        Action.PASSWORD_RESET,
        lambda d, w: d.invitations.reset(w.colleague, w.office.rig.recovery_key),
        ADMIN,
        SUPERVISOR,
    ),
    "invitations.drill": Deed(
        Action.RECOVERY_TESTED,
        lambda d, w: d.invitations.drill(w.office.rig.recovery_key),
        ADMIN,
        SUPERVISOR,
    ),
    "people.endorse_device": Deed(
        Action.DEVICE_ENDORSED,
        lambda d, w: d.people.endorse_device(str(Device().key)),
        ADMIN,
        SUPERVISOR,
    ),
    "people.withdraw_device": Deed(
        Action.DEVICE_WITHDRAWN,
        lambda d, w: d.people.withdraw_device(w.other),
        ADMIN,
        SUPERVISOR,
    ),
    "people.order_leaving": Deed(
        Action.DEVICE_DECOMMISSIONED,
        lambda d, w: d.people.order_leaving(w.other),
        ADMIN,
        SUPERVISOR,
    ),
    "people.save_account": Deed(
        Action.POLICY_PUBLISHED,
        lambda d, w: d.people.save_account(ACCOUNT, "secret"),
        ADMIN,
        SUPERVISOR,
    ),
    "privacy.export_contact": Deed(
        Action.CONTACT_EXPORTED,
        lambda d, w: d.privacy.export_contact(w.ada.id, w.folder / "x.xlsx", "UTC"),
        refused=AGENT,
    ),
    "privacy.erase": Deed(
        Action.ERASURE_DONE, lambda d, w: d.privacy.erase(w.ada.id), refused=None
    ),
    "contacts.open": Deed(
        Action.CONTACT_READ, lambda d, w: d.contacts.open(w.ada.id), AGENT, refused=ADMIN
    ),
    "contacts.sharing": Deed(
        Action.LIST_READ, lambda d, w: d.contacts.sharing(NUMBER), refused=ADMIN, raises=False
    ),
    "contacts.duplicates": Deed(
        Action.LIST_READ, lambda d, w: d.contacts.duplicates(), refused=ADMIN, raises=False
    ),
    "contacts.merge": Deed(
        Action.CONTACTS_MERGED, lambda d, w: d.contacts.merge(w.ada.id, w.twin.id), AGENT, ADMIN
    ),
    "contacts.undo_merge": Deed(
        Action.CONTACTS_UNMERGED, lambda d, w: d.contacts.undo_merge(w.merge), AGENT, ADMIN
    ),
    "contacts.export": Deed(
        Action.CONTACTS_EXPORTED,
        lambda d, w: d.contacts.export(w.folder / "all.vcf", ContactFormat.VCARD4),
        refused=AGENT,
    ),
    "importing.begin": Deed(
        Action.IMPORT_BEGUN, lambda d, w: imported(d, w, "begin"), AGENT, ADMIN
    ),
    "importing.run": Deed(Action.CONTACTS_IMPORTED, lambda d, w: imported(d, w, "run"), AGENT),
    "importing.undo": Deed(
        Action.IMPORT_UNDONE, lambda d, w: d.importing.undo(w.run), AGENT, ADMIN
    ),
    "consents.save_purposes": Deed(
        Action.PURPOSES_CHANGED,
        lambda d, w: d.consents.save_purposes(FIRST_PURPOSES),
        OFFICER,
        SUPERVISOR,
    ),
    "consents.history": Deed(
        Action.LIST_READ, lambda d, w: d.consents.history(w.ada.id), refused=ADMIN, raises=False
    ),
    "consents.newest": Deed(
        Action.LIST_READ, lambda d, w: d.consents.newest("", 9, 0), refused=ADMIN, raises=False
    ),
    "consents.of_call": Deed(
        Action.LIST_READ,
        lambda d, w: d.consents.of_call(NUMBER).contacts,
        AGENT,
        refused=ADMIN,
        raises=False,
    ),
    "consents.give": Deed(
        Action.CONSENT_GIVEN,
        lambda d, w: d.consents.give(w.ada.id, BasisGiven(MARKETING)),
        AGENT,
        ADMIN,
    ),
    "consents.withdraw": Deed(
        Action.CONSENT_WITHDRAWN,
        lambda d, w: d.consents.withdraw(w.ada.id, MARKETING),
        AGENT,
        ADMIN,
    ),
    "consents.give_in_call": Deed(
        Action.CONSENT_GIVEN,
        lambda d, w: d.consents.give_in_call(on(w), RECORDING, w.ada.id),
        AGENT,
        ADMIN,
    ),
    "consents.withdraw_in_call": Deed(
        Action.CONSENT_WITHDRAWN,
        lambda d, w: d.consents.withdraw_in_call(on(w), RECORDING, w.ada.id),
        AGENT,
        ADMIN,
    ),
    "information.save_text": Deed(
        Action.TEXT_SAVED,
        lambda d, w: d.information.save_text(MARKETING, "en", "May we call you?"),
        OFFICER,
        SUPERVISOR,
    ),
    "information.read_out": Deed(
        Action.PERSON_INFORMED,
        lambda d, w: d.information.read_out(w.call, NUMBER, RECORDING),
        AGENT,
        ADMIN,
    ),
    "information.heard_notice": Deed(
        Action.PERSON_INFORMED,
        lambda d, w: d.information.heard_notice(w.call, NUMBER, beep=True),
        AGENT,
    ),
    "information.told": Deed(
        Action.PERSON_INFORMED,
        lambda d, w: d.information.told(w.call, NUMBER, RECORDING, Told.BEEP),
        AGENT,
    ),
    "information.of_call": Deed(
        Action.LIST_READ, lambda d, w: d.information.of_call(w.call), refused=ADMIN, raises=False
    ),
    "campaigns.clear": Deed(
        Action.LIST_READ,
        lambda d, w: d.campaigns.clear(NUMBER).contact,
        AGENT,
        refused=ADMIN,
        raises=False,
    ),
    "campaigns.import_list": Deed(
        Action.DO_NOT_CALL_CHANGED,
        lambda d, w: d.campaigns.import_list(a_file(w), "Robinson"),
        OFFICER,
        SUPERVISOR,
    ),
    "campaigns.remove_list": Deed(
        Action.DO_NOT_CALL_CHANGED,
        lambda d, w: d.campaigns.remove_list(w.list_id),
        OFFICER,
        SUPERVISOR,
    ),
    "keys.replace": Deed(Action.KEYS_REPLACED, lambda d, w: d.keys.replace(), ADMIN, refused=AGENT),
    "audit.open": Deed(Action.AUDIT_READ, lambda d, w: d.audit.open(), refused=AGENT),
    "audit.rows": Deed(
        Action.AUDIT_READ,
        lambda d, w: d.audit.rows(AuditFilter(), 9, 0),
        refused=AGENT,
        raises=False,
    ),
    "audit.count": Deed(
        Action.AUDIT_READ, lambda d, w: d.audit.count(AuditFilter()), refused=AGENT, raises=False
    ),
    "audit.begin_verify": Deed(
        Action.AUDIT_VERIFIED, lambda d, w: checked(d.audit.begin_verify()), refused=AGENT
    ),
    "audit.verify": Deed(Action.AUDIT_VERIFIED, lambda d, w: d.audit.verify(), refused=AGENT),
    "audit.prove": Deed(Action.AUDIT_EXPORTED, lambda d, w: d.audit.prove(0), refused=AGENT),
    "audit.begin_bundle": Deed(
        Action.AUDIT_EXPORTED,
        lambda d, w: d.audit.begin_bundle(w.folder, Bundles()),
        refused=AGENT,
    ),
    "audit.export": Deed(
        Action.AUDIT_EXPORTED, lambda d, w: d.audit.export(w.folder, Bundles()), refused=AGENT
    ),
}
DEEDS |= {
    "audit.begin_table": Deed(
        Action.AUDIT_EXPORTED,
        lambda d, w: finished(table(d, w)),
        refused=AGENT,
    ),
    "audit.compare_calls": Deed(
        Action.AUDIT_COMPARED,
        lambda d, w: d.audit.compare_calls("start,dst\n2026-11-23 09:00,030123456\n", UTC),
        refused=AGENT,
    ),
    "audit.people": Deed(
        Action.AUDIT_READ, lambda d, w: d.audit.people(), refused=AGENT, raises=False
    ),
    "fleet.publish": Deed(
        Action.POLICY_FOLLOWED, lambda d, w: d.fleet.publish(), ADMIN, SUPERVISOR
    ),
    "fleet.follow": Deed(
        Action.POLICY_FOLLOWED, lambda d, w: d.fleet.follow(LEADER), ADMIN, SUPERVISOR
    ),
    "fleet.unfollow": Deed(
        Action.POLICY_FOLLOWED, lambda d, w: d.fleet.unfollow(), ADMIN, SUPERVISOR
    ),
    "fleet.devices": Deed(
        Action.LIST_READ, lambda d, w: d.fleet.devices(), ADMIN, SUPERVISOR, raises=False
    ),
}


def of_privacy(do: Callable[[Desk, Prepared], object]) -> Callable[[Desk, World], object]:
    """Let a deed of the privacy centre find what was prepared for it."""

    def run(desk: Desk, world: World) -> object:
        assert world.prepared is not None
        return do(desk, world.prepared)

    return run


DEEDS |= {
    name: Deed(action, of_privacy(do), OFFICER, AGENT, raises)
    for name, (action, do, raises) in privacy_deeds.deeds().items()
}
DEEDS |= {
    name: Deed(action, of_privacy(do), ADMIN, OFFICER)
    for name, (action, do) in privacy_deeds.BY_ADMIN.items()
}
QUIET: dict[str, str] = {
    "audit.locate": "finds what an entry is about; opening it is logged by its own page",
    "fleet.state": "whose rules one works under is no personal data",
    "fleet.own_key": "a public key",
    "fleet.waiting": "a number, of nobody in particular",
    "tagging.known": "words of the organisation",
    "sending.workstations": "names of workstations",
    "sending.workstation": "the name of a workstation",
    "sending.own_addresses": "addresses of this workstation; making one is logged",
    "sending.sent": "which workstation got what; the sending itself is logged",
    "sending.put_away": "a line on the screen; what became of it is in the other side's log",
    "sending.waiting": "which workstation sent something; taking it in is logged",
    "deletions.preview": "figures; each deletion is logged by recordings.delete",
    "deletions.begin": "nothing yet; each deletion is logged by recordings.delete",
    "calls.start": "hands the engine its accounts and the plan; nobody's data is shown",
    "scoring.questions": "words of the organisation",
    "workplace.now": "the rules of the organisation, of nobody in particular",
    "call_rules.now": "the rules of the organisation, of nobody in particular",
    "duty.reasons": "a list of words from the policy",
    "calls.resolve": "a number in its one spelling, or a name that the person typed",
    "calls.history_count": "a number, of nobody in particular",
    "recordings.count": "a number, of nobody in particular",
    "recordings.may_download": "asks the policy only",
    "recordings.export_failed": "writes a failure, see below",
    "privacy.plan": "counts what would go; the erasure itself is logged before it begins",
    "contacts.preview": "what a merge would keep, of two contacts that are on the screen",
    "importing.open": "a file that the person chose; nothing of the vault",
    "importing.begin_check": "as importing.check, batch by batch",
    "importing.check": "says what an import would do; the import itself is logged",
    "importing.runs": "times and figures, of nobody in particular",
    "consents.purposes": "words of the organisation",
    "consents.counts": "figures, of nobody in particular",
    "information.choose_language": "tells the engine a language; nothing is shown to anybody",
    "information.texts": "texts of the organisation",
    "information.newest_text": "a text of the organisation",
    "information.audio": "a text of the organisation",
    "campaigns.dial": "places the call through calls.dial, which is logged; refusals see below",
    "campaigns.lists": "titles and figures, of nobody in particular",
    **{name: why for name, (why, _) in privacy_deeds.QUIET.items()},
}
QUIET_DEEDS: dict[str, Callable[[Desk, World], object]] = {
    "audit.locate": lambda d, w: d.audit.locate(w.ada.id),
    "fleet.state": lambda d, w: d.fleet.state(),
    "fleet.own_key": lambda d, w: d.fleet.own_key(),
    "fleet.waiting": lambda d, w: d.fleet.waiting(),
    "tagging.known": lambda d, w: d.tagging.known(),
    "sending.workstations": lambda d, w: d.sending.workstations(),
    "sending.workstation": lambda d, w: (
        a_correspondent(d, w),
        d.session.may(Permission.RECORDINGS_LISTEN).allowed and d.sending.workstation("desk 8"),
    ),
    "sending.own_addresses": lambda d, w: d.sending.own_addresses(),
    "sending.sent": lambda d, w: d.sending.sent(),
    "sending.put_away": lambda d, w: d.sending.put_away(new_id()),
    "sending.waiting": lambda d, w: d.sending.waiting(),
    "deletions.preview": lambda d, w: d.deletions.preview([w.recording]),
    "deletions.begin": lambda d, w: d.deletions.begin(d.deletions.preview([w.recording])),
    "calls.start": lambda d, w: (w.office.phone.waiting.clear(), d.calls.start()),
    "scoring.questions": lambda d, w: d.scoring.questions(),
    "workplace.now": lambda d, w: d.workplace.now(),
    "call_rules.now": lambda d, w: d.call_rules.now(),
    "duty.reasons": lambda d, w: d.duty.reasons(),
    "calls.resolve": lambda d, w: d.calls.resolve(NUMBER),
    "calls.history_count": lambda d, w: d.calls.history_count(""),
    "recordings.count": lambda d, w: d.recordings.count(RecordingFilter()),
    "recordings.may_download": lambda d, w: d.recordings.may_download(w.recording),
    "privacy.plan": lambda d, w: d.privacy.plan(w.ada.id),
    "contacts.preview": lambda d, w: d.contacts.preview(w.ada.id, w.twin.id),
    "importing.open": lambda d, w: d.importing.open(a_file(w)).close(),
    "importing.begin_check": lambda d, w: imported(d, w, "begin_check"),
    "importing.check": lambda d, w: imported(d, w, "check"),
    "importing.runs": lambda d, w: d.importing.runs(),
    "consents.purposes": lambda d, w: d.consents.purposes(),
    "consents.counts": lambda d, w: d.consents.counts(),
    "information.choose_language": lambda d, w: d.information.choose_language(w.call, NUMBER),
    "information.texts": lambda d, w: d.information.texts(),
    "information.newest_text": lambda d, w: d.information.newest_text(RECORDING, "de-AT"),
    "information.audio": lambda d, w: [d.information.audio(t) for t in d.information.texts()],
    "campaigns.lists": lambda d, w: d.campaigns.lists(),
    **{name: of_privacy(do) for name, (_, do) in privacy_deeds.QUIET.items()},
}
REFUSALS_ELSEWHERE: dict[str, tuple[Action, Callable[[Desk, World], object]]] = {
    # Refusals of these are written as what was asked for: an erasure that was to begin.
    "privacy.erase": (Action.ERASURE_INTENDED, lambda d, w: d.privacy.erase(w.ada.id)),
    "privacy.plan": (Action.ERASURE_INTENDED, lambda d, w: d.privacy.plan(w.ada.id)),
    "campaigns.dial": (Action.CALL_PLACED, lambda d, w: d.campaigns.dial(OTHER)),
    "campaigns.dial without the right": (
        Action.CALL_PLACED,
        lambda d, w: d.campaigns.dial(OTHER, "they asked for a call"),
    ),
}


@pytest.fixture
def world(office: DeskRig, tmp_path: Path) -> World:
    office.add_officer()
    admin = office.sign_in(ADMIN)
    admin.people.save_account(ACCOUNT, "secret")
    admin.workplace.change(WorkplaceRules(questions=(Question("Was it solved?", 5),)))
    beside = Device()
    other = admin.people.endorse_device(str(beside.key), "desk 8").device
    tom = admin.people.add_member(NewMember("Tim", "other random words here", "agent", "c")).id
    admin.roles.save("spare role", {Permission.CALLS_PLACE: Scope.OWN})
    desk = office.sign_in(AGENT)
    ada = desk.people.save(contact("Ada Lovelace", NUMBER))
    twin = desk.people.save(contact("A. Lovelace", "+442079460099"))
    third = desk.people.save(contact("Lovelace", "+442079460098"))
    merge = desk.contacts.merge(twin.id, third.id)
    made = World(
        office, tmp_path, ada, CallId(""), RecordingId(""), other, tom, twin, merge, "", ""
    )
    made.run = imported(desk, made, "run").run
    call = ended(made)
    desk.calls.take_in_call(call)
    vault = desk.session.vault
    office.phone.waiting = [office.rig.seal(vault, NUMBER)]
    [made.recording] = desk.calls.take_in_recordings()
    office.phone.waiting = [office.rig.seal(vault, NUMBER)]
    made.call = call.id
    officer = office.sign_in(OFFICER)
    officer.information.save_text(RECORDING, "en", "We record this call.")
    officer.campaigns.import_list(a_file(made), "Robinson")
    made.list_id = officer.campaigns.lists()[0].id
    made.key = beside.seed
    made.prepared = privacy_deeds.prepare(officer, tmp_path, ada)
    return made


def written(desk: Desk, before: int) -> list[AuditRow]:
    vault = desk.session.vault
    rows = vault.audit_rows(AuditFilter(), 999, 0)
    return [row for row in rows if row.entry.index >= before]


def size(desk: Desk) -> int:
    return desk.session.vault.audit_count(AuditFilter())


def test_every_use_case_is_known():
    methods = {
        f"{side}.{name}"
        for side, kind in SIDES.items()
        for name in vars(kind)
        if not name.startswith("_")
    }
    assert methods == set(DEEDS) | set(QUIET)
    assert not set(DEEDS) & set(QUIET)
    assert set(QUIET) == {*QUIET_DEEDS, "recordings.export_failed", "campaigns.dial"}
    assert all(QUIET.values())


@pytest.mark.parametrize("name", sorted(DEEDS))
def test_a_deed_writes_its_entry(world: World, name: str):
    deed = DEEDS[name]
    desk = world.office.sign_in(deed.by)
    before = size(desk)
    deed.do(desk, world)
    mine = [r for r in written(desk, before) if r.entry.action == deed.action]
    assert [(r.entry.result, r.who) for r in mine] == [("done", deed.by.name)]
    assert desk.session.vault.verify_audit().holds


@pytest.mark.parametrize("name", sorted(n for n, d in DEEDS.items() if d.refused))
def test_a_refusal_writes_its_entry(world: World, name: str):
    deed = DEEDS[name]
    assert deed.refused is not None
    desk = world.office.sign_in(deed.refused)
    before = size(desk)
    if deed.raises:
        with pytest.raises(Refused):
            deed.do(desk, world)
    else:
        assert not deed.do(desk, world)
    [row] = written(desk, before)
    assert (row.entry.action, row.entry.result) == (deed.action, "refused")
    assert row.who == deed.refused.name
    assert row.detail["missing"]


@pytest.mark.parametrize("name", sorted(REFUSALS_ELSEWHERE))
def test_a_refused_erasure_writes_what_was_intended(world: World, name: str):
    action, do = REFUSALS_ELSEWHERE[name]
    desk = world.office.sign_in(AGENT)
    before = size(desk)
    with pytest.raises(Refused):
        do(desk, world)
    [row] = [r for r in written(desk, before) if r.entry.action != Action.LIST_READ]
    assert (row.entry.action, row.entry.result, row.who) == (action, "refused", AGENT.name)


def test_an_export_that_fails_writes_that_it_did(world: World):
    desk = world.office.sign_in(LEAD)
    before = size(desk)
    desk.recordings.export_failed(world.recording, Cancelled("The export was cancelled."))
    [row] = written(desk, before)
    assert (row.entry.action, row.entry.result) == (Action.RECORDING_EXPORTED, "failed")


@pytest.mark.parametrize("name", sorted(QUIET_DEEDS))
def test_what_writes_nothing_is_meant_to(world: World, name: str):
    desk = world.office.sign_in(SUPERVISOR)
    before = size(desk)
    QUIET_DEEDS[name](desk, world)
    assert written(desk, before) == []


@pytest.mark.parametrize("name", ["people.contacts", "calls.history", "recordings.page"])
def test_a_list_is_written_once_a_session(world: World, name: str):
    deed = DEEDS[name]
    desk = world.office.sign_in(SUPERVISOR)
    before = size(desk)
    for _ in range(3):
        deed.do(desk, world)
    assert len(written(desk, before)) == 1
    again = world.office.sign_in(SUPERVISOR)
    before = size(again)
    deed.do(again, world)
    assert len(written(again, before)) == 1


def test_a_recording_sealed_for_others_is_refused_in_writing(world: World):
    """The policy may permit what the keys do not: both refusals are entries."""
    desk = world.office.sign_in(SUPERVISOR)
    desk.session.vault._stores.core.groups.clear()
    before = size(desk)
    with pytest.raises(Refused):
        desk.recordings.open(world.recording)
    [row] = written(desk, before)
    assert (row.entry.action, row.entry.result) == (Action.RECORDING_LISTENED, "refused")


def test_whoever_may_not_ask_is_not_told_whether_it_exists(world: World):
    desk = world.office.sign_in(ADMIN)
    with pytest.raises(Refused):
        desk.people.open(ContactId(new_id()))
