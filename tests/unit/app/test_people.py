from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.app.ports import NewMember
from softphone.domain.account import Account
from softphone.domain.audit import Action
from softphone.domain.contact import Contact
from softphone.domain.errors import InvalidInput, Refused, WrongCredentials
from softphone.domain.ids import AccountId, ContactId, new_id
from softphone.domain.privacy import RestrictionKind
from tests.unit.app.rig import ADMIN, AGENT, LEAD, OFFICER, SUPERVISOR, DeskRig, log_of


def test_contacts_are_kept_with_normalised_numbers(office: DeskRig):
    people = office.sign_in(AGENT).people
    ada = people.add("  Ada Lovelace ", "020 7946 0000", "+44 20 7946 0000", email="a@b.example")
    assert (ada.name, ada.numbers) == ("Ada Lovelace", ("+442079460000",))
    assert ada.created_at == office.rig.clock.now()
    assert people.contacts("ada", 9, 0) == [ada]
    assert "contacts" in office.kinds()
    again = people.save(replace(ada, company="Engines"))
    assert again.created_at == ada.created_at


def test_a_contact_needs_a_name_and_real_numbers(office: DeskRig):
    people = office.sign_in(AGENT).people
    for name, number in (("  ", "+442079460000"), ("Ada", "abc")):
        with pytest.raises(InvalidInput):
            people.save(Contact(ContactId(new_id()), name, (number,)))


def test_who_may_not_see_contacts_gets_none(office: DeskRig):
    office.sign_in(AGENT).people.add("Ada Lovelace", "+442079460000")
    people = office.sign_in(ADMIN).people
    assert people.contacts("", 9, 0) == []
    with pytest.raises(Refused):
        people.add("Bob", "+442079460001")


def test_notes_tell_who_wrote_them(office: DeskRig):
    desk = office.sign_in(SUPERVISOR)
    ada = desk.people.add("Ada Lovelace", "+442079460000")
    note = desk.people.add_note("Likes tea", contact=ada.id)
    assert desk.session.vault.notes(contact=ada.id) == [note]
    assert note.author_name == SUPERVISOR.name


def test_administrators_add_people_with_long_passwords(office: DeskRig):
    people = office.sign_in(ADMIN).people
    with pytest.raises(InvalidInput, match="12 characters"):
        people.add_member(NewMember("New", "short", "agent", "sales"))
    new = NewMember("New Colleague", "four random words here", "agent", "sales")
    member = people.add_member(new)
    assert (member.name, member.role) == ("New Colleague", "agent")
    assert office.sign_in(new).session.user == member.id


def test_nobody_else_adds_people_or_accounts(office: DeskRig):
    desk = office.sign_in(SUPERVISOR)
    with pytest.raises(Refused):
        desk.people.add_member(NewMember("New", "four random words here", "agent", "sales"))
    account = Account(AccountId(new_id()), "201", "example.org", "sip.example.org")
    with pytest.raises(Refused):
        desk.people.save_account(account, "secret")
    assert log_of(desk, Action.USER_ADDED)[0].entry.result == "refused"
    admin = office.sign_in(ADMIN)
    admin.people.save_account(account, "secret")
    assert list(admin.session.vault.accounts()) == [(account, "secret")]


def test_opening_a_contact_is_logged_once_while_it_is_on_the_screen(office: DeskRig):
    desk = office.sign_in(SUPERVISOR)
    ada = desk.people.add("Ada Lovelace", "+442079460000")
    note = desk.people.add_note("Likes tea", contact=ada.id)
    changed = desk.people.add_note("Likes coffee", contact=ada.id, note_id=note.id)
    assert desk.people.open(ada.id) == (ada, [changed])
    assert desk.people.open(ada.id, again=True) == (ada, [changed])
    (row,) = log_of(desk, Action.CONTACT_READ)
    assert (row.who, row.object_label) == (SUPERVISOR.name, "Ada Lovelace")
    assert desk.people.find("020 7946 0000") == ada
    admin = office.sign_in(ADMIN)
    assert admin.people.find("+442079460000") is None
    with pytest.raises(Refused):
        admin.people.open(ada.id)


def member_id(desk, name: str):
    return next(m.id for m in desk.session.vault.policy.members if m.name == name)


def test_rights_are_changed_by_administrators_and_audited_with_what_changed(office: DeskRig):
    desk = office.sign_in(ADMIN)
    assert [m.name for m in desk.people.members()] == [
        AGENT.name,
        ADMIN.name,
        LEAD.name,
        SUPERVISOR.name,
    ]
    desk.people.change_member(member_id(desk, AGENT.name), "supervisor", "sales")
    (row,) = log_of(desk, Action.USER_CHANGED)
    assert row.detail == {"name": AGENT.name, "role": "supervisor", "team": "sales"}
    assert "policy" in office.kinds()
    removed = member_id(desk, AGENT.name)
    desk.people.remove_member(removed)
    (row,) = log_of(desk, Action.USER_REMOVED)
    assert (row.entry.object_id, row.detail) == (removed, {"name": AGENT.name})


def test_nobody_else_changes_rights(office: DeskRig):
    desk = office.sign_in(SUPERVISOR)
    agent = member_id(desk, AGENT.name)
    assert desk.people.members() == []
    for change in (
        lambda: desk.people.remove_member(agent),
        lambda: desk.people.change_member(agent, "supervisor", "sales"),
    ):
        with pytest.raises(Refused):
            change()
    for action in (Action.USER_REMOVED, Action.USER_CHANGED):
        assert log_of(desk, action)[0].entry.result == "refused"


def test_ones_own_password_is_changed_under_the_rules(office: DeskRig):
    desk = office.sign_in(AGENT)
    for weak in ("short", "Ann Agent 1234567", "password12345"):
        with pytest.raises(InvalidInput):
            desk.people.change_password(AGENT.password, weak)
    with pytest.raises(WrongCredentials):
        desk.people.change_password("guess", "quite another phrase")
    desk.people.change_password(AGENT.password, "quite another phrase")
    assert [r.entry.result for r in log_of(desk, Action.PASSWORD_CHANGED)] == ["done", "refused"]
    office.sign_in(replace(AGENT, password="quite another phrase"))


def test_a_restricted_person_is_changed_by_officers_only(office: DeskRig):
    office.add_officer()
    ada = office.sign_in(AGENT).people.add("Ada Lovelace", "+493012345678")
    officer = office.sign_in(OFFICER)
    officer.requests.restrict(ada.id, RestrictionKind.RESTRICTED, "disputed")
    officer.people.save(replace(ada, company="Engines"))
    agent = office.sign_in(AGENT)
    with pytest.raises(Refused, match="Dora Privacy restricted"):
        agent.people.save(replace(ada, name="Ada King"))
    assert agent.people.open(ada.id)[0].name == "Ada Lovelace"
    officer = office.sign_in(OFFICER)
    assert log_of(officer, Action.CONTACT_SAVED)[0].entry.result == "refused"
