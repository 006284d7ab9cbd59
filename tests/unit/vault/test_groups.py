from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softphone.app.ports import NewMember
from softphone.domain.errors import Damaged, InvalidInput
from softphone.domain.ids import GroupId, UserId
from softphone.domain.permissions import (
    AGENT,
    BUILT_IN_ROLES,
    Grant,
    Member,
    Permission,
    Policy,
    Role,
    Scope,
)
from softphone.vault.database import open_database
from softphone.vault.groups import (
    listeners,
    missing_epochs,
    open_groups,
    own_group,
    save_wraps,
    seal_targets,
    wrap_seed,
)
from softphone.vault.migrate import migrate
from softphone.vault.recipients import HybridIdentity, X25519Identity
from tests.fakes.clock import START
from tests.unit.vault.rig import ADMIN, PASSWORD, SUPERVISOR, Rig, draft

SEEDS = {name: name.encode().ljust(32, b".") for name in ("ann", "sam", "sue", "all", "own")}
AUDITOR = Role("auditor", (Grant(Permission.RECORDINGS_LISTEN, Scope.ALL),))
SELF = Role("self", (*AGENT.grants, Grant(Permission.RECORDINGS_LISTEN, Scope.OWN)))


def member(name: str, role: str, team: str = "sales") -> Member:
    return Member(UserId(name), name, role, team, HybridIdentity(SEEDS[name]).recipient())


def policy(*members: Member) -> Policy:
    return Policy(1, START, START, "x", (*BUILT_IN_ROLES, AUDITOR, SELF), members, ())


def grown(known: Policy) -> Policy:
    groups = tuple(epoch.group for epoch in missing_epochs(known))
    return replace(known, groups=(*known.groups, *groups))


def test_listeners_are_those_whose_role_says_so():
    known = policy(
        member("ann", "agent"),
        member("sam", "supervisor"),
        member("sue", "supervisor", "support"),
        member("all", "auditor", "office"),
        member("own", "self"),
    )
    assert [m.id for m in listeners(known, "sales")] == ["sam", "all"]
    assert [m.id for m in listeners(known, "support")] == ["sue", "all"]


def test_an_epoch_starts_where_the_listeners_changed_and_only_there():
    first = grown(policy(member("sam", "supervisor"), member("sue", "supervisor", "support")))
    assert [g.id for g in first.groups] == ["listen/sales/1", "listen/support/1"]
    assert missing_epochs(replace(first, members=(*first.members, member("ann", "agent")))) == ()
    second = grown(replace(first, members=(*first.members, member("all", "auditor"))))
    assert [g.id for g in second.groups[2:]] == ["listen/sales/2", "listen/support/2"]
    left = grown(replace(second, members=second.members[1:]))
    group = left.group_for_team("sales")
    assert group is not None
    assert (group.id, group.members) == ("listen/sales/3", ("all",))


def test_only_members_get_a_wrap_and_each_opens_their_own(tmp_path: Path):
    known = policy(member("sam", "supervisor"), member("all", "auditor"), member("ann", "agent"))
    epochs = missing_epochs(known)
    connection = open_database(tmp_path / "x.db", b"k" * 32)
    migrate(connection)
    save_wraps(connection, epochs)
    known = replace(known, groups=tuple(epoch.group for epoch in epochs))
    for name, expected in (("sam", True), ("all", True), ("ann", False)):
        opened = open_groups(connection, known, UserId(name), SEEDS[name])
        assert ("listen/sales/1" in opened) is expected
        assert own_group(UserId(name)) in opened
    with pytest.raises(Damaged):
        open_groups(connection, known, UserId("sam"), SEEDS["ann"])
    foreign = tuple(replace(g, recipient=known.members[2].recipient) for g in known.groups)
    with pytest.raises(Damaged, match="not the one the policy names"):
        open_groups(connection, replace(known, groups=foreign), UserId("sam"), SEEDS["sam"])
    connection.close()


def test_own_listening_seals_for_the_agent_too():
    known = grown(policy(member("own", "self"), member("sam", "supervisor")))
    own, sam = known.members
    assert [t.group for t in seal_targets(known, "sales", own)] == [
        "listen/sales/1",
        "own/own/1",
    ]
    assert [t.group for t in seal_targets(known, "sales", sam)] == ["listen/sales/1"]


def test_a_seed_is_wrapped_for_hybrid_keys_only():
    stranger = replace(member("ann", "agent"), recipient="age1pqnonsense")
    with pytest.raises(InvalidInput):
        wrap_seed(b"s" * 32, GroupId("listen/x/1"), stranger)


def test_a_new_listener_in_the_vault_starts_an_epoch(tmp_path: Path):
    rig = Rig(tmp_path)
    rig.create(SUPERVISOR)
    vault = rig.open(ADMIN)
    vault.add_member(NewMember("Two Ears", PASSWORD, "supervisor", "sales"), draft(vault))
    vault.add_member(NewMember("No Ears", PASSWORD, "agent", "sales"), draft(vault))
    group = vault.policy.group_for_team("sales")
    assert group is not None
    assert (group.id, len(group.members)) == ("listen/sales/2", 2)
    rows = vault._stores.core.connection.execute(
        "SELECT group_id, count(*) FROM group_wraps GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert rows == [("listen/sales/1", 1), ("listen/sales/2", 2)]
    assert set(vault._stores.core.groups) == {own_group(vault.user.id)}
    vault.close()


def test_a_seed_is_not_wrapped_for_a_key_without_post_quantum_protection():
    classic = replace(member("ann", "agent"), recipient=X25519Identity.generate().recipient())
    with pytest.raises(InvalidInput, match="unknown kind"):
        wrap_seed(b"s" * 32, GroupId("listen/x/1"), classic)


def test_an_owner_alone_is_sealed_for_and_joins_no_group_of_listeners():
    alone = grown(policy(member("own", "owner")))
    # Who runs the privacy centre holds the key of what is restricted, and of nothing else.
    assert [group.id for group in alone.groups] == ["officers/1"]
    assert [t.group for t in seal_targets(alone, "sales", alone.members[0])] == ["own/own/1"]
    with_others = grown(policy(member("own", "owner"), member("sam", "supervisor")))
    heard = with_others.group_for_team("sales")
    assert heard is not None
    assert heard.members == ("sam",)
