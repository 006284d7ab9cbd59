from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from httpx import Client, Response

from softphone.domain.ids import new_id
from softphone.domain.leaving import TITLE
from softphone.domain.note import (
    SignedNote,
    format_note,
    parse_note,
    parse_verifier_key,
    sign,
    verify,
)
from softphone.domain.tombstone import to_dict
from softphone.server import run
from softphone.server.api import create_app
from softphone.server.guard import MAX_BODY
from softphone.server.models import MAX_LEAVES
from softphone.server.store import Store
from softphone.server.witness import load_witness, signature_verifies
from tests.fakes.asgi import AsgiTransport
from tests.fakes.sync_source import MemorySource

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


class World:
    """A server on an SQLite file, and devices that talk to it."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.folder = folder
        self.witness_key = run.init(folder)
        self.store: Store = run.open_store(folder)
        app = create_app(self.store, load_witness(folder), lambda: self.now)
        self.http = Client(transport=AsgiTransport(app), base_url="https://server")

    def enrol(self, device: MemorySource, token: str = "") -> Response:
        body = {
            "token": token or self.store.issue_token(self.now),
            "device": device.device,
            "log_key": device.log_key,
        }
        return self.http.post("/v1/devices", json=body)

    def device(self) -> tuple[MemorySource, dict[str, str]]:
        source = MemorySource()
        token = self.enrol(source).json()["device_token"]
        return source, {"authorization": f"Bearer {token}"}

    def push(
        self,
        source: MemorySource,
        auth: dict[str, str],
        first: int,
        end: int,
        checkpoint: str = "",
    ) -> Response:
        body = {
            "first": first,
            "leaves": [base64.b64encode(leaf).decode() for leaf in source.leaves[first:end]],
            "checkpoint": checkpoint or source.checkpoint(end),
        }
        return self.http.post("/v1/entries", json=body, headers=auth)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "server")
    with made.http:
        yield made
    made.store.close()


def test_enrolment_tokens_work_once_and_for_a_week(world: World):
    token = world.store.issue_token(NOW)
    answer = world.enrol(MemorySource(), token)
    assert answer.status_code == 201
    assert answer.json()["witness_key"] == world.witness_key
    assert world.enrol(MemorySource(), token).status_code == 401
    late = world.store.issue_token(NOW)
    world.now = NOW + timedelta(days=8)
    assert world.enrol(MemorySource(), late).status_code == 401
    assert world.enrol(MemorySource(), "guessed").status_code == 401


def test_a_device_whose_answer_was_lost_enrols_again_and_its_old_token_ends(world: World):
    source, auth = world.device()
    source.write(1)
    again = world.enrol(source)
    assert again.status_code == 201
    assert world.push(source, auth, 0, 1).status_code == 401
    fresh = {"authorization": f"Bearer {again.json()['device_token']}"}
    assert world.push(source, fresh, 0, 1).status_code == 200


def test_nobody_takes_the_place_or_the_key_of_a_device(world: World):
    source, _ = world.device()
    thief = MemorySource()
    thief._device = source.device
    assert world.enrol(thief).status_code == 409
    double = MemorySource()
    double.verifier_key = source.verifier_key
    assert world.enrol(double).status_code == 409


def test_wrong_keys_are_not_enrolled(world: World):
    source = MemorySource()
    source.verifier_key = parse_verifier_key(world.witness_key)
    assert world.enrol(source).status_code == 400


@pytest.mark.parametrize(
    "auth", [{}, {"authorization": "Bearer x"}, {"authorization": f"Bearer {new_id()}.x"}]
)
def test_nothing_is_served_without_a_token(world: World, auth: dict[str, str]):
    for method, path in (
        ("GET", "/v1/policy"),
        ("GET", "/v1/tombstones"),
        ("POST", "/v1/acknowledgements"),
        ("GET", f"/v1/tombstones/{new_id()}"),
        ("POST", "/v1/entries"),
        ("POST", "/v1/tombstones"),
    ):
        body = {"up_to": 0} if method == "POST" else None
        answer = world.http.request(method, path, headers=auth, json=body)
        assert answer.status_code in (401, 422)
        assert path.endswith(("entries", "tombstones")) or answer.status_code == 401


def test_leaves_are_stored_once_and_cosigned(world: World):
    source, auth = world.device()
    source.write(300)
    first = world.push(source, auth, 0, 200)
    assert first.status_code == 200
    note = parse_note(first.json()["checkpoint"])
    verify(note, parse_verifier_key(world.witness_key), signature_verifies)
    verify(note, source.verifier_key, signature_verifies)
    world.now += timedelta(hours=1)
    assert world.push(source, auth, 0, 200).json() == first.json()
    assert world.push(source, auth, 150, 300).status_code == 200
    assert world.push(source, auth, 0, 200).json() == first.json()
    assert world.store.counts() == {"devices": 1, "leaves": 300, "tombstones": 0}


def test_gaps_forks_and_rollbacks_are_refused(world: World):
    source, auth = world.device()
    source.write(10)
    gap = world.push(source, auth, 5, 10)
    assert (gap.status_code, gap.json()["error"], gap.json()["size"]) == (409, "gap", 0)
    assert world.push(source, auth, 0, 10).status_code == 200
    rollback = world.push(source, auth, 0, 7)
    assert (rollback.status_code, rollback.json()["error"]) == (409, "rollback")
    source.leaves[9] = b'{"n":"other"}'
    source.write(1)
    fork = world.push(source, auth, 0, 11)
    assert (fork.status_code, fork.json()["error"]) == (409, "fork")
    hidden = world.push(source, auth, 10, 11)
    assert (hidden.status_code, hidden.json()["error"]) == (400, "proof")
    assert world.store.counts()["leaves"] == 10


def test_checkpoints_are_checked_before_anything_is_stored(world: World):
    source, auth = world.device()
    source.write(3)
    other = MemorySource()
    other.leaves = source.leaves
    for wrong in (
        other.checkpoint(3),
        source.checkpoint(2),
        source.checkpoint(3, origin="elsewhere"),
        source.checkpoint(3, digest=bytes(32)),
        "no note",
    ):
        assert world.push(source, auth, 0, 3, wrong).status_code == 400
    assert world.store.counts()["leaves"] == 0


def test_a_crash_between_storing_and_cosigning_heals(world: World, monkeypatch: pytest.MonkeyPatch):
    source, auth = world.device()
    source.write(3)

    def crash(*_: object) -> None:
        raise RuntimeError("power is gone")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "keep_cosigned", crash)
        assert world.push(source, auth, 0, 3).status_code == 500
    assert world.push(source, auth, 0, 3).status_code == 200


def test_tombstones_travel_in_one_order(world: World):
    one, one_auth = world.device()
    two, two_auth = world.device()
    sent = [one.erase(), two.erase(), one.erase()]
    for auth, tombstone in zip((one_auth, two_auth, one_auth), sent, strict=True):
        body = {"tombstone": to_dict(tombstone)}
        answers = [world.http.post("/v1/tombstones", json=body, headers=auth) for _ in range(2)]
        assert answers[0].status_code == 200
        assert answers[0].json() == answers[1].json()
    page = world.http.get("/v1/tombstones", params={"limit": 2}, headers=two_auth).json()
    assert [placed["tombstone"] for placed in page["tombstones"]] == [
        to_dict(tombstone) for tombstone in sent[:2]
    ]
    assert page["more"]
    rest = world.http.get("/v1/tombstones", params={"after": 2}, headers=two_auth).json()
    assert [placed["position"] for placed in rest["tombstones"]] == [3]
    assert not rest["more"]


def test_tombstones_of_others_and_altered_ones_are_refused(world: World):
    one, one_auth = world.device()
    _, two_auth = world.device()
    tombstone = one.erase()

    def post(value: object, auth: dict[str, str]) -> int:
        answer = world.http.post("/v1/tombstones", json={"tombstone": value}, headers=auth)
        return answer.status_code

    assert post(to_dict(tombstone), two_auth) == 400
    assert post(to_dict(replace(tombstone, counts=(("calls", 9),))), one_auth) == 400
    assert post({**to_dict(tombstone), "name": "Anna"}, one_auth) == 400
    assert post(to_dict(tombstone), one_auth) == 200
    assert post(to_dict(one.erase(tombstone.erasure)), one_auth) == 409


def test_acknowledgements_never_go_back(world: World):
    one, one_auth = world.device()
    _, two_auth = world.device()
    tombstone = one.erase()
    body = {"tombstone": to_dict(tombstone)}
    world.http.post("/v1/tombstones", json=body, headers=one_auth)
    for auth, up_to, noted in ((one_auth, 1, 1), (one_auth, 0, 1), (two_auth, 99, 1)):
        answer = world.http.post("/v1/acknowledgements", json={"up_to": up_to}, headers=auth)
        assert answer.json() == {"up_to": noted}
        progress = world.http.get(f"/v1/tombstones/{tombstone.erasure}", headers=one_auth)
    assert progress.json() == {"position": 1, "acknowledged": 2, "devices": 2}
    unknown = world.http.get(f"/v1/tombstones/{new_id()}", headers=one_auth)
    assert unknown.status_code == 404


def test_health_and_metrics(world: World):
    assert world.http.get("/health/live").status_code == 200
    assert world.http.get("/health/ready").status_code == 200
    source, auth = world.device()
    world.http.get(f"/v1/tombstones/{new_id()}", headers=auth)
    text = world.http.get("/metrics").text
    assert "softphone_devices 1\n" in text
    assert 'route="/v1/tombstones/{erasure}",status="404"} 1' in text
    assert source.device not in text


def test_a_server_without_its_tables_is_not_ready(tmp_path: Path):
    run.init(tmp_path)
    store = Store(f"sqlite:///{tmp_path / 'empty.db'}")
    app = create_app(store, load_witness(tmp_path))
    with Client(transport=AsgiTransport(app), base_url="https://server") as http:
        assert http.get("/health/ready").status_code == 503
        assert http.get("/health/live").status_code == 200
    store.close()


def test_requests_are_bounded(world: World):
    source, auth = world.device()
    assert world.http.post("/v1/entries", content=b"x" * (MAX_BODY + 1)).status_code == 413
    chunks = (b"x" * 65536 for _ in range(MAX_BODY // 65536 + 1))
    assert world.http.post("/v1/entries", content=chunks).status_code == 413
    source.write(MAX_LEAVES + 1)
    answer = world.push(source, auth, 0, MAX_LEAVES + 1)
    assert answer.status_code == 422
    assert answer.json()["error"] == "malformed"


def test_logs_hold_no_addresses_tokens_or_identifiers(
    world: World, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    source, auth = world.device()
    world.http.get(f"/v1/tombstones/{new_id()}?secret=needle", headers=auth)
    text = caplog.text
    assert '"route": "/v1/tombstones/{erasure}"' in text
    for hidden in ("needle", source.device, auth["authorization"].split(".")[1], "testclient:"):
        assert hidden not in "\n".join(
            record.getMessage() for record in caplog.records if record.name.startswith("softphone")
        )


def test_the_contract_names_every_route(world: World):
    paths = world.http.get("/openapi.json").json()["paths"]
    assert set(paths) == {
        "/v1/devices",
        "/v1/policy",
        "/v1/addresses",
        "/v1/addresses/{digest}",
        "/v1/packages",
        "/v1/packages/{package}",
        "/v1/packages/{package}/chunks/{n}",
        "/v1/packages/{package}/outcome",
        "/v1/entries",
        "/v1/tombstones",
        "/v1/tombstones/{erasure}",
        "/v1/acknowledgements",
        "/v1/leaving",
        "/v1/orders",
        "/v1/orders/{erasure}",
        "/v1/audit",
        "/v1/logs/{device}/bundle.json",
        "/v1/logs/{device}/leaves.jsonl",
        "/v1/logs/{device}/checkpoints.jsonl",
        "/health/live",
        "/health/ready",
        "/metrics",
    }


def test_a_device_that_leaves_is_waited_for_no_longer(world: World):
    source, auth = world.device()
    other, theirs = world.device()

    def certificate(of: MemorySource, device: str) -> str:
        text = f"{TITLE}\n{device}\n2026-03-31T09:00:00.000000Z\nlog 0 00\ncontacts 3\n"
        return format_note(SignedNote(text, (sign(text, of.verifier_key, of._key.sign),)))

    def leave(text: str, who: dict[str, str]) -> int:
        return world.http.post("/v1/leaving", json={"certificate": text}, headers=who).status_code

    assert leave(certificate(other, source.device), auth) == 400
    assert leave(certificate(source, other.device), auth) == 400
    assert leave("no note", auth) == 400
    assert world.store.counts()["devices"] == 2
    assert leave(certificate(source, source.device), auth) == 200
    assert world.store.counts()["devices"] == 1
    assert world.http.get("/v1/tombstones", headers=auth).status_code == 401
    assert world.http.get("/v1/tombstones", headers=theirs).status_code == 200
