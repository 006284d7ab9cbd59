from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softphone.app.ports import NewMember
from softphone.domain.audit import Action, AuditFilter, DataCategory
from softphone.domain.errors import InvalidInput, Refused, StorageFailed, TryLater, WrongCredentials
from softphone.vault.groups import signs_policies
from softphone.vault.people import check_new
from softphone.vault.recipients import NotForMe
from tests.unit.vault.rig import ADMIN, AGENT, PASSWORD, SUPERVISOR, Rig, draft


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR, AGENT)
    return made


def test_adding_is_logged_with_the_policy_it_published(rig: Rig):
    vault = rig.open(ADMIN)
    before = vault.policy.version
    member = vault.add_member(
        NewMember(" New One ", PASSWORD, "agent", "sales"),
        draft(vault, Action.USER_ADDED, DataCategory.RIGHTS),
    )
    assert vault.policy.version == before + 1
    assert vault.policy.issuer == ADMIN.name
    added, published = vault.audit_rows(AuditFilter(category=DataCategory.RIGHTS), 2, 0)
    assert {added.entry.action, published.entry.action} == {"user.added", "policy.published"}
    assert vault.audit_count(AuditFilter(object_id=member.id)) == 1
    assert member.name == "New One"
    vault.close()


def test_a_second_administrator_can_publish_too(rig: Rig):
    vault = rig.open(ADMIN)
    second = NewMember("Second Root", PASSWORD, "administrator", "office")
    vault.add_member(second, draft(vault))
    vault.close()
    vault = rig.open(second)
    vault.add_member(NewMember("Third", PASSWORD, "agent", "sales"), draft(vault))
    vault.close()
    assert rig.open(ADMIN).policy.version == 5


def test_only_managers_hold_the_policy_key(rig: Rig):
    for member, holds in ((ADMIN, True), (SUPERVISOR, False), (AGENT, False)):
        vault = rig.open(member)
        assert bool(vault._stores.people._slot.secrets.policy_key) is holds
        assert signs_policies(vault.policy, vault.user) is holds
        vault.close()


def test_when_publishing_fails_nobody_was_added(rig: Rig):
    vault = rig.open(ADMIN)
    connection = vault._stores.core.connection
    version = vault.policy.version
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    new = NewMember("New One", PASSWORD, "supervisor", "sales")
    with pytest.raises(StorageFailed):
        vault.add_member(new, draft(vault))
    connection.execute("PRAGMA max_page_count = 1000000")
    assert vault.policy.version == version
    vault.add_member(new, draft(vault))
    vault.close()
    rig.open(new).close()


def test_who_can_be_added(rig: Rig):
    vault = rig.open(ADMIN)
    good = NewMember("New One", PASSWORD, "agent", "sales")
    check_new(good, vault.policy)
    for bad in (
        replace(good, name=" "),
        replace(good, name="sam EARS"),
        replace(good, role="king"),
        replace(good, team=""),
        replace(good, password=""),
    ):
        with pytest.raises(InvalidInput):
            check_new(bad, vault.policy)
    vault.close()


def who(vault, member: NewMember):
    (found,) = (m for m in vault.policy.members if m.name == member.name)
    return found.id


def wraps(vault) -> set[tuple[str, str]]:
    return set(
        vault._stores.core.connection.execute(
            "SELECT group_id, user_id FROM group_wraps"
        ).fetchall()
    )


def test_a_removed_listener_cannot_open_what_is_recorded_later(rig: Rig):
    """Not even with their old keys: their group has ended, and their wraps are gone."""
    second = NewMember("Sue Pervisor", PASSWORD, "supervisor", "sales")
    vault = rig.open(ADMIN)
    vault.add_member(second, draft(vault))
    vault.close()
    vault = rig.open(SUPERVISOR)
    keys = list(vault._stores.core.groups.values())
    sam = vault.user.id
    vault.close()
    vault = rig.open(ADMIN)
    vault.remove_member(sam, draft(vault, Action.USER_REMOVED))
    assert all(user != sam for _, user in wraps(vault))
    group = vault.policy.group_for_team("sales")
    assert group.id == "listen/sales/3"
    assert sam not in group.members
    vault.close()
    vault = rig.open(AGENT)
    later = rig.seal(vault, "+493012345678")
    vault.take_in(later, draft(vault))
    vault.close()
    for key in keys:
        with pytest.raises(NotForMe):
            key.unwrap(later.stanzas)
    vault = rig.open(second)
    vault.open_recording(later.manifest.recording, draft(vault)).close()
    vault.close()


