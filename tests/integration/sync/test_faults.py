"""The real client and loop over TLS through a proxy that drops, delays, cuts and repeats."""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.domain.errors import CertificateRejected, ConnectionRefused, InvalidInput
from softphone.sync.client import SyncClient, parse_proxy, sync_client
from softphone.sync.trust import parse_pin
from tests.fakes.authority import Authority
from tests.fakes.connect_proxy import ConnectProxy
from tests.fakes.fault_proxy import FaultProxy
from tests.integration.sync.test_server_and_loop import Running, Workstation


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[tuple[Workstation, FaultProxy, Running, Authority]]:
    authority = Authority(tmp_path)
    running = Running(tmp_path / "server", *authority.issue())
    station = Workstation(running, str(authority.ca_file))
    proxy = FaultProxy(running.port)
    known = station.source.kept
    assert known is not None
    moved = known.__class__(
        f"https://127.0.0.1:{proxy.port}", known.device_token, known.witness_key, known.ca_file
    )
    station.source.save_enrolment(moved)
    yield station, proxy, running, authority
    station.close()
    proxy.close()
    running.stop()


@pytest.mark.parametrize("fault", ["refuse", "cut at once", "cut in an answer", "repeat"])
def test_what_a_bad_network_does_is_made_good(stage, fault: str):
    station, proxy, _, _ = stage
    station.source.write(300)
    erased = station.source.erase()
    if fault == "refuse":
        proxy.refuse = True
    elif fault == "repeat":
        proxy.repeat = True
    else:
        proxy.cut_after = 0 if fault == "cut at once" else 3000
    station.loop.start()
    while not station.outcomes.get(timeout=20).problem:
        assert fault == "repeat"  # a TLS peer may be done before it notices
        break
    proxy.refuse, proxy.cut_after, proxy.repeat = False, None, False
    station.loop.poke()
    assert station.settle().waiting == 0
    assert station.source.applied == [erased.erasure]


def test_an_answer_that_comes_late_is_waited_for(stage):
    station, proxy, _, _ = stage
    proxy.hold()
    station.source.write(3)
    station.loop.start()
    timer = threading.Timer(1.0, proxy.let_go)
    timer.start()
    assert station.settle().waiting == 0
    timer.join()


def fingerprint(certificate: Path) -> str:
    der = ssl.PEM_cert_to_DER_cert(certificate.read_text().split("-----END CERTIFICATE-----")[0]
                                   + "-----END CERTIFICATE-----\n")  # fmt: skip
    return hashlib.sha256(der).hexdigest()


def test_only_the_pinned_certificate_is_taken(stage, tmp_path: Path):
    station, _, running, _ = stage
    known = station.source.kept
    assert known is not None
    certificate = running._files[0]
    pin = fingerprint(certificate)
    shown = ":".join(pin[i : i + 2] for i in range(0, 64, 2)).upper()
    with SyncClient(running.url, known.device_token, known.ca_file, pin=shown) as client:
        client.tombstones(0)
    other = "0" * 64
    with (
        SyncClient(running.url, known.device_token, known.ca_file, pin=other) as client,
        pytest.raises(CertificateRejected),
    ):
        client.tombstones(0)


@pytest.mark.parametrize("pin", ["x", "00", "g" * 64])
def test_a_pin_that_is_none_is_refused(pin: str):
    with pytest.raises(InvalidInput):
        parse_pin(pin)


def test_a_proxy_that_is_named_holds_whatever_the_surroundings_say(
    stage, monkeypatch: pytest.MonkeyPatch
):
    station, _, running, _ = stage
    known = station.source.kept
    assert known is not None
    proxy = ConnectProxy()
    address = f"http://127.0.0.1:{proxy.port}"
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    named = replace(known, url=running.url, proxy=address)
    with sync_client(named) as client:
        client.tombstones(0)
    assert proxy.asked == [f"127.0.0.1:{running.port}"]
    proxy.close()
    with sync_client(replace(named, proxy="direct")) as client:
        client.tombstones(0)
    with sync_client(replace(named, proxy="")) as client, pytest.raises(ConnectionRefused):
        client.tombstones(0)


@pytest.mark.parametrize("text", ["proxy:3128", "socks5://proxy", "http://", "http://[", "ftp://x"])
def test_a_proxy_that_is_none_is_refused(text: str):
    with pytest.raises(InvalidInput):
        parse_proxy(text)


def test_a_proxy_of_the_surroundings_is_used(stage, monkeypatch: pytest.MonkeyPatch):
    station, _, running, _ = stage
    known = station.source.kept
    assert known is not None
    proxy = ConnectProxy()
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with SyncClient(running.url, known.device_token, known.ca_file) as client:
        client.tombstones(0)
    assert proxy.asked == [f"127.0.0.1:{running.port}"]
    proxy.close()
    with (
        SyncClient(running.url, known.device_token, known.ca_file) as client,
        pytest.raises(ConnectionRefused),
    ):
        client.tombstones(0)
