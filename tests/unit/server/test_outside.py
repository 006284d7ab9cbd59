"""The API for other systems, through the whole application."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from httpx import Client, Response

from softphone.domain.audit_bundle import check_bundle
from softphone.domain.ids import DeviceId, ErasureId, RecordingId, SubjectPseudonym, new_id
from softphone.domain.privacy import ErasureReason, Tombstone
from softphone.domain.tombstone import sign_tombstone, to_dict
from softphone.export.bundle import open_bundle
from softphone.server import run
from softphone.server.api import create_app
from softphone.server.store import Store
from softphone.server.witness import load_witness, signature_verifies
from softphone.vault.crypto import signer
from tests.contract.vault_contract import Device
from tests.fakes.asgi import AsgiTransport
from tests.fakes.bundles import Log
from tests.fakes.sync_source import MemorySource

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


class World:
    """A server, devices and clients."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.folder = folder
        run.init(folder)
        self.store: Store = run.open_store(folder)
        app = create_app(self.store, load_witness(folder), lambda: self.now)
        self.http = Client(transport=AsgiTransport(app), base_url="https://server")
        self.crm = Device()
        self.eraser = bearer(run.add_client(folder, "CRM", "eraser", str(self.crm.key)))
        self.auditor = bearer(run.add_client(folder, "DPO", "auditor", ""))

    def enrol(self, device: str, log_key: str) -> dict[str, str]:
        body = {
            "token": self.store.issue_token(self.now),
            "device": device,
            "log_key": log_key,
        }
        return bearer(self.http.post("/v1/devices", json=body).json()["device_token"])

    def device(self) -> tuple[str, dict[str, str]]:
        source = MemorySource()
        return source.device, self.enrol(source.device, source.log_key)

    def push(self, log: Log, auth: dict[str, str], first: int, end: int) -> None:
        body = {
            "first": first,
            "leaves": [base64.b64encode(leaf).decode() for leaf in log.leaves[first:end]],
            "checkpoint": log.note(end),
        }
        assert self.http.post("/v1/entries", json=body, headers=auth).status_code == 200

    def order(self, tombstone: Tombstone, key: str = "k1", auth=None) -> Response:
        return self.http.post(
            "/v1/orders",
            json={"tombstone": to_dict(tombstone)},
            headers={**(auth or self.eraser), "idempotency-key": key},
        )

    def tombstone(self, **changes: object) -> Tombstone:
        unsigned = Tombstone(
            ErasureId(new_id()),
            DeviceId(self.crm.id),
            ErasureReason.SUBJECT_REQUEST,
            NOW,
            subjects=(SubjectPseudonym("ab" * 32),),
        )
        return sign_tombstone(replace(unsigned, **changes), signer(self.crm.seed))

    def get(self, path: str, auth=None, **params: object) -> Response:
        return self.http.get(path, params=params, headers=auth or self.auditor)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "server")
    with made.http:
        yield made
    made.store.close()


def test_an_order_reaches_every_device_as_it_was_signed(world: World):
    _, auth = world.device()
    order = world.tombstone(recordings=(RecordingId(new_id()),))
    answer = world.order(order)
    assert (answer.status_code, answer.json()["position"]) == (200, 1)
    page = world.http.get("/v1/tombstones", headers=auth).json()
    assert page["tombstones"] == [{"position": 1, "tombstone": to_dict(order)}]


def test_an_order_sent_again_changes_nothing(world: World):
    order = world.tombstone()
    first = world.order(order)
    assert world.order(order).json() == first.json()
    assert world.order(order, "k2").json() == first.json()
    other = world.tombstone()
    assert world.order(other, "k1").status_code == 400
    assert world.store.counts()["tombstones"] == 1
    changed = world.tombstone(erasure=order.erasure, subjects=(SubjectPseudonym("cd" * 32),))
    assert world.order(changed, "k3").status_code == 409
    assert world.store.counts()["tombstones"] == 1


def bad_orders(world: World) -> dict[str, Tombstone]:
    good = world.tombstone()
    return {
        "nothing to erase": world.tombstone(subjects=()),
        "unsigned": replace(good, signature=""),
        "altered": replace(good, subjects=(SubjectPseudonym("cd" * 32),)),
        "another's": Device().erase(_Clock(), RecordingId(new_id())),
        "in a device's name": world.tombstone(device=DeviceId(new_id())),
    }


class _Clock:
    def now(self) -> datetime:
        return NOW


@pytest.mark.parametrize(
    "kind", ["nothing to erase", "unsigned", "altered", "another's", "in a device's name"]
)
def test_an_order_that_the_client_did_not_sign_is_refused(world: World, kind: str):
    assert world.order(bad_orders(world)[kind]).status_code == 400
    assert world.store.counts()["tombstones"] == 0


