"""Four server processes on one PostgreSQL, with nginx for TLS in front: one log per device."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import httpx
import pytest

from softphone.app.ports import Enrolment, LeafBatch
from softphone.domain.errors import CertificateRejected, ServerMisbehaved
from softphone.domain.note import parse_checkpoint, parse_note
from softphone.server import run
from softphone.sync.client import SyncClient, enrol
from softphone.sync.trust import tls_context
from tests.fakes.authority import Authority
from tests.fakes.nginx import nginx
from tests.fakes.ports import free_port
from tests.fakes.postgres import pg_ctl, postgres
from tests.fakes.sync_source import MemorySource

COUNT = 4


class Front:
    """What stands behind one address."""

    def __init__(self, url: str, folder: Path, ca_file: Path, ports: list[int]) -> None:
        self.url = url
        self.folder = folder
        self.ca_file = str(ca_file)
        self.ports = ports

    def client(self, known: Enrolment) -> SyncClient:
        return SyncClient(known.url, known.device_token, self.ca_file)

    def enrolled(self) -> tuple[MemorySource, Enrolment]:
        source = MemorySource()
        token = run.issue_token(self.folder)
        return source, enrol(self.url, token, source.device, source.log_key, self.ca_file)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    control = pg_ctl()
    if control is None:
        pytest.skip("PostgreSQL is not installed")
    folder = tmp_path_factory.mktemp("four")
    authority = Authority(folder)
    certificate, key = authority.issue()
    data = folder / "server"
    ports = [free_port() for _ in range(COUNT)]
    with postgres(control) as url:
        run.init(data, url)
        command = [sys.executable, "-m", "softphone", "server", "run", "--data", str(data)]
        processes = [
            subprocess.Popen([*command, "--port", str(port)], stderr=subprocess.DEVNULL)
            for port in ports
        ]
        try:
            with nginx(certificate, key, ports) as port:
                made = Front(f"https://127.0.0.1:{port}", data, authority.ca_file, ports)
                _wait(made)
                yield made
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(20)


def _wait(front: Front) -> None:
    addresses = [f"http://127.0.0.1:{port}" for port in front.ports]
    context = tls_context(front.ca_file)
    with httpx.Client(transport=httpx.HTTPTransport(verify=context, retries=9)) as http:
        for address in (*addresses, front.url):
            assert http.get(f"{address}/health/ready").status_code == 200


def batch(source: MemorySource, first: int, end: int) -> LeafBatch:
    return LeafBatch(first, tuple(source.leaves[first:end]), source.checkpoint(end))


def together(jobs: list) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(50)


def test_the_same_entries_from_everywhere_at_once_are_one_log(front: Front):
    source, known = front.enrolled()
    source.write(120)
    answers: list[list[str]] = [[] for _ in range(8)]

    def send(kept: list[str]) -> None:
        with front.client(known) as client:
            kept.extend(client.push_leaves(batch(source, n, n + 20)) for n in range(0, 120, 20))

    together([lambda kept=kept: send(kept) for kept in answers])
    # One cosignature for each size, whoever made it first: nobody signs twice.
    assert len(answers[0]) == 6
    assert all(answer == answers[0] for answer in answers)


def test_of_two_logs_with_one_key_only_one_is_ever_cosigned(front: Front):
    """A cloned workstation: both ends race with other entries at the same places."""
    source, known = front.enrolled()
    twin = copy(source)
    source.write(64)
    twin.leaves = [leaf.replace(b'"n"', b'"m"') for leaf in source.leaves]
    cosigned: list[str] = []
    refused: list[str] = []

    def send(mine: MemorySource) -> None:
        with front.client(known) as client:
            for n in range(0, 64, 8):
                try:
                    cosigned.append(client.push_leaves(batch(mine, n, n + 8)))
                except ServerMisbehaved as error:
                    refused.append(error.why)

    together([lambda mine=mine: send(mine) for mine in (source, twin) * 4])
    roots: dict[int, bytes] = {}
    for note in cosigned:
        head = parse_checkpoint(parse_note(note).text)
        assert roots.setdefault(head.size, head.root) == head.root
    assert sorted(roots) == list(range(8, 65, 8))
    assert len(refused) == 32
    store = run.open_store(front.folder)
    with store.transaction() as connection:
        stored = store.leaves(connection, source.device, 0, 99)
    assert stored in (source.leaves, twin.leaves)
    store.close()


def test_tls_ends_at_the_proxy_and_is_verified(front: Front, tmp_path: Path):
    _, known = front.enrolled()
    stranger = Authority(tmp_path)
    with (
        SyncClient(front.url, known.device_token, str(stranger.ca_file)) as client,
        pytest.raises(CertificateRejected),
    ):
        client.tombstones(0)
    with (
        SyncClient(front.url, known.device_token, front.ca_file, pin="00" * 32) as client,
        pytest.raises(CertificateRejected),
    ):
        client.tombstones(0)


def test_without_a_certificate_only_loopback_is_served(tmp_path: Path):
    run.init(tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "-m", "softphone", "server", "run", "--data", str(tmp_path / "data"),
         "--host", "0.0.0.0"],
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 1
    assert "loopback" in done.stderr or "this machine only" in done.stderr
