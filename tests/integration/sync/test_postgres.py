"""The server on PostgreSQL, where several servers really write at the same time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from softphone.domain.errors import Refused
from softphone.domain.ids import new_id
from softphone.server import run
from softphone.server.logbook import Conflict, LeavesRefused, Logbook
from softphone.server.store import Store
from softphone.server.tables import metadata
from softphone.server.witness import load_witness
from tests.fakes.postgres import pg_ctl, postgres
from tests.fakes.sync_source import MemorySource

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    control = pg_ctl()
    if control is None:
        pytest.skip("PostgreSQL is not installed")
    data_dir = tmp_path_factory.mktemp("server")
    with postgres(control) as url:
        run.init(data_dir, url)
        yield data_dir


@pytest.fixture
def stores(folder: Path) -> Iterator[list[Store]]:
    opened = [run.open_store(folder) for _ in range(4)]
    yield opened
    for store in opened:
        store.close()


def test_the_schema_is_that_of_the_code(stores: list[Store]):
    with stores[0].transaction() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_enrolment(stores: list[Store]):
    source = MemorySource()
    token = stores[0].issue_token(NOW)
    own = stores[1].enrol(token, source.device, source.log_key, NOW)
    assert stores[2].authenticate(own).id == source.device
    for used, when in ((token, NOW), (stores[0].issue_token(NOW), NOW + timedelta(days=8))):
        other = MemorySource()
        with pytest.raises(Refused):
            stores[0].enrol(used, other.device, other.log_key, when)


def test_servers_side_by_side_keep_one_log(folder: Path, stores: list[Store]):
    source = MemorySource()
    source.write(200)
    token = stores[0].issue_token(NOW)
    device = stores[0].authenticate(stores[0].enrol(token, source.device, source.log_key, NOW))
    witness = load_witness(folder)
    together = threading.Barrier(len(stores))
    answers: list[list[str]] = [[] for _ in stores]

    def send(mine: Store, kept: list[str]) -> None:
        book = Logbook(mine, witness)
        together.wait(20)
        for end in range(20, 201, 20):
            leaves = source.leaves[end - 20 : end]
            kept.append(book.append(device, end - 20, leaves, source.checkpoint(end)))

    threads = [
        threading.Thread(target=send, args=pair) for pair in zip(stores, answers, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert len(answers[0]) == 10
    assert all(answer == answers[0] for answer in answers)
    source.leaves[5] = b"forged"
    with pytest.raises(LeavesRefused) as caught:
        Logbook(stores[0], witness).append(device, 0, source.leaves, source.checkpoint(200))
    assert caught.value.conflict is Conflict.FORK


def test_tombstones_become_visible_in_their_own_order(stores: list[Store]):
    """A reader that goes on from its cursor while others write misses nothing."""
    before = len(stores[0].tombstones(0, 1000))

    def add(mine: Store) -> None:
        for _ in range(25):
            mine.add_tombstone(new_id(), "{}")

    threads = [threading.Thread(target=add, args=(one,)) for one in stores[1:]]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    while len(seen) < 75:
        cursor = seen[-1] if seen else before
        seen += [one.position for one in stores[0].tombstones(cursor, 10)]
        assert seen == list(range(before + 1, before + 1 + len(seen)))
    for thread in threads:
        thread.join(40)
