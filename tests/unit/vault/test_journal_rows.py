from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from softphone.domain.errors import Damaged, StorageFailed
from softphone.domain.recording import Gap, GapReason, Stanza
from softphone.vault.database import open_database
from softphone.vault.journal_rows import JournalRows
from tests.fakes.journal_child import KEY, order
from tests.fakes.listener import LISTENER

ORDER = order(LISTENER.recipient())
STANZAS = (Stanza("X25519", ("abc",), b"\x00\xff"),)


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[JournalRows]:
    opened = JournalRows(tmp_path / "journal.db", KEY)
    yield opened
    opened.close()


def test_what_was_added_comes_back(rows: JournalRows):
    rows.add(ORDER, STANZAS, b"mac", b"nonce")
    gaps = (Gap(1, 2, GapReason.HOLD),)
    with rows.transaction():
        rows.add_tail(ORDER.recording, 1, b"two")
        rows.add_tail(ORDER.recording, 0, b"one")
        rows.advance(ORDER.recording, 3, 4000, gaps)
    (row,) = rows.all()
    assert (row.order, row.stanzas, row.header_mac, row.nonce) == (ORDER, STANZAS, b"mac", b"nonce")
    assert (row.chunks, row.length_ms, row.gaps, row.manifest) == (3, 4000, gaps, None)
    assert rows.tail(ORDER.recording) == [b"one", b"two"]
    rows.delete(ORDER.recording)
    assert rows.all() == []
    assert rows.tail(ORDER.recording) == []


def test_a_transaction_is_all_or_nothing(rows: JournalRows):
    rows.add(ORDER, STANZAS, b"mac", b"nonce")
    with suppress(RuntimeError), rows.transaction():
        rows.add_tail(ORDER.recording, 0, b"one")
        raise RuntimeError("half-way")
    assert rows.tail(ORDER.recording) == []
    with rows.transaction():
        rows.add_tail(ORDER.recording, 0, b"one")
    assert rows.tail(ORDER.recording) == [b"one"]


def test_a_malformed_row_is_damage(tmp_path: Path, rows: JournalRows):
    rows.add(ORDER, STANZAS, b"mac", b"nonce")
    other = open_database(tmp_path / "journal.db", KEY)
    other.execute("UPDATE recording SET stanzas = x'00'")
    other.close()
    with pytest.raises(Damaged):
        rows.all()


def test_pages_that_were_overwritten_are_damage(tmp_path: Path):
    path = tmp_path / "journal.db"
    rows = JournalRows(path, KEY)
    for _ in range(50):
        rows.add(order(LISTENER.recipient()), STANZAS, b"mac", b"nonce")
    rows.close()
    data = bytearray(path.read_bytes())
    for page in range(2, len(data) // 4096):
        data[page * 4096 + 100] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises((Damaged, StorageFailed)):
        _use(path)


def _use(path: Path) -> None:
    rows = JournalRows(path, KEY)
    try:
        rows.all()
    finally:
        rows.close()


def test_a_locked_database_says_so(tmp_path: Path, rows: JournalRows):
    other = open_database(tmp_path / "journal.db", KEY)
    other.execute("BEGIN IMMEDIATE")
    rows._connection.execute("PRAGMA busy_timeout=1")
    with pytest.raises(StorageFailed):
        rows.add(ORDER, STANZAS, b"mac", b"nonce")
    other.close()
    rows.add(ORDER, STANZAS, b"mac", b"nonce")


def test_a_journal_that_cannot_be_set_up_is_closed(tmp_path: Path):
    path = tmp_path / "journal.db"
    other = open_database(path, KEY)
    other.execute("CREATE TABLE something(x)")
    other.execute("CREATE VIEW recording AS SELECT 1 AS id")
    other.close()
    with pytest.raises(StorageFailed):
        _use(path)
