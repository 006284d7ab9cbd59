from __future__ import annotations

from pathlib import Path

import pytest
import sqlcipher3

from softphone.domain.errors import Damaged, StorageFailed
from softphone.vault.database import copy_database, open_database, write_compact
from softphone.vault.remains import decrypted_pages

KEY = b"k" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.db"


def test_every_setting_is_in_force(path: Path):
    connection = open_database(path, KEY)
    expected = {
        "foreign_keys": 1,
        "secure_delete": 1,
        "temp_store": 2,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "journal_mode": "wal",
        "synchronous": 2,
    }
    for name, value in expected.items():
        assert connection.execute(f"PRAGMA {name}").fetchone() == (value,), name
    assert connection.execute("PRAGMA cipher_version").fetchone()
    assert path.stat().st_mode & 0o777 == 0o600
    connection.close()
    assert not path.read_bytes().startswith(b"SQLite format 3")


def test_nothing_can_be_attached(path: Path):
    connection = open_database(path, KEY)
    with pytest.raises(sqlcipher3.DatabaseError, match="not authorized"):
        connection.execute("ATTACH DATABASE 'plain.db' AS plain KEY ''")
    connection.close()


def test_a_plaintext_file_a_wrong_key_and_a_bad_path_are_refused(path: Path):
    path.write_bytes(b"SQLite format 3\0" + bytes(4096))
    with pytest.raises(Damaged, match="not encrypted"):
        open_database(path, KEY)
    path.unlink()
    open_database(path, KEY).execute("CREATE TABLE t (v)")
    with pytest.raises(Damaged, match="key does not fit"):
        open_database(path, b"w" * 32)
    with pytest.raises(StorageFailed):
        open_database(path.parent / "no" / "x.db", KEY)
    with pytest.raises(ValueError, match="32 bytes"):
        open_database(path, b"short")


def test_a_guarded_connection_speaks_in_sentences(path: Path):
    connection = open_database(path, KEY, guarded=True)
    connection.executescript("CREATE TABLE t (v UNIQUE); CREATE TABLE u (v);")
    connection.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(5000)])
    with pytest.raises(sqlcipher3.IntegrityError):
        connection.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(StorageFailed):
        connection.execute("SELECT * FROM nowhere")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    data = bytearray(path.read_bytes())
    for page in range(3, len(data) // 4096):
        data[page * 4096 + 9] ^= 1
    path.write_bytes(data)
    connection = open_database(path, KEY, guarded=True)
    with pytest.raises(Damaged, match="damaged"):
        connection.execute("SELECT v FROM t").fetchall()
    with pytest.raises(Damaged):
        list(connection.execute("SELECT * FROM t ORDER BY v"))
    connection.close()


def test_a_vault_that_another_process_writes_is_busy_not_damaged(path: Path):
    writer = open_database(path, KEY)
    other = open_database(path, KEY, guarded=True)
    other.execute("PRAGMA busy_timeout=20")
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageFailed):
        other.execute("BEGIN IMMEDIATE")
    writer.execute("ROLLBACK")
    writer.close()
    other.close()


def test_a_compact_copy_holds_what_is_there_and_nothing_that_was(path: Path, tmp_path: Path):
    source = open_database(path, KEY, secure_delete=False)
    source.execute("CREATE TABLE t (v)")
    source.execute("INSERT INTO t VALUES ('gone for good'), ('still there')")
    source.execute("DELETE FROM t WHERE v = 'gone for good'")
    copy = copy_database(source, tmp_path / "copy.db", KEY)
    write_compact(copy, tmp_path / "compact.db")
    with pytest.raises(Damaged):
        copy.execute("ATTACH 'x' AS y")
    copy.close()
    assert b"gone for good" in b"".join(decrypted_pages(tmp_path / "copy.db", KEY))
    pages = b"".join(decrypted_pages(tmp_path / "compact.db", KEY))
    assert (b"gone for good" in pages, b"still there" in pages) == (False, True)
    assert (tmp_path / "compact.db").stat().st_mode & 0o077 == 0
    opened = open_database(tmp_path / "compact.db", KEY)
    assert opened.execute("SELECT v FROM t").fetchall() == [("still there",)]
    opened.close()
    source.close()


def test_a_copy_that_cannot_be_written_says_so(path: Path, tmp_path: Path):
    source = open_database(path, KEY)
    with pytest.raises(StorageFailed):
        copy_database(source, tmp_path / "no such folder" / "x.db", KEY)
    source.close()
    with pytest.raises(StorageFailed):
        copy_database(source, tmp_path / "copy.db", KEY)
