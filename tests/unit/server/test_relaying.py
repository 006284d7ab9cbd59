"""The routes of sealed recordings: who is let in, what is said, what ends by itself."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from softphone.domain.ids import new_id
from softphone.domain.relay import CHUNK
from softphone.server.api import create_app
from softphone.server.relay import RelayLimits
from softphone.server.relaying import sweeping
from softphone.server.serving import Limits
from softphone.server.witness import load_witness
from tests.fakes.asgi import AsgiTransport
from tests.unit.server.test_api import NOW, World

BODY = b"age-encryption.org/v1\n" + bytes(CHUNK)
BYTES = {"content-type": "application/octet-stream"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    app = create_app(
        made.store,
        load_witness(tmp_path),
        lambda: made.now,
        Limits(relay=RelayLimits(2 * CHUNK, 3 * CHUNK)),
    )
    made.http = type(made.http)(transport=AsgiTransport(app), base_url="https://server")
    made.app = app  # type: ignore[attr-defined]
    return made


def announced(world: World, to: str, auth: dict[str, str], size: int = len(BODY), **changes):
    body = {
        "package": new_id(), "to": to, "size": size, "sha256": hashlib.sha256(BODY).hexdigest(),
    } | changes  # fmt: skip
    return world.http.post("/v1/packages", json=body, headers=auth)


def test_from_one_device_to_the_other(world: World):
    sender, mine = world.device()
    receiver, theirs = world.device()
    note = receiver.address(NOW + timedelta(days=7))
    kept = world.http.put("/v1/addresses", json={"addresses": [note]}, headers=theirs)
    assert kept.json() == {"kept": 1}
    [offer] = world.http.get("/v1/addresses", headers=mine).json()["addresses"]
    assert offer["device"] == receiver.device
    assert world.http.get(f"/v1/addresses/{offer['digest']}", headers=mine).text == note

    said = announced(world, receiver.device, mine).json()
    package = said["package"]
    assert (said["received"], said["outcome"]) == (0, "")
    for n in range(2):
        part = BODY[n * CHUNK : (n + 1) * CHUNK]
        url = f"/v1/packages/{package}/chunks/{n}"
        answer = world.http.put(url, content=part, headers={**mine, **BYTES})
        assert answer.json() == {"received": n + 1}
        assert world.http.get(url, headers=theirs).content == part
        assert world.http.get(url, headers=mine).status_code == 404
    late = world.http.put(
        f"/v1/packages/{package}/chunks/1", content=b"x", headers={**mine, **BYTES}
    )
    assert late.json() == {"received": 2}
    [waiting] = world.http.get("/v1/packages?box=waiting", headers=theirs).json()["packages"]
    assert (waiting["sender"], waiting["size"]) == (sender.device, len(BODY))
    done = {"outcome": "refused", "why": "listeners_changed", "receipt": "signed"}
    assert (
        world.http.post(f"/v1/packages/{package}/outcome", json=done, headers=theirs).json() == done
    )
    [sent] = world.http.get("/v1/packages?box=sent", headers=mine).json()["packages"]
    assert (sent["outcome"], sent["why"], sent["receipt"]) == tuple(done.values())
    assert world.http.delete(f"/v1/packages/{package}", headers=mine).status_code == 204
    assert world.http.get("/v1/packages?box=sent", headers=mine).json() == {"packages": []}


PACKAGE = "00000000-0000-4000-8000-000000000001"
"""Fixed: tests that run side by side must have the same names."""


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/addresses"),
        ("GET", "/v1/addresses"),
        ("GET", f"/v1/addresses/{'0' * 64}"),
        ("POST", "/v1/packages"),
        ("GET", "/v1/packages?box=sent"),
        ("PUT", f"/v1/packages/{PACKAGE}/chunks/0"),
        ("GET", f"/v1/packages/{PACKAGE}/chunks/0"),
        ("POST", f"/v1/packages/{PACKAGE}/outcome"),
        ("DELETE", f"/v1/packages/{PACKAGE}"),
    ],
)
def test_only_enrolled_devices_are_let_in(world: World, method: str, path: str):
    client = {"authorization": f"Bearer client.{new_id()}.x"}
    for headers in ({}, client, {"authorization": f"Bearer {new_id()}.x"}):
        assert world.http.request(method, path, headers=headers).status_code == 401


def test_refusals_have_codes(world: World):
    _, mine = world.device()
    receiver, theirs = world.device()
    assert announced(world, receiver.device, mine).json()["error"] == "unknown"
    world.http.put(
        "/v1/addresses",
        json={"addresses": [receiver.address(NOW + timedelta(days=7))]},
        headers=theirs,
    )
    large = announced(world, receiver.device, mine, size=2 * CHUNK + 1)
    assert (large.status_code, large.json()["error"]) == (413, "too_large")
    first = announced(world, receiver.device, mine, size=2 * CHUNK).json()["package"]
    full = announced(world, receiver.device, mine, size=2 * CHUNK)
    assert (full.status_code, full.json()["error"]) == (409, "full")
    again = announced(world, receiver.device, mine, package=first)
    assert (again.status_code, again.json()["error"]) == (409, "taken")
    gap = world.http.put(
        f"/v1/packages/{first}/chunks/1", content=bytes(CHUNK), headers={**mine, **BYTES}
    )
    assert (gap.status_code, gap.json()["error"], gap.json()["size"]) == (409, "gap", 0)
    huge = world.http.put(
        f"/v1/packages/{first}/chunks/0", content=bytes(CHUNK + 1), headers={**mine, **BYTES}
    )
    assert huge.status_code == 422
    forged = world.http.put(
        "/v1/addresses",
        json={"addresses": [receiver.address(NOW + timedelta(days=7))]},
        headers=mine,
    )
    assert (forged.status_code, forged.json()["error"]) == (400, "proof")


def test_addresses_come_in_pages(world: World):
    _, mine = world.device()
    for _ in range(3):
        source, auth = world.device()
        notes = [source.address(NOW + timedelta(days=7), team=team) for team in ("a", "b")]
        world.http.put("/v1/addresses", json={"addresses": notes}, headers=auth)
    found: list[str] = []
    more = True
    while more:
        after = found[-1] if found else ""
        page = world.http.get(f"/v1/addresses?after={after}&limit=4", headers=mine).json()
        found += [one["digest"] for one in page["addresses"]]
        more = page["more"]
    assert len(found) == len(set(found)) == 6


def test_what_is_past_its_time_goes_while_nobody_asks(
    world: World, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    _, mine = world.device()
    receiver, theirs = world.device()
    world.http.put(
        "/v1/addresses",
        json={"addresses": [receiver.address(NOW + timedelta(days=1))]},
        headers=theirs,
    )
    package = announced(world, receiver.device, mine).json()["package"]
    assert "softphone_packages_waiting 1" in world.http.get("/metrics").text
    world.now = NOW + timedelta(days=2)

    async def run() -> None:
        async with sweeping(world.app):  # type: ignore[attr-defined]
            with anyio.fail_after(20):
                while "packages_ended" not in caplog.text:
                    await anyio.sleep(0.01)

    anyio.run(run)
    assert "softphone_packages_waiting 0" in world.http.get("/metrics").text
    lines = [
        json.loads(r.getMessage()) for r in caplog.records if r.name == "softphone.server.relaying"
    ]
    assert lines == [{"event": "packages_ended", "packages": 1}]
    assert package not in caplog.text
