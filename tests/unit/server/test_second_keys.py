"""A log with a second key (ML-DSA-44): once enrolled with it, nothing is taken without it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from httpx import Client, Response

from softphone.domain.note import ED25519, parse_note
from softphone.server import run
from softphone.server.api import create_app
from softphone.server.store import Store
from softphone.server.witness import load_witness
from tests.fakes.asgi import AsgiTransport
from tests.fakes.bundles import Log
from tests.unit.server.test_api import NOW


class Place:
    """A server, and one device with two keys."""

    def __init__(self, folder: Path) -> None:
        run.init(folder)
        self.store: Store = run.open_store(folder)
        app = create_app(self.store, load_witness(folder), lambda: NOW)
        self.http = Client(transport=AsgiTransport(app), base_url="https://server")
        self.log = Log(4)

    def enrol(self, second: str) -> Response:
        return self.http.post(
            "/v1/devices",
            json={
                "token": self.store.issue_token(NOW),
                "device": self.log.device,
                "log_key": str(self.log.key),
                "log_key_mldsa": second,
            },
        )

    def push(self, token: str, checkpoint: str, end: int = 4) -> Response:
        leaves = [base64.b64encode(leaf).decode() for leaf in self.log.leaves[:end]]
        return self.http.post(
            "/v1/entries",
            json={"first": 0, "leaves": leaves, "checkpoint": checkpoint},
            headers={"authorization": f"Bearer {token}"},
        )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "server")
    with made.http:
        yield made
    made.store.close()


def test_both_signatures_are_asked_for_and_kept(place: Place):
    log = place.log
    token = place.enrol(str(log.mldsa)).json()["device_token"]
    good = log.signed_twice(4)
    forged = log.signed_twice(4, parse_note(log.note(3)).text)
    for bad in (log.note(4), forged):
        assert place.push(token, bad).status_code == 400
    assert place.store.counts()["leaves"] == 0
    answer = place.push(token, good)
    assert answer.status_code == 200
    names = [(s.name, s.key_id) for s in parse_note(answer.json()["checkpoint"]).signatures]
    keys = (log.key, log.mldsa)
    assert names[:2] == [(key.name, key.key_id) for key in keys]
    assert len(names) == 3


def test_a_device_with_one_key_is_served_as_before(place: Place):
    token = place.enrol("").json()["device_token"]
    assert place.push(token, place.log.note(4)).status_code == 200


def test_a_second_key_can_be_added_and_never_taken_away_or_exchanged(place: Place):
    log = place.log
    assert place.enrol("").status_code == 201
    token = place.enrol(str(log.mldsa)).json()["device_token"]
    assert place.push(token, log.note(4)).status_code == 400
    other = replace(Log(1, b"o" * 32).mldsa, name=log.key.name)
    for worse in ("", str(other)):
        assert place.enrol(worse).status_code == 409
    assert place.enrol(str(log.mldsa)).status_code == 201


def test_keys_of_another_log_or_kind_are_refused(place: Place):
    log = place.log
    for bad in (str(Log(1).mldsa), str(log.key), str(replace(log.mldsa, type=ED25519)), "x"):
        assert place.enrol(bad).status_code == 400
