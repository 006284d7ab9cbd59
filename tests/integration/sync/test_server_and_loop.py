"""The real loop and client against the real server, over TLS on loopback."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from softphone.app.bus import Bus
from softphone.app.ports import Enrolment
from softphone.domain.errors import CertificateRejected, ConnectionRefused, Refused
from softphone.domain.events import Event, SyncChanged
from softphone.server import run
from softphone.sync.client import SyncClient, enrol
from softphone.sync.loop import SyncLoop
from tests.fakes.authority import Authority
from tests.fakes.lanes import ThreadLane
from tests.fakes.sync_source import MemorySource


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return 0.0


class Running:
    """A server on a port of loopback; it may be stopped and started again."""

    def __init__(self, folder: Path, certfile: Path, keyfile: Path) -> None:
        self.folder = folder
        self._files = (certfile, keyfile)
        run.init(folder)
        self.port = 0
        self.start()

    def start(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", self.port))
        self.port = self._socket.getsockname()[1]
        self._server = run.build_server(self.folder, "127.0.0.1", self.port, *self._files)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="server"
        )
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self._socket.close()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


class Workstation:
    """A source with its loop."""

    def __init__(self, server: Running, ca_file: str) -> None:
        self.source = MemorySource()
        self.lane = ThreadLane()
        self.bus = Bus()
        self.outcomes: queue.SimpleQueue[SyncChanged] = queue.SimpleQueue()
        self.bus.subscribe(self._heard)
        token = run.issue_token(server.folder)
        self.source.save_enrolment(
            enrol(server.url, token, self.source.device, self.source.log_key, ca_file)
        )
        self.loop = self.new_loop()

    def new_loop(self) -> SyncLoop:
        return SyncLoop(
            self.source,
            self.lane,
            self.bus,
            SystemClock(),
            interval_s=3600,
            first_delay_s=0.05,
            longest_delay_s=0.05,
        )

    def _heard(self, event: Event) -> None:
        if isinstance(event, SyncChanged):
            self.outcomes.put(event)

    def settle(self) -> SyncChanged:
        """Wait for a round that went well."""
        while True:
            outcome = self.outcomes.get(timeout=30)
            if not outcome.problem:
                return outcome

    def close(self) -> None:
        self.loop.stop()
        self.lane.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def server(tmp_path: Path, authority: Authority) -> Iterator[Running]:
    running = Running(tmp_path / "server", *authority.issue())
    yield running
    running.stop()


def test_two_workstations_follow_each_other(server: Running, authority: Authority):
    one, two = (Workstation(server, str(authority.ca_file)) for _ in range(2))
    one.source.write(700)
    erased = one.source.erase()
    one.loop.start()
    assert one.settle().waiting == 0
    two.loop.start()
    two.settle()
    assert two.source.applied == [erased.erasure]
    # A restart, and the same again: nothing is sent or carried out twice.
    one.loop.stop()
    one.loop = one.new_loop()
    one.loop.start()
    one.settle()
    assert one.source.applied == [erased.erasure]
    one.source.write(1)
    one.loop.poke()
    assert one.settle().waiting == 0
    enrolment = one.source.kept
    assert enrolment is not None
    store = run.open_store(server.folder)
    assert store.counts() == {"devices": 2, "leaves": 701, "tombstones": 1}
    assert store.progress(erased.erasure) == (1, 2, 2)
    store.close()
    one.close()
    two.close()


def test_a_server_that_is_gone_for_weeks_gets_everything_afterwards(
    server: Running, authority: Authority
):
    station = Workstation(server, str(authority.ca_file))
    station.source.write(3)
    station.loop.start()
    station.settle()
    server.stop()
    station.source.write(500)
    station.source.erase()
    station.loop.poke()
    assert station.outcomes.get(timeout=30).problem
    server.start()
    assert station.settle().waiting == 0
    station.close()


def test_a_lost_answer_is_asked_for_again(server: Running, authority: Authority):
    station = Workstation(server, str(authority.ca_file))
    station.source.write(10)
    batch = station.source.unsent_leaves(100)
    enrolment = station.source.kept
    assert batch is not None
    assert enrolment is not None
    with SyncClient(enrolment.url, enrolment.device_token, enrolment.ca_file) as client:
        lost = client.push_leaves(batch)
        assert client.push_leaves(batch) == lost
        assert client.policy() is None
    station.loop.start()
    assert station.settle().waiting == 0
    assert station.source.cosigned == {10: lost}
    station.close()


def test_certificates_are_verified(server: Running, authority: Authority, tmp_path: Path):
    source = MemorySource()
    token = run.issue_token(server.folder)
    with pytest.raises(CertificateRejected):
        enrol(server.url, token, source.device, source.log_key)
    url = server.url.replace("127.0.0.1", "localhost")
    with pytest.raises(CertificateRejected):
        enrol(url, token, source.device, source.log_key, str(authority.ca_file))
    other = Authority(tmp_path)
    with pytest.raises(CertificateRejected):
        enrol(server.url, token, source.device, source.log_key, str(other.ca_file))
    # None of these used the token up.
    assert isinstance(
        enrol(server.url, token, source.device, source.log_key, str(authority.ca_file)), Enrolment
    )
    with pytest.raises(Refused):
        enrol(server.url, token, source.device, source.log_key, str(authority.ca_file))


def test_an_expired_certificate_is_refused(tmp_path: Path, authority: Authority):
    running = Running(tmp_path / "server", *authority.issue(expired=True))
    source = MemorySource()
    with pytest.raises(CertificateRejected):
        enrol(running.url, "t", source.device, source.log_key, str(authority.ca_file))
    running.stop()
    with pytest.raises(ConnectionRefused):
        enrol(running.url, "t", source.device, source.log_key, str(authority.ca_file))
