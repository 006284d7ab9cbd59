from __future__ import annotations

from datetime import timedelta

import pytest

from softphone.app.ports import NewMember
from softphone.domain.account import Account
from softphone.domain.audit import Action
from softphone.domain.call import Call, CallState, Direction, Disposition
from softphone.domain.errors import InvalidInput, Refused
from softphone.domain.ids import AccountId, CallId, new_id
from softphone.domain.quality import Quality
from tests.unit.app.rig import ADMIN, AGENT, SUPERVISOR, DeskRig, log_of
from tests.unit.vault.rig import PASSWORD

NUMBER = "+442079460000"
ACCOUNT = Account(AccountId(new_id()), "201", "example.org", "sip.example.org")


def ended(office: DeskRig, **changes: object) -> Call:
    now = office.rig.clock.now()
    values: dict = {
        "id": CallId(new_id()),
        "account": ACCOUNT.id,
        "direction": Direction.INCOMING,
        "state": CallState.ENDED,
        "number": NUMBER,
        "display_name": "Shown Name",
        "started_at": now - timedelta(seconds=70),
        "established_at": now - timedelta(seconds=60),
        "ended_at": now,
        "disposition": Disposition.ANSWERED,
        "quality": Quality(0, 1, 2, 0, 4.2),
    }
    return Call(**(values | changes))


@pytest.fixture
def with_account(office: DeskRig) -> DeskRig:
    office.sign_in(ADMIN).people.save_account(ACCOUNT, "secret")
    return office


def test_starting_gives_the_engine_plan_accounts_and_takes_in(with_account: DeskRig):
    desk = with_account.sign_in(AGENT)
    vault = desk.session.vault
    with_account.phone.waiting.append(with_account.rig.seal(vault, NUMBER))
    desk.calls.start()
    (_, plan, key), account = with_account.phone.told
    assert key == vault.journal_key()
    assert (plan.team, [t.group for t in plan.targets][:1]) == ("sales", ["listen/sales/2"])
    assert account == ("account", ACCOUNT.id, "secret")
    assert with_account.phone.waiting == []
    assert len(log_of(desk, Action.RECORDING_SEALED)) == 1


def test_dialling_goes_to_the_first_account(with_account: DeskRig):
    desk = with_account.sign_in(AGENT)
    desk.calls.dial("020 7946 0000")
    assert with_account.phone.told == [("dial", ACCOUNT.id, NUMBER)]


def test_dialling_without_account_right_or_number_is_refused(office: DeskRig):
    with pytest.raises(InvalidInput, match="no SIP account"):
        office.sign_in(AGENT).calls.dial("201")
    with pytest.raises(Refused):
        office.sign_in(ADMIN).calls.dial("201")
    with pytest.raises(InvalidInput):
        office.sign_in(AGENT).calls.dial("201\r\nX: y")
    assert office.phone.told == []


def test_a_finished_call_becomes_history_once(office: DeskRig):
    desk = office.sign_in(AGENT)
    call = ended(office)
    desk.calls.take_in_call(call)
    desk.calls.take_in_call(call)
    (entry,) = desk.calls.history("", 9, 0)
    assert (entry.talk_ms, entry.contact_name, entry.quality_mos) == (60_000, "Shown Name", 4.2)
    assert desk.calls.history_count("shown") == 1
    assert len(log_of(desk, Action.CALL_ENDED)) == 1
    assert office.phone.told == [("forget", call.id)] * 2
    desk.calls.set_wrap_up(call.id, "Invoice")
    assert desk.calls.history("", 9, 0)[0].wrap_up == "Invoice"


def test_a_call_of_a_contact_bears_its_name(office: DeskRig):
    desk = office.sign_in(AGENT)
    ada = desk.people.add("Ada Lovelace", NUMBER)
    desk.calls.take_in_call(
        ended(office, established_at=None, disposition=None, started_at=None, quality=None)
    )
    (entry,) = desk.calls.history("", 9, 0)
    assert (entry.contact, entry.contact_name) == (ada.id, "Ada Lovelace")
    assert (entry.disposition, entry.talk_ms) == (Disposition.FAILED, 0)
    assert entry.started_at == office.rig.clock.now()


def test_recording_deeds_are_logged(office: DeskRig):
    desk = office.sign_in(AGENT)
    desk.calls.audit_recording(Action.RECORDING_PAUSED, new_id(), reason="card_payment")
    (row,) = log_of(desk, Action.RECORDING_PAUSED)
    assert row.detail == {"reason": "card_payment"}
    assert desk.calls.take_in_recordings() == []


BILLING = NewMember("Bob Bill", PASSWORD, "billing", "office")
ELSEWHERE = NewMember("Eve Else", PASSWORD, "agent", "returns")


def with_a_call(office: DeskRig) -> None:
    admin = office.sign_in(ADMIN)
    for new in (BILLING, ELSEWHERE):
        admin.people.add_member(new)
    desk = office.sign_in(AGENT)
    ada = desk.people.add("Ada Lovelace", NUMBER)
    call = ended(office)
    desk.calls.take_in_call(call)
    desk.people.add_note("wants her money back", call=call.id)
    assert ada.id == desk.calls.history("", 9, 0)[0].contact


def test_billing_counts_calls_without_learning_whose_they_are(office: DeskRig):
    with_a_call(office)
    desk = office.sign_in(BILLING)
    (row,) = desk.calls.history("", 9, 0)
    assert (row.number, row.contact_name, row.note) == ("+44••••••••00", "", "")
    assert row.talk_ms == 60_000
    assert desk.calls.history_count("") == 1
    for guess in ("Ada", NUMBER, "123"):
        assert desk.calls.history(guess, 9, 0) == []
        assert desk.calls.history_count(guess) == 0


def test_agents_see_the_calls_of_their_team_and_administrators_none(office: DeskRig):
    with_a_call(office)
    assert len(office.sign_in(SUPERVISOR).calls.history("", 9, 0)) == 1
    elsewhere = office.sign_in(ELSEWHERE)
    assert elsewhere.calls.history("", 9, 0) == []
    assert elsewhere.calls.history_count("") == 0
    admin = office.sign_in(ADMIN)
    assert admin.calls.history("", 9, 0) == []
    assert admin.calls.history_count("") == 0
    (refused, *_) = log_of(admin, Action.LIST_READ)
    assert refused.detail["missing"] == "See the call history"
