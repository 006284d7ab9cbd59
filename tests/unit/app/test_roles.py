from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.app.people_commands import PEOPLE_COMMANDS
from softphone.app.ports import NewMember, RecordingFilter
from softphone.domain.audit import Action, DataCategory
from softphone.domain.errors import InvalidInput, NotFound, Refused, WrongCredentials
from softphone.domain.permissions import ADMINISTRATOR, Permission, Scope
from softphone.domain.roles import find_role, rights_of
from tests.unit.app.rig import ADMIN, AGENT, SUPERVISOR, DeskRig, log_of

LISTENS = {Permission.RECORDINGS_LISTEN: Scope.TEAM, Permission.HISTORY_READ: Scope.TEAM}


def member_id(desk, name: str):
    return next(m.id for m in desk.session.vault.policy.members if m.name == name)


def run(desk, name: str, *arguments: str):
    return PEOPLE_COMMANDS[name][0](desk, list(arguments))


def test_a_role_of_ones_own_carries_the_keys_that_its_rights_need(office: DeskRig):
    desk = office.sign_in(ADMIN)
    desk.roles.save("quality", LISTENS)
    coach = NewMember("Quinn Coach", "four random words here", "quality", "sales")
    desk.people.add_member(coach)
    recorded = office.rig.seal(office.sign_in(AGENT).session.vault, "+493012345678")
    desk = office.sign_in(AGENT)
    desk.session.vault.take_in(
        recorded, desk.session.draft(Action.RECORDING_SEALED, DataCategory.RECORDING)
    )
    listener = office.sign_in(coach)
    (row,) = listener.recordings.page(RecordingFilter(), 9, 0)
    listener.recordings.open(row.id).close()

    # Taken away again, the same person is refused, by policy and by keys.
    office.sign_in(ADMIN).roles.save("quality", {Permission.HISTORY_READ: Scope.TEAM})
    listener = office.sign_in(coach)
    with pytest.raises(Refused):
        listener.recordings.open(row.id)
    group = listener.session.vault.policy.group_for_team("sales")
    assert listener.session.user not in group.members
    held = listener.session.vault._stores.core.groups
    assert [name for name in held if name.startswith("listen/")] == []


def test_nobody_changes_the_role_they_have_and_that_is_logged(office: DeskRig):
    desk = office.sign_in(ADMIN)
    rights = rights_of(ADMINISTRATOR) | {Permission.RECORDINGS_DELETE: Scope.ALL}
    with pytest.raises(Refused, match="own rights"):
        desk.roles.save(ADMINISTRATOR.name, rights)
    row = log_of(desk, Action.ROLE_SAVED)[0]
    assert (row.entry.result, row.detail["role"]) == ("refused", ADMINISTRATOR.name)
    with pytest.raises(InvalidInput, match="gain ears"):
        desk.roles.save("both", LISTENS | {Permission.USERS_MANAGE: Scope.ALL})


def test_the_log_says_which_rights_a_role_got(office: DeskRig):
    desk = office.sign_in(ADMIN)
    desk.roles.save("quality", LISTENS)
    row = log_of(desk, Action.ROLE_SAVED)[0]
    assert row.detail == {
        "role": "quality",
        "rights": "history.read=team, recordings.listen=team",
    }
    desk.roles.remove("quality")
    assert log_of(desk, Action.ROLE_REMOVED)[0].detail == {"role": "quality"}
    assert "quality" not in {role.name for role, _ in desk.roles.all()}


def test_a_changed_role_stays_changed_when_other_things_are_published(office: DeskRig):
    desk = office.sign_in(ADMIN)
    desk.roles.save("agent", {Permission.CALLS_PLACE: Scope.OWN})
    desk.people.change_member(member_id(desk, AGENT.name), "agent", "support")
    agent = find_role(office.sign_in(AGENT).session.vault.policy, "agent")
    assert rights_of(agent) == {Permission.CALLS_PLACE: Scope.OWN}


def test_a_role_that_begins_to_manage_people_gets_the_policy_key(office: DeskRig):
    desk = office.sign_in(ADMIN)
    rights = {Permission.USERS_MANAGE: Scope.ALL}
    desk.roles.save("agent", rights)
    office.sign_in(AGENT).invitations.invite("Nia New", "supervisor", "sales")


