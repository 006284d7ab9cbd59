from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.errors import InvalidInput, NotFound, Refused
from softphone.domain.ids import UserId
from softphone.domain.permissions import (
    ADMINISTRATOR,
    AGENT,
    BUILT_IN_ROLES,
    SUPERVISOR,
    Grant,
    Member,
    Permission,
    Policy,
    Role,
    Scope,
)
from softphone.domain.roles import (
    built_in,
    find_role,
    make_role,
    rights_of,
    with_role,
    without_role,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROOT, ANN = UserId("root"), UserId("ann")
OWN = Role("own", (Grant(Permission.HISTORY_READ, Scope.TEAM),))


def policy(*roles: Role) -> Policy:
    members = (
        Member(ROOT, "Root", ADMINISTRATOR.name, "office", "r"),
        Member(ANN, "Ann", AGENT.name, "sales", "a"),
    )
    return Policy(1, NOW, NOW, "x", (*BUILT_IN_ROLES, *roles), members, ())


@pytest.mark.parametrize("role", BUILT_IN_ROLES, ids=lambda role: role.name)
def test_the_built_in_roles_keep_the_rules(role: Role):
    made = make_role(role.name, rights_of(role))
    assert set(made.grants) == set(role.grants)


@pytest.mark.parametrize("manages", [Permission.USERS_MANAGE, Permission.POLICY_MANAGE])
@pytest.mark.parametrize("scope", [Scope.TEAM, Scope.ALL])
def test_who_gives_rights_hears_nobody_elses_recordings(manages: Permission, scope: Scope):
    rights = {manages: Scope.ALL, Permission.RECORDINGS_LISTEN: scope}
    with pytest.raises(InvalidInput, match="gain ears"):
        make_role("both", rights)
    make_role("both", rights | {Permission.RECORDINGS_LISTEN: Scope.OWN})


def test_nobody_hands_out_what_they_may_not_hear():
    download = Permission.RECORDINGS_DOWNLOAD
    with pytest.raises(InvalidInput, match="may not listen"):
        make_role("x", {download: Scope.OWN})
    with pytest.raises(InvalidInput, match="may not listen"):
        make_role("x", {download: Scope.ALL, Permission.RECORDINGS_LISTEN: Scope.TEAM})
    make_role("x", {download: Scope.TEAM, Permission.RECORDINGS_LISTEN: Scope.ALL})


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_role_has_a_name(name: str):
    with pytest.raises(InvalidInput, match="name"):
        make_role(name, {Permission.HISTORY_READ: Scope.OWN})


def test_a_role_has_rights():
    with pytest.raises(InvalidInput, match="shut its people out"):
        make_role("nothing", {})


@given(st.dictionaries(st.sampled_from(Permission), st.sampled_from(Scope), min_size=1))
def test_whatever_is_made_never_joins_granting_with_hearing(rights: dict[Permission, Scope]):
    try:
        role = make_role("any", rights)
    except InvalidInput:
        return
    made = rights_of(role)
    assert set(made) == set(rights)
    if Permission.USERS_MANAGE in made or Permission.POLICY_MANAGE in made:
        assert made.get(Permission.RECORDINGS_LISTEN, Scope.OWN) is Scope.OWN


def test_a_role_is_added_and_changed_under_its_name():
    added = with_role(policy(), OWN, ROOT)
    assert added[-1] == OWN
    wider = Role("own", (*OWN.grants, Grant(Permission.NUMBERS_SEE, Scope.ALL)))
    changed = with_role(policy(OWN), wider, ROOT)
    assert (len(changed), changed[-1]) == (len(BUILT_IN_ROLES) + 1, wider)
    with pytest.raises(InvalidInput, match="written otherwise"):
        with_role(policy(OWN), Role("Own", OWN.grants), ROOT)


def test_nobody_changes_their_own_role():
    for do in (
        lambda: with_role(policy(), Role(ADMINISTRATOR.name, SUPERVISOR.grants), ROOT),
        lambda: without_role(policy(), ADMINISTRATOR.name, ROOT),
        lambda: with_role(policy(OWN), OWN, UserId("stranger")),
    ):
        with pytest.raises(Refused, match="own rights"):
            do()


def test_a_role_in_use_and_built_in_ones_stay():
    known = policy(OWN)
    assert OWN not in without_role(known, " OWN ", ROOT)
    with pytest.raises(NotFound):
        without_role(known, "unheard of", ROOT)
    with pytest.raises(Refused, match="came with the program"):
        without_role(known, SUPERVISOR.name, ROOT)
    used = Policy(
        1, NOW, NOW, "x", known.roles, (*known.members, Member(UserId("b"), "B", "own", "t", "b")),
        (),
    )  # fmt: skip
    with pytest.raises(Refused, match="People who have it: 1"):
        without_role(used, "own", ROOT)


def test_a_changed_built_in_role_goes_back_to_what_it_was():
    changed = with_role(policy(), Role(AGENT.name, OWN.grants), ROOT)
    back = without_role(Policy(2, NOW, NOW, "x", changed, policy().members, ()), AGENT.name, ROOT)
    assert AGENT in back
    assert len(back) == len(BUILT_IN_ROLES)
    assert built_in(AGENT.name) == AGENT
    assert find_role(policy(), "Agent") == AGENT
