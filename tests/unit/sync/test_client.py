from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from softphone.app.ports import LeafBatch
from softphone.domain.errors import (
    ConnectionRefused,
    InvalidInput,
    Refused,
    ServerMisbehaved,
    SoftphoneError,
)
from softphone.domain.tombstone import to_dict
from softphone.sync.client import MAX_ANSWER, SyncClient, enrol
from softphone.sync.trust import tls_context
from tests.fakes.bundles import WITNESS
from tests.fakes.sync_source import MemorySource

URL = "https://sync.example"
WITNESS_KEY = str(WITNESS)
BATCH = LeafBatch(3, (b"a", b"b"), "a checkpoint")


class Answering(httpx.BaseTransport):
    """Answers every request as told and keeps the last one."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self._answer = answer
        self.asked: httpx.Request | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked = request
        return self._answer(request)


def client(status: int, body: object, headers: dict[str, str] | None = None) -> SyncClient:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    transport = Answering(lambda _: httpx.Response(status, content=content, headers=headers))
    return SyncClient(URL, "device.secret", transport=transport)


@pytest.mark.parametrize(
    "url",
    [
        "http://sync.example",
        "sync.example",
        "https://",
        "ftp://x",
        "https://u:p@x",
        "https://[",
        "",
    ],
)
def test_only_https_is_spoken(url: str):
    with pytest.raises(InvalidInput):
        SyncClient(url)


def test_a_ca_file_must_hold_certificates(tmp_path: Path):
    (tmp_path / "empty.pem").write_text("nothing")
    for name in ("empty.pem", "none.pem"):
        with pytest.raises(InvalidInput) as caught:
            tls_context(str(tmp_path / name))
        assert str(tmp_path) not in str(caught.value)


def test_leaves_are_sent_as_the_contract_says():
    transport = Answering(lambda _: httpx.Response(200, json={"size": 5, "checkpoint": "cosigned"}))
    with SyncClient(URL + "/base", "device.secret", transport=transport) as made:
        assert made.push_leaves(BATCH) == "cosigned"
    assert transport.asked is not None
    assert str(transport.asked.url) == f"{URL}/base/v1/entries"
    assert transport.asked.headers["authorization"] == "Bearer device.secret"
    assert json.loads(transport.asked.content) == {
        "first": 3,
        "leaves": [base64.b64encode(b"a").decode(), base64.b64encode(b"b").decode()],
        "checkpoint": "a checkpoint",
    }


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, {"size": 4, "checkpoint": "x"}, ServerMisbehaved),
        (200, {"size": "5", "checkpoint": "x"}, ServerMisbehaved),
        (200, b"\xff\x00 nonsense", ServerMisbehaved),
        (200, b"x" * (MAX_ANSWER + 1), ServerMisbehaved),
        (201, {"size": 5, "checkpoint": "x"}, ServerMisbehaved),
        (302, b"", ServerMisbehaved),
        (400, {"error": "proof"}, ServerMisbehaved),
        (404, b"<html>", ServerMisbehaved),
        (409, {"error": "fork"}, ServerMisbehaved),
        (409, {"error": "gap"}, ServerMisbehaved),
        (409, {"error": "rollback"}, ServerMisbehaved),
        (401, {"error": "refused"}, Refused),
        (429, b"", ConnectionRefused),
        (500, b"", ConnectionRefused),
        (503, {"error": "storage"}, ConnectionRefused),
    ],
)
def test_what_is_no_proper_answer(status: int, body: object, error: type[SoftphoneError]):
    with pytest.raises(error) as caught:
        client(status, body).push_leaves(BATCH)
    assert caught.value.what
    assert caught.value.why
    assert caught.value.do


@pytest.mark.parametrize(
    "failure",
    [httpx.ConnectError("no"), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("what")],
)
def test_a_server_that_cannot_be_reached(failure: httpx.HTTPError):
    def fail(_: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(ConnectionRefused):
        SyncClient(URL, transport=Answering(fail)).push_leaves(BATCH)


def page(*positions: int, more: bool = False) -> dict[str, object]:
    tombstone = to_dict(MemorySource().erase())
    placed = [{"position": position, "tombstone": tombstone} for position in positions]
    return {"tombstones": placed, "more": more}


def test_tombstones_come_in_order():
    found, more = client(200, page(4, 7, more=True)).tombstones(3)
    assert [position for position, _ in found] == [4, 7]
    assert more


@pytest.mark.parametrize(
    "body",
    [
        page(3),
        page(5, 4),
        page(5, 5),
        page(more=True),
        {"tombstones": [{"position": 4, "tombstone": {"name": "Anna"}}], "more": False},
        {"tombstones": "none", "more": False},
        {},
    ],
)
def test_tombstones_out_of_order_or_malformed_are_refused(body: dict[str, object]):
    with pytest.raises(ServerMisbehaved):
        client(200, body).tombstones(3)


def test_an_acknowledgement_must_be_noted():
    client(200, {"up_to": 9}).acknowledge(9)
    with pytest.raises(ServerMisbehaved):
        client(200, {"up_to": 8}).acknowledge(9)


def test_tombstones_are_pushed():
    assert client(200, {"position": 4}).push_tombstone(MemorySource().erase()) == 4


def test_the_policy_is_fetched_once():
    assert client(200, b"signed", {"etag": '"1"'}).policy() == ('"1"', b"signed")
    assert client(204, b"").policy() is None
    assert client(304, b"").policy('"1"') is None


@pytest.mark.parametrize(
    "key",
    ["nonsense", "name+00000000+AAAA", MemorySource().log_key],
    ids=["nonsense", "short", "of_a_log"],
)
def test_an_enrolment_with_a_wrong_witness_key_is_refused(key: str):
    body = {"device_token": "t", "witness_key": key}
    transport = Answering(lambda _: httpx.Response(201, json=body))
    source = MemorySource()
    with pytest.raises(ServerMisbehaved):
        enrol(URL, "token", source.device, source.log_key, transport=transport)


def test_an_older_server_is_asked_again_without_the_second_key():
    asked: list[dict[str, str]] = []

    def older(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        if "log_key_mldsa" in asked[-1]:
            return httpx.Response(422, json={"error": "malformed", "message": ""})
        answer = {"device_token": "d.t", "witness_key": WITNESS_KEY}
        return httpx.Response(201, json=answer)

    source = MemorySource()
    enrolment = enrol(
        URL, "token", source.device, source.log_key, "", Answering(older), log_key_mldsa="second"
    )
    assert enrolment.device_token == "d.t"
    assert [one.get("log_key_mldsa") for one in asked] == ["second", None]
    assert asked[0]["token"] == asked[1]["token"]
