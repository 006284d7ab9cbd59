from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.domain.errors import NotFound, ProofInvalid
from softphone.domain.fleet import fleet_part
from softphone.domain.handover import hand_over
from softphone.domain.note import SignedNote, VerifierKey, format_note, sign
from softphone.domain.permissions import EndorsedDevice, Policy
from softphone.domain.tombstone import to_dict
from softphone.server import run
from softphone.vault.crypto import public_key, signer
from softphone.vault.policy import anchor_key, sign_fleet_policy
from tests.fakes.sync_source import MemorySource
from tests.unit.server.test_api import NOW, World, world

__all__ = ["world"]
SEED = b"p" * 32
KEY = str(anchor_key(public_key(SEED)))
OWN = EndorsedDevice("0f7c0b0e-0000-4000-8000-000000000000", "softphone/x+0+AQ==")  # type: ignore[arg-type]


def note(version: int, seed: bytes = SEED, **changes) -> str:
    policy = Policy(version, NOW, NOW + timedelta(days=9), "Ida Root", (), (), ())
    return sign_fleet_policy(replace(fleet_part(policy, OWN), **changes), seed)


def put(world: World, auth: dict[str, str], text: str):
    return world.http.put("/v1/policy", json={"policy": text}, headers=auth)


def test_a_policy_is_published_once_and_fetched_by_its_etag(world: World):
    _, auth = world.device()
    assert world.http.get("/v1/policy", headers=auth).status_code == 204
    assert run.keys(world.folder, KEY) == (world.witness_key, KEY)
    assert put(world, auth, note(3)).json() == {"version": 3}
    assert put(world, auth, note(3)).status_code == 200
    answer = world.http.get("/v1/policy", headers=auth)
    assert answer.content == note(3).encode()
    known = {**auth, "if-none-match": answer.headers["etag"]}
    assert world.http.get("/v1/policy", headers=known).status_code == 304
    assert put(world, auth, note(4)).status_code == 200
    assert world.http.get("/v1/policy", headers=known).content == note(4).encode()


def test_an_older_policy_or_another_one_of_the_same_version_takes_no_place(world: World):
    _, auth = world.device()
    run.keys(world.folder, KEY)
    put(world, auth, note(3))
    for other in (note(2), note(3, default_region="DE")):
        answer = put(world, auth, other)
        assert (answer.status_code, answer.json()["error"]) == (409, "not_newer")
    assert world.http.get("/v1/policy", headers=auth).content == note(3).encode()


def other_kind() -> str:
    key = anchor_key(public_key(SEED))
    text = 'softphone policy v1\n{"version":9}\n'
    return format_note(SignedNote(text, (sign(text, key, signer(SEED)),)))


@pytest.mark.parametrize(
    "text",
    [note(5, b"x" * 32), "no note", other_kind(), note(0), note(2**31)],
    ids=["another key", "no note", "a workstation's own policy", "version 0", "version too large"],
)
def test_what_the_accepted_key_did_not_sign_for_a_fleet_is_refused(world: World, text: str):
    _, auth = world.device()
    run.keys(world.folder, KEY)
    assert put(world, auth, text).status_code == 400
    assert world.http.get("/v1/policy", headers=auth).status_code == 204


def test_before_a_key_is_accepted_nobody_publishes(world: World):
    _, auth = world.device()
    assert put(world, auth, note(1)).status_code == 401
    with pytest.raises(ProofInvalid):
        run.keys(world.folder, world.witness_key)


def test_what_a_fleet_may_know_names_nobody():
    assert "Ida" not in note(1)


def test_a_device_that_was_away_for_too_long_enrols_again(world: World):
    source, auth = world.device()
    assert world.http.get("/v1/tombstones", headers=auth).status_code == 200
    world.now = NOW + timedelta(days=181)
    answer = world.http.get("/v1/tombstones", headers=auth)
    assert (answer.status_code, answer.json()["error"]) == (403, "away_too_long")
    # Asking does not count as a word.
    assert world.http.get("/v1/tombstones", headers=auth).status_code == 403
    token = world.enrol(source).json()["device_token"]
    fresh = {"authorization": f"Bearer {token}"}
    assert world.http.get("/v1/tombstones", headers=fresh).status_code == 200


def test_silence_is_reported_to_devices_clients_and_metrics(world: World):
    source, auth = world.device()
    other, _ = world.device()
    world.now = NOW + timedelta(hours=25)
    said = world.http.get("/v1/devices", headers=auth).json()
    assert {d["device"]: d["silent"] for d in said["devices"]} == {
        source.device: False,
        other.device: True,
    }
    assert "softphone_devices_silent 1\n" in world.http.get("/metrics").text
    token = run.add_client(world.folder, "DPO", "auditor", "")
    client = {"authorization": f"Bearer {token}"}
    assert world.http.get("/v1/devices", headers=client).json() == said
    assert world.http.get("/v1/devices").status_code == 401


def test_a_device_that_never_comes_back_is_waited_for_no_longer(world: World, tmp_path: Path):
    source, auth = world.device()
    gone, their = world.device()
    tombstone = source.erase()
    from_source = {"tombstone": to_dict(tombstone)}
    world.http.post("/v1/tombstones", json=from_source, headers=auth)
    world.http.post("/v1/acknowledgements", json={"up_to": 1}, headers=auth)
    path = f"/v1/tombstones/{tombstone.erasure}"
    assert world.http.get(path, headers=auth).json()["devices"] == 2
    run.retire(world.folder, gone.device)
    assert world.http.get(path, headers=auth).json()["devices"] == 1
    assert world.http.get("/v1/tombstones", headers=their).status_code == 401
    assert world.enrol(gone).status_code == 409
    with pytest.raises(NotFound):
        run.retire(world.folder, gone.device)


def continued(world: World, old: MemorySource, seed_of: MemorySource, named: str = ""):
    new = MemorySource()
    handover = hand_over(
        VerifierKey(old.verifier_key.name, old.verifier_key.public_key),
        seed_of._key.sign,
        new.verifier_key,
    )
    body = {
        "token": world.store.issue_token(world.now),
        "device": new.device,
        "log_key": named or new.log_key,
        "continues": handover,
    }
    return new, world.http.post("/v1/devices", json=body)


def test_a_restored_workstation_takes_the_place_of_the_one_before(world: World):
    old, auth = world.device()
    new, answer = continued(world, old, old)
    assert answer.status_code == 201
    assert world.http.get("/v1/tombstones", headers=auth).status_code == 401
    fresh = {"authorization": f"Bearer {answer.json()['device_token']}"}
    said = world.http.get("/v1/devices", headers=fresh).json()["devices"]
    assert [d["device"] for d in said] == [new.device]


def test_nobody_takes_a_place_without_the_key_of_the_log_before(world: World):
    old, auth = world.device()
    for answer in (
        continued(world, old, MemorySource())[1],
        continued(world, old, old, named=MemorySource().log_key)[1],
    ):
        assert answer.status_code == 400
    assert world.http.get("/v1/tombstones", headers=auth).status_code == 200
    # A log that this server never saw has no place here to be taken.
    stranger = MemorySource()
    assert continued(world, stranger, stranger)[1].status_code == 201
