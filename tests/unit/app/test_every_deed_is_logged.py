"""Walks every use case: a deed without its entry, or a refusal without one, fails here.

A public method that is neither in ``DEEDS`` nor in ``QUIET`` fails too: whoever adds one says which
entry it writes, or why it writes none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.app.answers import Answers
from softphone.app.auditing import Auditing
from softphone.app.call_rules import CallRules
from softphone.app.calls import Calls
from softphone.app.desk import Desk
from softphone.app.duty import Duty
from softphone.app.keys import Keys
from softphone.app.people import People
from softphone.app.ports import ExportFormat, ExportOrder, NewMember, RecordingFilter
from softphone.app.privacy import Privacy
from softphone.app.recordings import Recordings
from softphone.app.registers import Registers
from softphone.app.requests import Requests
from softphone.app.retention import Keeping
from softphone.domain.account import Account
from softphone.domain.agent import AgentState
from softphone.domain.audit import Action, AuditFilter, AuditRow
from softphone.domain.call import Availability, Call, CallState, Direction, Disposition
from softphone.domain.call_policy import CallPolicy
from softphone.domain.contact import Contact
from softphone.domain.errors import Cancelled, Refused
from softphone.domain.ids import AccountId, CallId, ContactId, DeviceId, RecordingId, UserId, new_id
from tests.contract.vault_contract import Device
from tests.unit.app import privacy_deeds
from tests.unit.app.privacy_deeds import Prepared
from tests.unit.app.rig import ADMIN, AGENT, LEAD, OFFICER, SUPERVISOR, DeskRig
from tests.unit.vault.rig import contact

SIDES: dict[str, type] = {
    "calls": Calls,
    "call_rules": CallRules,
    "duty": Duty,
    "recordings": Recordings,
    "people": People,
    "privacy": Privacy,
    "audit": Auditing,
    "keys": Keys,
    "requests": Requests,
    "answers": Answers,
    "registers": Registers,
    "keeping": Keeping,
}
NUMBER = "+493012345678"
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
    prepared: Prepared | None = None


class Bundles:
    def write(self, bundle, destination) -> None:
        assert list(bundle.leaves)


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


def handed_out(world: World) -> ExportOrder:
    return ExportOrder(
        ExportFormat.AGE, world.folder / "x.age", "complaint", passphrase="nine purple lilies"
    )


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
    "audit.verify": Deed(Action.AUDIT_VERIFIED, lambda d, w: d.audit.verify(), refused=AGENT),
    "audit.prove": Deed(Action.AUDIT_EXPORTED, lambda d, w: d.audit.prove(0), refused=AGENT),
    "audit.export": Deed(
        Action.AUDIT_EXPORTED, lambda d, w: d.audit.export(w.folder, Bundles()), refused=AGENT
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
    "calls.start": "hands the engine its accounts and the plan; nobody's data is shown",
    "call_rules.now": "the rules of the organisation, of nobody in particular",
    "duty.reasons": "a list of words from the policy",
    "calls.resolve": "a number in its one spelling, or a name that the person typed",
    "calls.history_count": "a number, of nobody in particular",
    "recordings.count": "a number, of nobody in particular",
    "recordings.may_download": "asks the policy only",
    "recordings.export_failed": "writes a failure, see below",
    "privacy.plan": "counts what would go; the erasure itself is logged before it begins",
    **{name: why for name, (why, _) in privacy_deeds.QUIET.items()},
}
QUIET_DEEDS: dict[str, Callable[[Desk, World], object]] = {
    "calls.start": lambda d, w: (w.office.phone.waiting.clear(), d.calls.start()),
    "call_rules.now": lambda d, w: d.call_rules.now(),
    "duty.reasons": lambda d, w: d.duty.reasons(),
    "calls.resolve": lambda d, w: d.calls.resolve(NUMBER),
    "calls.history_count": lambda d, w: d.calls.history_count(""),
    "recordings.count": lambda d, w: d.recordings.count(RecordingFilter()),
    "recordings.may_download": lambda d, w: d.recordings.may_download(w.recording),
    "privacy.plan": lambda d, w: d.privacy.plan(w.ada.id),
    **{name: of_privacy(do) for name, (_, do) in privacy_deeds.QUIET.items()},
}
REFUSALS_ELSEWHERE: dict[str, tuple[Action, Callable[[Desk, World], object]]] = {
    # Refusals of these are written as what was asked for: an erasure that was to begin.
    "privacy.erase": (Action.ERASURE_INTENDED, lambda d, w: d.privacy.erase(w.ada.id)),
    "privacy.plan": (Action.ERASURE_INTENDED, lambda d, w: d.privacy.plan(w.ada.id)),
}


@pytest.fixture
def world(office: DeskRig, tmp_path: Path) -> World:
    office.add_officer()
    admin = office.sign_in(ADMIN)
    admin.people.save_account(ACCOUNT, "secret")
    other = admin.people.endorse_device(str(Device().key), "desk 8").device
    tom = admin.people.add_member(NewMember("Tim", "other random words here", "agent", "c")).id
    desk = office.sign_in(AGENT)
    ada = desk.people.save(contact("Ada Lovelace", NUMBER))
    made = World(office, tmp_path, ada, CallId(""), RecordingId(""), other, tom)
    call = ended(made)
    desk.calls.take_in_call(call)
    vault = desk.session.vault
    office.phone.waiting = [office.rig.seal(vault, NUMBER)]
    [made.recording] = desk.calls.take_in_recordings()
    office.phone.waiting = [office.rig.seal(vault, NUMBER)]
    made.call = call.id
    officer = office.sign_in(OFFICER)
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
    assert set(QUIET) == {*QUIET_DEEDS, "recordings.export_failed"}
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
    [row] = written(desk, before)
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
