from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.permissions import (
    BUILT_IN_ROLES,
    RIGHT_NAMES,
    Grant,
    ListenerGroup,
    Member,
    Permission,
    Policy,
    Role,
    Scope,
    decide,
    reach,
)
from tests.fakes.clock import START

LISTEN = Permission.RECORDINGS_LISTEN


def policy(*grants: Grant) -> Policy:
    return Policy(
        1,
        START,
        START,
        "Ida",
        (*BUILT_IN_ROLES, Role("custom", grants)),
        (
            Member("me", "Me", "custom", "sales", ""),
            Member("ida", "Ida", "administrator", "office", ""),
            Member("odd", "Odd", "no such role", "sales", ""),
        ),
        (),
    )


@pytest.mark.parametrize(
    ("scope", "owner", "team", "allowed"),
    [
        (Scope.OWN, "me", "sales", True),
        (Scope.OWN, "you", "sales", False),
        (Scope.OWN, "you", None, False),
        (Scope.OWN, None, "sales", False),
        (Scope.TEAM, "you", "sales", True),
        (Scope.TEAM, "you", "support", False),
        (Scope.TEAM, "me", "support", True),
        (Scope.TEAM, "you", None, False),
        (Scope.ALL, "you", "support", True),
        (Scope.OWN, None, None, True),
    ],
)
def test_scopes(scope: Scope, owner: str | None, team: str | None, allowed: bool):
    known = policy(Grant(LISTEN, scope))
    assert decide(known, "me", LISTEN, owner=owner, team=team).allowed is allowed


@given(
    st.sampled_from(Permission),
    st.sampled_from(Scope),
    st.sampled_from(["me", "ida", "odd", "stranger"]),
)
def test_nothing_is_allowed_that_no_role_grants(permission: Permission, scope: Scope, who: str):
    known = replace(policy(Grant(permission, scope)), roles=(Role("other", ()),))
    assert not decide(known, who, permission).allowed


def test_strangers_and_unknown_roles_are_refused():
    known = policy(Grant(LISTEN, Scope.ALL))
    for who in ("stranger", "odd"):
        assert not decide(known, who, LISTEN, owner="x", team="y").allowed


def test_a_refusal_names_the_right_and_who_gives_it():
    decision = decide(policy(), "me", LISTEN)
    expected = "You do not have the right “Listen to recordings”. Ida can give it."
    assert decision.sentence == expected
    assert decide(policy(Grant(LISTEN, Scope.ALL)), "me", LISTEN).sentence == ""
    assert "An administrator" in decide(replace(policy(), members=()), "me", LISTEN).sentence


def test_every_right_has_a_name():
    assert set(RIGHT_NAMES) == set(Permission)


def test_administrators_do_not_listen_and_agents_only_place_calls():
    known = replace(policy(), members=(Member("a", "A", "agent", "s", ""),))
    assert not decide(known, "a", LISTEN, owner="a", team="s").allowed
    assert decide(known, "a", Permission.CALLS_PLACE, owner="a").allowed
    assert not decide(policy(), "ida", LISTEN, owner="ida", team="office").allowed


def test_downloading_is_for_team_leads_and_who_answers_data_subjects():
    download = Permission.RECORDINGS_DOWNLOAD
    for role in BUILT_IN_ROLES:
        known = replace(policy(), members=(Member("a", "A", role.name, "s", ""),))
        allowed = decide(known, "a", download, owner="b", team="s").allowed
        assert allowed is (role.name in ("team lead", "data protection officer"))
        everywhere = decide(known, "a", download, owner="b", team="other").allowed
        assert everywhere is (role.name == "data protection officer")


def test_the_newest_group_counts_by_number_not_by_text():
    groups = tuple(
        ListenerGroup(name, "l", "r", ())
        for name in ("listen/a/9", "listen/a/10", "listen/ab/11", "recovery/1")
    )
    known = replace(policy(), groups=groups)
    newest = known.group_for_team("a")
    assert newest is not None
    assert newest.id == "listen/a/10"
    assert known.group_for_team("c") is None


def test_an_owner_phones_and_administers_and_hears_nobody_else():
    known = replace(
        policy(), members=(Member("ola", "Ola", "owner", "sales", ""), *policy().members)
    )
    for right in set(Permission) - {LISTEN, Permission.RECORDINGS_DOWNLOAD}:
        assert decide(known, "ola", right, owner="ola", team="sales").allowed, right
    assert decide(known, "ola", LISTEN, owner="ola", team="sales").allowed
    assert not decide(known, "ola", LISTEN, owner="me", team="sales").allowed
    assert not decide(known, "ola", Permission.RECORDINGS_DOWNLOAD).allowed


def test_reach_is_the_widest_scope_of_a_role():
    known = replace(policy(), members=(Member("a", "A", "agent", "s", ""),))
    assert reach(known, "a", Permission.CALLS_PLACE) is Scope.OWN
    assert reach(known, "a", Permission.HISTORY_READ) is Scope.TEAM
    assert reach(known, "a", Permission.AUDIT_READ) is None
    assert reach(known, "nobody", Permission.CALLS_PLACE) is None
