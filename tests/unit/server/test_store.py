from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from softphone.domain.errors import Refused, StorageFailed
from softphone.domain.ids import new_id
from softphone.server import run
from softphone.server.logbook import Logbook
from softphone.server.store import Store
from softphone.server.tables import metadata
from softphone.server.witness import Witness
from tests.fakes.sync_source import MemorySource

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    run.init(tmp_path)
    opened = run.open_store(tmp_path)
    yield opened
    opened.close()


def enrolled(store: Store) -> tuple[MemorySource, str]:
    source = MemorySource()
    token = store.issue_token(NOW)
    return source, store.enrol(token, source.device, source.log_key, NOW)


def test_the_migrations_make_the_tables_that_the_code_uses(store: Store):
    with store.transaction() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    store.migrate()


def test_tokens_are_not_stored(tmp_path: Path, store: Store):
    source, token = enrolled(store)
    waiting = store.issue_token(NOW)
    assert store.authenticate(token).id == source.device
    store.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (token.partition(".")[2], waiting):
        assert secret.encode() not in stored


@pytest.mark.parametrize(
    "token",
    ["", ".", "x.y", new_id(), f"{new_id()}."],
    ids=["empty", "dot", "short", "no_secret", "empty_secret"],
)
def test_nobody_else_is_authenticated(store: Store, token: str):
    enrolled(store)
    with pytest.raises(Refused):
        store.authenticate(token)


def test_servers_side_by_side_keep_one_log(tmp_path: Path, store: Store):
    """Two servers on one database take the same batches at the same time."""
    source, token = enrolled(store)
    source.write(60)
    stores = [run.open_store(tmp_path) for _ in range(4)]
    device = store.authenticate(token)
    witness = Witness("w", bytes(32))
    together = threading.Barrier(len(stores))
    answers: list[list[str]] = [[] for _ in stores]

    def send(mine: Store, kept: list[str]) -> None:
        book = Logbook(mine, witness, lambda: 1.0)
        together.wait(20)
        for end in range(10, 61, 10):
            leaves = source.leaves[end - 10 : end]
            kept.append(book.append(device, end - 10, leaves, source.checkpoint(end)))

    threads = [
        threading.Thread(target=send, args=pair) for pair in zip(stores, answers, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    for one in stores:
        one.close()
    assert len(answers[0]) == 6
    assert all(answer == answers[0] for answer in answers)
    assert store.counts()["leaves"] == 60


def test_positions_have_no_gaps_whoever_writes(tmp_path: Path, store: Store):
    stores = [run.open_store(tmp_path) for _ in range(3)]

    def add(mine: Store) -> None:
        for _ in range(10):
            mine.add_tombstone(new_id(), "{}")

    threads = [threading.Thread(target=add, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    for one in stores:
        one.close()
    assert [one.position for one in store.tombstones(0, 100)] == list(range(1, 31))


def test_a_checkpoint_kept_by_somebody_else_first_stays(store: Store):
    source, _ = enrolled(store)
    store.keep_cosigned(source.device, 5, "first")
    store.keep_cosigned(source.device, 5, "second")
    assert store.cosigned(source.device, 5) == "first"
    with pytest.raises(StorageFailed):
        store.keep_cosigned(new_id(), 5, "of nobody")


def test_a_database_that_fails_says_so(tmp_path: Path):
    store = Store(f"sqlite:///{tmp_path / 'none' / 'server.db'}")
    assert not store.ready()
    with pytest.raises(StorageFailed):
        store.counts()
    store.close()
