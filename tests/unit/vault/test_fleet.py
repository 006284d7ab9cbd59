"""Following a fleet's policy: each lie of the server by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.app.ports import Vault
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.errors import InvalidInput, PolicyInvalid, Refused, ServerMisbehaved
from softphone.domain.permissions import RecordingMode
from softphone.domain.privacy import ErasureReason
from softphone.vault.policy import sign_fleet_policy, sign_policy
from tests.unit.vault.rig import ADMIN, SUPERVISOR, Rig, contact, draft

ETAG = '"1"'


@pytest.fixture
def leader(tmp_path: Path) -> Rig:
    made = Rig(tmp_path / "leader")
    made.create()
    return made


@pytest.fixture
def rig(tmp_path: Path, leader: Rig) -> Rig:
    made = Rig(tmp_path / "follower", clock=leader.clock)
    made.create(SUPERVISOR)
    vault = made.open(ADMIN)
    vault.follow_policy(key_of(leader), draft(vault, Action.POLICY_FOLLOWED))
    vault.close()
    return made


def key_of(leader: Rig) -> str:
    vault = leader.open(ADMIN)
    key = vault.fleet_state().policy_key
    vault.close()
    return key


def published(leader: Rig, **changes) -> bytes:
    """Let the leader change its rules and offer them."""
    vault = leader.open(ADMIN)
    core = vault._stores.core
    core.policy = replace(core.policy, **changes)
    vault.publish_to_fleet(draft(vault, Action.POLICY_FOLLOWED))
    note = vault.policy_to_publish()
    vault.policy_published(note)
    assert vault.policy_to_publish() == ""
    vault.close()
    return note.encode()


def signed_by_leader(leader: Rig, **changes) -> bytes:
    vault = leader.open(ADMIN)
    policy = replace(vault.policy, **{"members": (), "groups": (), "issuer": "", **changes})
    note = sign_fleet_policy(policy, vault._stores.people._slot.secrets.policy_key)
    vault.close()
    return note.encode()


def entries(vault: Vault, action: Action) -> int:
    return vault.audit_count(AuditFilter(action=action))


def test_the_rules_of_the_fleet_hold_with_the_own_people(rig: Rig, leader: Rig):
    note = published(leader, recording=RecordingMode.MANUAL, default_region="DE")
    vault = rig.open(SUPERVISOR)
    assert vault.policy_etag() == ""
    assert vault.receive_policy(note, ETAG)
    assert not vault.receive_policy(note, ETAG)
    assert (vault.policy.recording, vault.policy.default_region) == (RecordingMode.MANUAL, "DE")
    assert {m.name for m in vault.policy.members} == {ADMIN.name, SUPERVISOR.name}
    assert entries(vault, Action.POLICY_RECEIVED) == 1
    vault.close()
    again = rig.open(SUPERVISOR)
    assert again.policy.default_region == "DE"
    assert again.policy_etag() == ETAG
    state = again.fleet_state()
    assert (state.follows, state.version > 0) == (key_of(leader), True)
    assert again.verify_audit().holds
    again.close()


def test_a_fleets_policy_names_nobody(leader: Rig):
    note = published(leader)
    assert ADMIN.name.encode() not in note
    assert b"Ida" not in note


def test_who_publishes_is_believed_by_who_follows(rig: Rig, leader: Rig):
    note = published(leader)
    ada = contact("Ada", "+493012345678")
    leading = leader.open(ADMIN)
    leading._stores.contacts.save(ada, draft(leading))
    leading.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    (tombstone,) = leading.unsent_tombstones()
    leading.close()
    vault = rig.open(SUPERVISOR)
    vault.apply_tombstone(tombstone, 1)
    assert vault.held_back() == 1
    vault.receive_policy(note, ETAG)
    assert vault.held_back() == 0
    vault.close()


def lies(leader: Rig) -> dict[str, bytes]:
    old = published(leader)
    new = published(leader, default_region="DE")
    vault = leader.open(ADMIN)
    version = vault.policy.version
    own = sign_policy(vault.policy, vault._stores.people._slot.secrets.policy_key)
    vault.close()
    return {
        "in force": new,
        "replayed": old,
        "forged": sign_fleet_policy(
            replace(vault.policy, members=(), groups=(), version=99), b"x" * 32
        ).encode(),
        "split view": signed_by_leader(leader, version=version, default_region="FR"),
        "expired": signed_by_leader(leader, version=99, not_after=leader.clock.now()),
        "own kind": own.encode(),
        "names people": signed_by_leader(leader, version=99, members=vault.policy.members),
        "nonsense": b"\xff\xfe",
        "empty": b"",
    }


@pytest.mark.parametrize(
    "lie",
    [
        "replayed",
        "forged",
        "split view",
        "expired",
        "own kind",
        "names people",
        "nonsense",
        "empty",
    ],
)
def test_a_policy_that_lies_is_refused_audited_once_and_changes_nothing(
    rig: Rig, leader: Rig, lie: str
):
    told = lies(leader)
    vault = rig.open(SUPERVISOR)
    vault.receive_policy(told["in force"], ETAG)
    for _ in range(2):
        with pytest.raises(ServerMisbehaved):
            vault.receive_policy(told[lie], '"2"')
    assert vault.policy.default_region == "DE"
    assert vault.policy_etag() == ETAG
    assert entries(vault, Action.POLICY_REJECTED) == 1
    vault.close()


def test_an_older_policy_put_back_into_the_database_is_noticed(rig: Rig, leader: Rig):
    old, new = published(leader), published(leader)
    vault = rig.open(SUPERVISOR)
    vault.receive_policy(new, ETAG)
    vault._stores.core.connection.execute(
        "UPDATE fleet_policy SET note = ?, version = 1", (old.decode(),)
    )
    vault.close()
    with pytest.raises(PolicyInvalid):
        rig.open(SUPERVISOR)


def test_a_policy_taken_out_of_the_database_is_noticed(rig: Rig, leader: Rig):
    vault = rig.open(SUPERVISOR)
    vault.receive_policy(published(leader), ETAG)
    vault._stores.core.connection.execute("DELETE FROM fleet_policy")
    vault.close()
    with pytest.raises(PolicyInvalid):
        rig.open(SUPERVISOR)


def test_after_its_end_it_permits_nothing_and_a_newer_one_is_taken(rig: Rig, leader: Rig):
    first = signed_by_leader(leader, version=9, not_after=leader.clock.now() + timedelta(hours=1))
    vault = rig.open(SUPERVISOR)
    vault.receive_policy(first, ETAG)
    vault.close()
    rig.clock.advance(7200)
    vault = rig.open(SUPERVISOR)
    assert vault.policy.not_after < rig.clock.now()
    assert vault.receive_policy(signed_by_leader(leader, version=10), '"2"')
    assert vault.policy.not_after > rig.clock.now()
    vault.close()


def test_what_the_fleet_decides_is_not_changed_alone(rig: Rig, leader: Rig):
    vault = rig.open(ADMIN)
    vault.receive_policy(published(leader), ETAG)
    other = Rig(rig.profile.root.with_name("other"))
    other.create()
    with pytest.raises(Refused, match="fleet"):
        vault.endorse_device(other.device()[1], "x", draft(vault, Action.DEVICE_ENDORSED))
    with pytest.raises(Refused):
        vault.publish_to_fleet(draft(vault, Action.POLICY_FOLLOWED))
    # People stay its own affair.
    vault.change_member(
        next(m.id for m in vault.policy.members if m.name == SUPERVISOR.name),
        "agent",
        "sales",
        draft(vault, Action.USER_CHANGED),
    )
    vault.close()


def test_who_follows_nobody_any_more_keeps_the_rules_and_believes_nobody(rig: Rig, leader: Rig):
    vault = rig.open(ADMIN)
    vault.receive_policy(published(leader, default_region="DE"), ETAG)
    assert vault.policy.devices
    vault.follow_policy("", draft(vault, Action.POLICY_FOLLOWED))
    assert (vault.policy.default_region, vault.policy.devices) == ("DE", ())
    assert vault.policy_etag() is None
    assert not vault.receive_policy(b"anything", ETAG)
    vault.close()
    vault = rig.open(ADMIN)
    assert vault.policy.default_region == "DE"
    vault.close()


@pytest.mark.parametrize("key", ["own", "no key", "log key"])
def test_only_another_ones_policy_key_is_followed(rig: Rig, leader: Rig, key: str):
    given = {"own": key_of(rig), "no key": "x", "log key": leader.device()[1]}[key]
    vault = rig.open(ADMIN)
    with pytest.raises(InvalidInput):
        vault.follow_policy(given, draft(vault, Action.POLICY_FOLLOWED))
    vault.close()


def test_a_policy_that_follows_nobody_is_signed_as_before(leader: Rig):
    vault = leader.open(ADMIN)
    seed = vault._stores.people._slot.secrets.policy_key
    assert "follows" not in sign_policy(vault.policy, seed)
    vault.close()


def test_only_the_policy_key_publishes(rig: Rig):
    vault = rig.open(SUPERVISOR)
    with pytest.raises(Refused):
        vault.publish_to_fleet(draft(vault, Action.POLICY_FOLLOWED))
    with pytest.raises(Refused):
        vault.follow_policy("", draft(vault, Action.POLICY_FOLLOWED))
    vault.close()
