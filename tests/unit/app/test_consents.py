from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.app.consents import BasisGiven
from softphone.app.desk import Desk
from softphone.domain.account import Account
from softphone.domain.audit import Action
from softphone.domain.call import Call, CallState, Direction
from softphone.domain.consent import (
    MARKETING,
    RECORDING,
    ConsentChange,
    ConsentSource,
    LegalBasis,
    Purpose,
    Told,
)
from softphone.domain.errors import InvalidInput, NotFound, Refused
from softphone.domain.ids import AccountId, CallId, new_id
from softphone.domain.privacy import RestrictionKind
from tests.unit.app.rig import ADMIN, AGENT, OFFICER, SUPERVISOR, DeskRig, log_of

NUMBER = "+493012345678"
OTHER = "+442079460000"


@pytest.fixture
def desk(office: DeskRig) -> Desk:
    office.add_officer()
    admin = office.sign_in(ADMIN)
    admin.people.save_account(Account(AccountId("a"), "1", "pbx.example", "pbx.example"), "pw")
    officer = office.sign_in(OFFICER)
    officer.information.save_text(RECORDING, "en", "We record this call.")
    officer.information.save_text(RECORDING, "de", "Wir nehmen auf.", b"OggS", version=1)
    officer.information.save_text(RECORDING, "en", "We record this call for training.")
    return office.sign_in(AGENT)


def talking(office: DeskRig, number: str = NUMBER, name: str = "", seconds: int = 12) -> Call:
    now = office.rig.clock.now()
    return Call(
        CallId(new_id()),
        AccountId("a"),
        Direction.INCOMING,
        CallState.ESTABLISHED,
        number,
        name,
        started_at=now,
        established_at=now - timedelta(seconds=seconds),
    )


def test_consent_in_a_call_names_moment_wording_and_language(office: DeskRig, desk: Desk):
    ada = desk.people.save(replace(desk.people.add("Ada", NUMBER), language="de-AT"))
    said = desk.consents.give_in_call(talking(office), RECORDING)
    assert (said.contact, said.source, said.at_ms) == (ada.id, ConsentSource.CALL, 12_000)
    assert (said.version, said.language) == (1, "de-AT")
    assert said.stands(office.rig.clock.now())
    assert ("permit", said.call) in office.phone.told


def test_a_withdrawal_stops_the_recording_of_that_call(office: DeskRig, desk: Desk):
    desk.people.add("Ada", NUMBER)
    call = talking(office)
    desk.consents.give_in_call(call, RECORDING)
    gone = desk.consents.withdraw_in_call(call, RECORDING)
    assert gone.change is ConsentChange.WITHDRAWN
    assert office.phone.told[-1] == ("stop", call.id)
    assert not desk.consents.of_call(NUMBER).stands[RECORDING].stands(office.rig.clock.now())
    assert len(log_of(desk, Action.CONSENT_WITHDRAWN)) == 1


def test_the_recording_stops_even_for_who_may_write_nothing(office: DeskRig, desk: Desk):
    call = talking(office)
    admin = office.sign_in(ADMIN)
    with pytest.raises(Refused):
        admin.consents.withdraw_in_call(call, RECORDING)
    assert ("stop", call.id) in office.phone.told


def test_a_withdrawal_at_the_desk_stops_the_call_that_is_on(office: DeskRig, desk: Desk):
    ada = desk.people.add("Ada", NUMBER)
    hers, other = talking(office), talking(office, OTHER)
    desk.consents.withdraw(ada.id, RECORDING, live=(other, hers))
    assert [t for t in office.phone.told if t[0] == "stop"] == [("stop", hers.id)]


def test_who_has_no_contact_yet_gets_one(office: DeskRig, desk: Desk):
    desk.consents.give_in_call(talking(office, name="Grace Hopper"), MARKETING)
    found = desk.people.find(NUMBER)
    assert found is not None
    assert found.name == "Grace Hopper"
    with pytest.raises(InvalidInput):
        desk.consents.give_in_call(talking(office, number=""), MARKETING)


def test_two_who_share_a_number_are_told_apart(office: DeskRig, desk: Desk):
    ada, bob = desk.people.add("Ada", NUMBER), desk.people.add("Bob", NUMBER)
    asked = desk.consents.of_call(NUMBER)
    assert [c.id for c in asked.contacts] == [bob.id, ada.id]
    desk.consents.give_in_call(talking(office), RECORDING, ada.id)
    assert desk.consents.history(bob.id) == []
    assert len(desk.consents.history(ada.id)) == 1


def test_a_basis_expires(office: DeskRig, desk: Desk):
    ada = desk.people.add("Ada", NUMBER)
    until = office.rig.clock.now() + timedelta(days=1)
    desk.consents.give(ada.id, BasisGiven(MARKETING, LegalBasis.CONTRACT, expires_at=until))
    assert desk.campaigns.clear(NUMBER).why_not == ""
    office.rig.clock.advance(86_400)
    assert "expired" in desk.campaigns.clear(NUMBER).why_not


