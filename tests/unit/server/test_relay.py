"""Addresses and packages in the server's database."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from softphone.domain.errors import ProofInvalid
from softphone.domain.ids import new_id
from softphone.domain.relay import ADDRESS_VALID_FOR, CHUNK
from softphone.server import run
from softphone.server.relay import (
    AnotherPackage,
    ChunkGap,
    NoSuchPackage,
    PackageTooLarge,
    QuotaReached,
    Relay,
    RelayLimits,
)
from softphone.server.store import Device, Store
from tests.fakes.postgres import pg_ctl, postgres
from tests.fakes.sync_source import MemorySource

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
LIMITS = RelayLimits(package=4 * CHUNK, waiting=6 * CHUNK)
BODY = bytes(range(256)) * 8192 + b"end"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def folder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    data_dir = tmp_path_factory.mktemp("server")
    if request.param == "sqlite":
        run.init(data_dir)
        yield data_dir
        return
    control = pg_ctl()
    if control is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres(control) as url:
        run.init(data_dir, url)
        yield data_dir


class Post:
    """Two devices and a relay over one database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened: list[Store] = []
        self.store: Store = run.open_store(folder)
        self.relay = Relay(self.store, LIMITS)
        self.sender, self.source = self.enrol()
        self.receiver, self.at = self.enrol()
        self.relay.publish(self.receiver, [self.at.address(NOW + timedelta(days=7))], NOW)

    def another(self) -> Relay:
        """Return the relay of another server process."""
        self.opened.append(run.open_store(self.folder))
        return Relay(self.opened[-1], LIMITS)

    def close(self) -> None:
        for store in (self.store, *self.opened):
            store.close()

    def enrol(self) -> tuple[Device, MemorySource]:
        source = MemorySource()
        token = self.store.enrol(self.store.issue_token(NOW), source.device, source.log_key, NOW)
        return self.store.authenticate(token), source

    def announce(self, package: str = "", body: bytes = BODY, *, now: datetime = NOW) -> str:
        package = package or new_id()
        digest = hashlib.sha256(body).hexdigest()
        self.relay.announce(self.sender, package, self.receiver.id, len(body), digest, now)
        return package

    def send(self, body: bytes = BODY) -> str:
        package = self.announce(body=body)
        for n in range(0, -(-len(body) // CHUNK)):
            self.put(package, n, body)
        return package

    def put(self, package: str, n: int, body: bytes = BODY, relay: Relay | None = None) -> int:
        part = body[n * CHUNK : (n + 1) * CHUNK]
        return (relay or self.relay).put_chunk(self.sender, package, n, part, NOW)

    def fetch(self, package: str, *, now: datetime = NOW) -> bytes:
        (found,) = [p for p in self.relay.waiting(self.receiver, now) if p.package == package]
        parts = (self.relay.chunk(self.receiver, package, n, now) for n in range(found.chunks))
        return b"".join(parts)


@pytest.fixture
def post(folder: Path) -> Iterator[Post]:
    opened = Post(folder)
    yield opened
    opened.close()


def test_a_package_goes_from_one_device_to_the_other(post: Post):
    package = post.send()
    assert post.fetch(package) == BODY
    post.relay.settle(post.receiver, package, "taken_in", "")
    assert post.relay.waiting(post.receiver, NOW) == []
    [known] = post.relay.sent(post.sender, NOW)
    assert (known.package, known.outcome, known.sha256) == (
        package, "taken_in", hashlib.sha256(BODY).hexdigest(),
    )  # fmt: skip
    with pytest.raises(NoSuchPackage):
        post.relay.chunk(post.receiver, package, 0, NOW)
    post.relay.settle(post.receiver, package, "refused", "unusable")
    assert post.relay.sent(post.sender, NOW)[0].outcome == "taken_in", "the first word counts"
    post.relay.withdraw(post.sender, package)
    post.relay.withdraw(post.sender, package)
    assert post.relay.sent(post.sender, NOW) == []


def test_a_device_sees_only_what_is_for_it_or_of_it(post: Post):
    package = post.send()
    stranger, _ = post.enrol()
    for who in (stranger, post.sender):
        assert post.relay.waiting(who, NOW) == []
        with pytest.raises(NoSuchPackage):
            post.relay.chunk(who, package, 0, NOW)
        with pytest.raises(NoSuchPackage):
            post.relay.settle(who, package, "taken_in", "")
    for who in (stranger, post.receiver):
        assert post.relay.sent(who, NOW) == []
        post.relay.withdraw(who, package)
        with pytest.raises(NoSuchPackage):
            post.relay.put_chunk(who, package, 0, BODY[:CHUNK], NOW)
    assert post.fetch(package) == BODY


def test_an_upload_goes_on_where_it_was_cut_off(post: Post):
    package = post.announce()
    assert post.put(package, 0) == 1
    assert post.relay.waiting(post.receiver, NOW) == [], "what is not whole is not handed out"
    # Another server process, weeks or a second later.
    other = post.another()
    digest = hashlib.sha256(BODY).hexdigest()
    known = other.announce(post.sender, package, post.receiver.id, len(BODY), digest, NOW)
    assert (known.received, known.chunks) == (1, 3)
    assert post.put(package, 0, b"x" * CHUNK, other) == 1, "what is here stays as it is"
    with pytest.raises(ChunkGap) as caught:
        post.put(package, 2)
    assert caught.value.size == 1
    assert [post.put(package, n, relay=other) for n in (1, 2)] == [2, 3]
    assert post.fetch(package) == BODY


def test_another_package_of_the_same_number_is_refused(post: Post):
    package = post.announce()
    with pytest.raises(AnotherPackage):
        post.announce(package, BODY + b"x")
    with pytest.raises(AnotherPackage):
        post.relay.announce(
            post.receiver, package, post.receiver.id, len(BODY),
            hashlib.sha256(BODY).hexdigest(), NOW,
        )  # fmt: skip


def test_sizes_are_held(post: Post):
    with pytest.raises(PackageTooLarge):
        post.announce(body=bytes(LIMITS.package + 1))
    package = post.announce()
    for wrong in (b"", BODY[: CHUNK - 1], BODY[: CHUNK + 1]):
        with pytest.raises(PackageTooLarge):
            post.relay.put_chunk(post.sender, package, 0, wrong, NOW)
    for n in range(3):
        post.put(package, n)
    with pytest.raises(ChunkGap):
        post.relay.put_chunk(post.sender, package, 4, b"x", NOW)
    with pytest.raises(PackageTooLarge):
        post.relay.put_chunk(post.sender, package, 3, b"x", NOW)


def test_one_device_cannot_fill_the_server(post: Post):
    post.announce(body=bytes(4 * CHUNK))
    with pytest.raises(QuotaReached):
        post.announce()
    small = post.announce(body=bytes(CHUNK))
    post.put(small, 0, bytes(CHUNK))
    post.relay.settle(post.receiver, small, "refused", "unusable")
    post.announce(body=bytes(2 * CHUNK))


def test_a_package_ends_with_the_address_it_is_for(post: Post):
    post.relay.publish(post.receiver, [post.at.address(NOW + timedelta(days=2))], NOW)
    package = post.send()
    later = NOW + timedelta(days=2)
    assert post.fetch(package, now=later - timedelta(seconds=1)) == BODY
    assert post.relay.waiting(post.receiver, later) == []
    assert post.relay.sent(post.sender, later) == []
    with pytest.raises(NoSuchPackage):
        post.relay.chunk(post.receiver, package, 0, later)
    post.relay.sweep(later)
    with post.store.transaction() as connection:
        for table in ("relay_chunks", "relay_packages"):
            left = connection.exec_driver_sql(
                f"SELECT count(*) FROM {table} WHERE package = '{package}'"  # noqa: S608
            ).scalar_one()
            assert left == 0
    with pytest.raises(NoSuchPackage):
        post.announce(now=later)


def test_nothing_lasts_longer_than_a_week(post: Post):
    post.relay.publish(post.receiver, [post.at.address(NOW + timedelta(days=900))], NOW)
    package = post.send()
    later = NOW + ADDRESS_VALID_FOR
    assert post.relay.waiting(post.receiver, later) == []
    assert [a for a in post.relay.addresses("", 99, later) if a[0] == post.receiver.id] == []
    assert package


def test_an_address_is_its_devices_own(post: Post):
    own = post.at.address(NOW + timedelta(days=7))
    for wrong in (
        post.source.address(NOW + timedelta(days=7)),
        post.at.address(NOW + timedelta(days=7), device=post.source.device),
        post.at.checkpoint(0),
        own.replace("sales", "sellers"),
        post.at.address(NOW, text="nonsense"),
        post.at.address(NOW, text='{"device":1}'),
        post.at.address(NOW, team="x" * 70_000),
        "nonsense",
    ):
        with pytest.raises(ProofInvalid):
            post.relay.publish(post.receiver, [own, wrong], NOW)
    digest = hashlib.sha256(own.encode()).hexdigest()
    assert post.relay.address(digest, NOW) == own
    assert (post.receiver.id, digest) in [a[:2] for a in post.relay.addresses("", 99, NOW)]
    assert post.relay.publish(post.receiver, [post.at.address(NOW)], NOW) == 0
    with pytest.raises(NoSuchPackage):
        post.relay.address(digest, NOW)


def test_what_a_retired_device_sent_or_was_sent_is_deleted(post: Post):
    package = post.send()
    post.store.retire(post.receiver.id)
    assert post.relay.sent(post.sender, NOW) == []
    assert post.receiver.id not in [a[0] for a in post.relay.addresses("", 99, NOW)]
    with pytest.raises(NoSuchPackage):
        post.announce(package)


def test_a_restored_device_leaves_nothing_behind(post: Post):
    post.send()
    newer = MemorySource()
    token = post.store.issue_token(NOW)
    post.store.enrol(token, newer.device, newer.log_key, NOW, replaces=post.sender.id)
    assert post.relay.waiting(post.receiver, NOW) == []


def test_what_waits_is_counted(post: Post):
    before = post.relay.counts()
    post.send()
    after = post.relay.counts()
    assert after["packages_waiting"] == before["packages_waiting"] + 1
    assert after["package_bytes_waiting"] == before["package_bytes_waiting"] + len(BODY)


def test_the_same_chunk_from_two_processes_is_kept_once(post: Post):
    package = post.announce()
    others = [post.another() for _ in range(4)]
    together = threading.Barrier(len(others))
    answers: list[int] = []

    def send(relay: Relay) -> None:
        for n in range(3):
            together.wait(20)
            answers.append(post.put(package, n, relay=relay))

    threads = [threading.Thread(target=send, args=(relay,)) for relay in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert sorted(answers) == sorted([1, 2, 3] * 4)
    assert post.fetch(package) == BODY