def test_progress_is_honest_about_who_is_silent(world: World):
    one, first = world.device()
    two, _ = world.device()
    order = world.tombstone()
    world.order(order)
    world.now = NOW + timedelta(hours=3)
    world.http.get("/v1/tombstones", headers=first)
    path = f"/v1/orders/{order.erasure}"
    assert world.get(path).json()["carried_out"] == 0
    world.http.post("/v1/acknowledgements", json={"up_to": 1}, headers=first)
    said = world.get(path, world.eraser).json()
    assert (said["complete"], said["carried_out"]) == (False, 1)
    devices = {d["device"]: (d["carried_out"], d["last_seen"]) for d in said["devices"]}
    assert devices == {one: (True, "2026-05-04T15:00:00.000000Z"), two: (False, None)}
    listed = {d["device"]: d for d in world.get("/v1/devices").json()["devices"]}
    assert (listed[one]["behind"], listed[two]["behind"]) == (0, 1)
    assert world.get(f"/v1/orders/{new_id()}").status_code == 404


def test_without_devices_nothing_is_complete(world: World):
    order = world.tombstone()
    world.order(order)
    assert world.get(f"/v1/orders/{order.erasure}").json()["complete"] is False


@pytest.mark.parametrize("path", ["/v1/audit", "/v1/logs/{}/bundle.json"])
def test_roles_are_kept_apart(world: World, path: str):
    device, auth = world.device()
    path = path.format(device)
    assert world.get(path, world.eraser).status_code == 403
    assert world.get(path, auth).status_code == 401
    assert world.get(path, bearer("client.x.y")).status_code == 401
    assert world.get(path, {"x": "y"}).status_code == 401
    assert world.order(world.tombstone(), auth=world.auditor).status_code == 403
    assert world.order(world.tombstone(), auth=auth).status_code == 401
    body = {"up_to": 0}
    refused = world.http.post("/v1/acknowledgements", json=body, headers=world.eraser)
    assert refused.status_code == 401


def test_the_log_is_read_by_filters_in_pages(world: World):
    logs = [Log(7, bytes([seed]) * 32) for seed in (1, 2)]
    for log in logs:
        log.leaves[3] = log.leaf(3, "someone").replace(b"call.ended", b"audit.read")
        world.push(log, world.enrol(log.device, str(log.key)), 0, 7)
    seen: list[tuple[str, int]] = []
    after: str | None = ""
    while after is not None:
        page = world.get("/v1/audit", limit=5, after=after).json()
        seen += [(e["device"], e["n"]) for e in page["entries"]]
        after = page["next"]
    assert seen == [(d, n) for d in sorted(log.device for log in logs) for n in range(7)]
    found = world.get("/v1/audit", action="audit.read").json()["entries"]
    assert [e["leaf"]["actor"] for e in found] == ["someone"] * 2
    [only] = world.get("/v1/audit", action="audit.read", device=logs[0].device).json()["entries"]
    assert only["device"] == logs[0].device
    late = world.get("/v1/audit", since="2026-03-01T09:00:00.000005Z").json()["entries"]
    assert sorted({e["n"] for e in late}) == [5, 6]
    assert world.get("/v1/audit", since="2026-03-01T09:00:00").status_code == 400
    assert world.get("/v1/audit", action="no.such").status_code == 422
    assert world.get("/v1/audit", after="x:1").status_code == 422


def test_an_exported_log_is_a_bundle_that_holds(world: World, tmp_path: Path):
    log = Log(9)
    auth = world.enrol(log.device, str(log.key))
    assert world.get(f"/v1/logs/{log.device}/bundle.json").status_code == 404
    world.push(log, auth, 0, 4)
    world.push(log, auth, 4, 9)
    folder = tmp_path / "bundle"
    folder.mkdir()
    header = world.get(f"/v1/logs/{log.device}/bundle.json")
    (folder / "bundle.json").write_bytes(header.content)
    for name in ("leaves.jsonl", "checkpoints.jsonl"):
        part = world.get(f"/v1/logs/{log.device}/{name}", entries=header.json()["entries"])
        (folder / name).write_bytes(part.content)
    with open_bundle(folder) as bundle:
        verdict = check_bundle(
            bundle,
            signature_verifies,
            log_key=str(log.key),
            witness_key=str(load_witness(world.folder).verifier_key),
        )
    assert (verdict.holds, verdict.entries, verdict.witnessed_up_to) == (True, 9, 9)


@pytest.mark.timeout(10)
def test_more_entries_than_there_are_do_not_keep_the_server_busy(world: World):
    log = Log(3)
    world.push(log, world.enrol(log.device, str(log.key)), 0, 3)
    for name in ("leaves.jsonl", "checkpoints.jsonl"):
        part = world.get(f"/v1/logs/{log.device}/{name}", entries=2**62)
        assert part.status_code == 200
        assert part.content.count(b"\n") == (3 if name == "leaves.jsonl" else 1)


def test_bytes_that_are_no_entry_do_no_harm(world: World):
    log = Log(3)
    log.leaves = [b"\xff", b"[1]", b'{"time":1}']
    world.push(log, world.enrol(log.device, str(log.key)), 0, 3)
    entries = world.get("/v1/audit").json()["entries"]
    assert [e["leaf"] for e in entries] == [{}, {}, {"time": 1}]
    assert world.get("/v1/audit", result="done").json()["entries"] == []