def test_when_the_last_listener_goes_only_recovery_is_left(rig: Rig):
    vault = rig.open(ADMIN)
    vault.remove_member(who(vault, SUPERVISOR), draft(vault))
    assert vault.policy.group_for_team("sales").members == ()
    assert [t.group for t in vault.seal_targets("sales")] == ["recovery/1"]
    vault.add_member(SUPERVISOR, draft(vault))
    assert [t.group for t in vault.seal_targets("sales")] == ["listen/sales/3", "recovery/1"]
    vault.close()


def test_a_supervisor_made_an_agent_loses_the_keys_on_disk(rig: Rig):
    vault = rig.open(AGENT)
    sealed = rig.seal(vault, "+493012345678")
    vault.take_in(sealed, draft(vault))
    vault.close()
    vault = rig.open(ADMIN)
    vault.change_member(who(vault, SUPERVISOR), "agent", "sales", draft(vault))
    vault.close()
    vault = rig.open(SUPERVISOR)
    with pytest.raises(Refused):
        vault.open_recording(sealed.manifest.recording, draft(vault))
    for key in vault._stores.core.groups.values():
        with pytest.raises(NotForMe):
            key.unwrap(sealed.stanzas)
    vault.close()


def test_an_agent_made_administrator_signs_policies_after_signing_in(rig: Rig):
    vault = rig.open(ADMIN)
    vault.change_member(who(vault, AGENT), "administrator", "office", draft(vault))
    assert ("policy/1", who(vault, AGENT)) in wraps(vault)
    vault.close()
    vault = rig.open(AGENT)
    vault.change_member(who(vault, ADMIN), "agent", "office", draft(vault))
    assert vault.policy.issuer == AGENT.name
    vault.close()
    vault = rig.open(ADMIN)
    assert not vault._stores.people._slot.secrets.policy_key
    with pytest.raises(Refused, match="policy key"):
        vault.remove_member(who(vault, SUPERVISOR), draft(vault))
    vault.close()


def test_a_slot_that_a_failing_disk_left_goes_at_the_next_sign_in(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
):
    vault = rig.open(ADMIN)
    slots = vault._stores.people._slots

    def failing(name: str) -> bool:
        raise OSError("disk")

    with monkeypatch.context() as patch:
        patch.setattr(slots, "remove", failing)
        with pytest.raises(OSError, match="disk"):
            vault.remove_member(who(vault, AGENT), draft(vault))
    vault.close()
    rig.open(ADMIN).close()
    with pytest.raises(WrongCredentials):
        rig.open(AGENT)


def test_impossible_places_are_refused(rig: Rig):
    vault = rig.open(ADMIN)
    for role, team in (("king", "sales"), ("agent", " "), ("agent", "a/b")):
        with pytest.raises(InvalidInput):
            vault.change_member(who(vault, AGENT), role, team, draft(vault))
    vault.close()


def test_guessing_the_old_password_is_delayed(rig: Rig):
    vault = rig.open(AGENT)
    for _ in range(3):
        with pytest.raises(WrongCredentials):
            vault.change_password("guess", "another phrase entirely", draft(vault))
    with pytest.raises(TryLater):
        vault.change_password(PASSWORD, "another phrase entirely", draft(vault))
    vault.close()


def test_a_password_that_cannot_be_logged_is_not_changed(rig: Rig):
    vault = rig.open(AGENT)
    connection = vault._stores.core.connection
    connection.execute(
        "CREATE TEMP TRIGGER full BEFORE INSERT ON audit_leaves"
        " BEGIN SELECT raise(ABORT, 'full'); END"
    )
    with pytest.raises(Exception, match=r"log|full"):
        vault.change_password(PASSWORD, "another phrase entirely", draft(vault))
    connection.execute("DROP TRIGGER full")
    vault.close()
    rig.open(AGENT).close()
