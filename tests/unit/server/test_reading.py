from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from softphone.server import reading, run
from softphone.server.logbook import Logbook
from softphone.server.reading import Reading, Wanted
from softphone.server.store import Store
from softphone.server.witness import load_witness
from tests.fakes.bundles import Log

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    run.init(tmp_path)
    opened = run.open_store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def log(store: Store, tmp_path: Path) -> Log:
    made = Log(30)
    token = store.enrol(store.issue_token(NOW), made.device, str(made.key), NOW)
    book = Logbook(store, load_witness(tmp_path))
    book.append(store.authenticate(token), 0, made.leaves, made.note(30))
    return made


def test_a_filter_that_matches_nothing_ends_with_a_place_to_go_on(
    store: Store, log: Log, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reading, "_CHUNK", 4)
    monkeypatch.setattr(reading, "MOST_SCANNED", 8)
    found, after = Reading(store).entries(Wanted(action="none"), None, 5)
    assert found == []
    assert after is not None
    assert (after.device, after.n) == (log.device, 7)
    rounds = 1
    while after is not None:
        found, after = Reading(store).entries(Wanted(action="none"), after, 5)
        rounds += 1
    assert rounds == 4


def test_logs_are_read_in_chunks(store: Store, log: Log, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading, "_CHUNK", 7)
    assert [leaf[:-1] for leaf in Reading(store).leaves(log.device, 20)] == log.leaves[:20]
    assert len(list(Reading(store).checkpoints(log.device, 30))) == 1
    assert list(Reading(store).checkpoints(log.device, 29)) == []
    assert Reading(store).log_size(log.device) == (str(log.key), 30, "")
    assert Reading(store).log_size("another") is None


def test_when_a_device_was_seen_is_written_once_a_minute(store: Store, log: Log):
    mine = Reading(store)

    def seen() -> datetime | None:
        return mine.devices()[0].last_seen

    assert seen() is None
    for seconds, expected in ((0, 0), (59, 0), (61, 61)):
        mine.seen(log.device, NOW + timedelta(seconds=seconds))
        assert seen() == NOW + timedelta(seconds=expected)