def test_purposes_and_notes_are_checked(desk: Desk, office: DeskRig):
    ada = desk.people.add("Ada", NUMBER)
    with pytest.raises(InvalidInput):
        desk.consents.give(ada.id, BasisGiven("no such purpose"))
    with pytest.raises(InvalidInput):
        desk.consents.withdraw(ada.id, MARKETING, note="x" * 3000)
    officer = office.sign_in(OFFICER)
    with pytest.raises(InvalidInput):
        officer.consents.save_purposes([Purpose("a", "A"), Purpose("a", "B")])
    officer.consents.save_purposes([*officer.consents.purposes(), Purpose("survey", "Surveys")])
    assert [p.key for p in officer.consents.purposes()][-1] == "survey"


# marketing calls


def test_without_a_basis_nothing_is_dialled(desk: Desk, office: DeskRig):
    ada = desk.people.add("Ada", NUMBER)
    with pytest.raises(Refused) as refused:
        desk.campaigns.dial(NUMBER)
    assert "no legal basis" in refused.value.why
    assert not [t for t in office.phone.told if t[0] == "dial"]
    [row] = log_of(desk, Action.CALL_PLACED)
    assert (row.entry.result, row.entry.object_id) == ("refused", ada.id)
    desk.consents.give(ada.id, BasisGiven(MARKETING))
    desk.campaigns.dial("Ada")
    assert ("dial", AccountId("a"), NUMBER) in office.phone.told


def test_whoever_said_no_is_not_called_though_another_shares_the_number(desk: Desk):
    ada, bob = desk.people.add("Ada", NUMBER), desk.people.add("Bob", NUMBER)
    desk.consents.give(bob.id, BasisGiven(MARKETING))
    desk.consents.withdraw(ada.id, MARKETING)
    assert "withdrawn" in desk.campaigns.clear(NUMBER).why_not


def test_who_is_restricted_is_not_called_for_marketing(desk: Desk, office: DeskRig):
    ada = desk.people.add("Ada", NUMBER)
    desk.consents.give(ada.id, BasisGiven(MARKETING))
    office.sign_in(OFFICER).requests.restrict(ada.id, RestrictionKind.RESTRICTED, "disputed")
    assert "restricted" in office.sign_in(AGENT).campaigns.clear(NUMBER).why_not


def test_the_right_and_a_reason_override_and_both_are_written(desk: Desk, office: DeskRig):
    with pytest.raises(Refused):
        desk.campaigns.dial(NUMBER, "they asked for a call back")
    lead = office.sign_in(SUPERVISOR)
    with pytest.raises(Refused):
        lead.campaigns.dial(NUMBER, "  ")
    lead.campaigns.dial(NUMBER, "they asked for a call back")
    rows = log_of(lead, Action.CALL_PLACED)
    assert rows[1].detail["reason"] == "they asked for a call back"
    assert [t[2] for t in office.phone.told if t[0] == "dial"] == [NUMBER]


def test_a_do_not_call_list_stops_all_but_ones_own_consent(
    desk: Desk, office: DeskRig, tmp_path: Path
):
    ada = desk.people.add("Ada", NUMBER)
    desk.consents.give(ada.id, BasisGiven(MARKETING, LegalBasis.LEGITIMATE_INTERESTS))
    file = tmp_path / "list.csv"
    file.write_text("number\n0049 30 12345678\n442079460000\nnothing\n")
    officer = office.sign_in(OFFICER)
    assert officer.campaigns.import_list(file, "Robinson") == (2, 1)
    desk = office.sign_in(AGENT)
    assert "do-not-call" in desk.campaigns.clear(NUMBER).why_not
    assert desk.campaigns.clear(OTHER).lists == ("Robinson",)
    desk.consents.give(ada.id, BasisGiven(MARKETING))
    assert desk.campaigns.clear(NUMBER).why_not == ""


# information


def test_versions_and_translations(desk: Desk, office: DeskRig):
    newest = desk.information.newest_text(RECORDING, "en-US")
    assert newest is not None
    assert (newest.version, newest.language) == (2, "en")
    german = desk.information.newest_text(RECORDING, "de")
    assert german is not None
    assert (german.version, german.has_audio) == (1, True)
    assert desk.information.audio(german) == b"OggS"
    assert desk.information.newest_text(RECORDING, "fr") == newest
    assert desk.information.newest_text("unknown") is None
    officer = office.sign_in(OFFICER)
    for bad in (("Not a word", "en", "x"), ("a", "?", "x"), ("a", "en", " ")):
        with pytest.raises(InvalidInput):
            officer.information.save_text(*bad)
    for audio in (b"MZ", b"OggS" + bytes(11 << 20)):
        with pytest.raises(InvalidInput):
            officer.information.save_text("a", "en", "x", audio)
    with pytest.raises(InvalidInput):
        officer.information.save_text("a", "en", "x", version=4)


def test_who_was_told_stands_with_the_contact(desk: Desk, office: DeskRig):
    ada = desk.people.save(replace(desk.people.add("Ada", NUMBER), language="de"))
    call = talking(office)
    told = desk.information.read_out(call.id, NUMBER, RECORDING)
    assert (told.version, told.language, told.how) == (1, "de", Told.READ_OUT)
    beep = desk.information.told(call.id, NUMBER, RECORDING, Told.BEEP)
    assert (beep.version, beep.language) == (0, "")
    assert [i.id for i in desk.contacts.open(ada.id).informed] == [told.id, beep.id]
    assert [i.id for i in desk.information.of_call(call.id)] == [told.id, beep.id]
    with pytest.raises(NotFound):
        desk.information.read_out(call.id, NUMBER, "unknown")
