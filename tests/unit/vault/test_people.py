from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softphone.app.ports import NewMember
from softphone.domain.audit import Action, AuditFilter, DataCategory
from softphone.domain.errors import InvalidInput, StorageFailed
from softphone.vault.people import check_new, signs_policies
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