def test_an_invited_person_can_only_choose_a_password(office: DeskRig):
    invitation = office.sign_in(ADMIN).invitations.invite("Nia New", "supervisor", "sales")
    nia = NewMember("Nia New", invitation.password, "supervisor", "sales")
    desk = office.sign_in(nia)
    assert desk.session.vault.password_due
    assert desk.people.contacts("", 9, 0) == []
    with pytest.raises(Refused, match="one-time password"):
        desk.people.add("Ada", "+442079460000")
    desk.people.change_password(invitation.password, "seven quiet harbours")
    assert not desk.session.vault.password_due
    desk.people.add("Ada", "+442079460000")
    with pytest.raises(WrongCredentials):
        office.sign_in(nia)
    again = office.sign_in(replace(nia, password="seven quiet harbours"))
    assert not again.session.vault.password_due


def test_a_forgotten_password_is_reset_and_no_key_is_lost(office: DeskRig):
    desk = office.sign_in(ADMIN)
    sam = member_id(desk, SUPERVISOR.name)
    given = desk.invitations.reset(sam, f" {office.rig.recovery_key}\n")
    desk = office.sign_in(replace(SUPERVISOR, password=given.password))
    assert desk.session.vault.password_due
    desk.people.change_password(given.password, "seven quiet harbours")
    groups = desk.session.vault._stores.core.groups
    assert any(group.startswith("listen/sales/") for group in groups)
    row = log_of(office.sign_in(ADMIN), Action.PASSWORD_RESET)[0]
    assert (row.entry.object_id, row.entry.result, row.who) == (sam, "done", ADMIN.name)


def test_another_recovery_key_resets_nothing(office: DeskRig, tmp_path):
    other = DeskRig(tmp_path / "other")
    desk = office.sign_in(ADMIN)
    sam = member_id(desk, SUPERVISOR.name)
    with pytest.raises(WrongCredentials):
        desk.invitations.reset(sam, other.rig.recovery_key)
    assert log_of(desk, Action.PASSWORD_RESET)[0].entry.result == "refused"
    with pytest.raises(InvalidInput):
        desk.invitations.reset(sam, "not a key")
    with pytest.raises(Refused, match="your own"):
        desk.invitations.reset(desk.session.user, office.rig.recovery_key)
    office.sign_in(SUPERVISOR)


def test_commands_of_roles_and_invitations(office: DeskRig):
    desk = office.sign_in(ADMIN)
    like = run(desk, "role-save", "coach", "like=supervisor", "recordings.delete=none")
    assert like["role"]["rights"]["recordings.listen"] == "team"
    assert "recordings.delete" not in like["role"]["rights"]
    listed = {role["name"]: role for role in run(desk, "roles")["roles"]}
    assert listed["coach"]["people"] == 0
    invited = run(desk, "invite-member", "Nia New", "coach", "sales")
    assert len(invited["one_time_password"]) == 23
    again = run(desk, "reset-member", "nia new", office.rig.recovery_key)
    assert again["member"] == invited["member"]
    assert again["one_time_password"] != invited["one_time_password"]
    with pytest.raises(Refused, match="People who have it"):
        run(desk, "role-remove", "coach")
    desk.people.remove_member(invited["member"])
    run(desk, "role-remove", "coach")
    for wrong in (("x", "no.right=all"), ("x", "history.read=some"), ("x",)):
        with pytest.raises(InvalidInput):
            run(desk, "role-save", *wrong)
    with pytest.raises(NotFound):
        run(desk, "role-save", "x", "like=nobody")


def test_a_drill_proves_the_recovery_key_and_changes_nothing(office: DeskRig, tmp_path):
    agent = office.sign_in(AGENT)
    office.phone.waiting.append(office.rig.seal(agent.session.vault, "+493012345678"))
    agent.calls.take_in_recordings()
    desk = office.sign_in(ADMIN)
    slots = office.rig.profile.vault / "slots"
    before = slots.read_bytes()
    found = run(desk, "recovery-drill", office.rig.recovery_key)
    assert found == {"people": 4, "recordings": 1}
    assert slots.read_bytes() == before
    other = DeskRig(tmp_path / "other")
    with pytest.raises(WrongCredentials):
        desk.invitations.drill(other.rig.recovery_key)
    assert [r.entry.result for r in log_of(desk, Action.RECOVERY_TESTED)] == ["failed", "done"]
    office.sign_in(SUPERVISOR)
