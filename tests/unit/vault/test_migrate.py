from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.errors import Damaged
from softphone.vault.database import open_database
from softphone.vault.migrate import migrate, newest_version


def test_an_empty_database_is_brought_to_the_newest_version_once(tmp_path: Path):
    connection = open_database(tmp_path / "x.db", b"k" * 32)
    assert migrate(connection) == newest_version() >= 1
    assert migrate(connection) == newest_version()
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert {"audit_leaves", "contacts_fts", "erasures"} <= tables
    connection.close()


def test_a_newer_vault_is_refused_and_left_alone(tmp_path: Path):
    connection = open_database(tmp_path / "x.db", b"k" * 32)
    connection.execute(f"PRAGMA user_version = {newest_version() + 1}")
    with pytest.raises(Damaged, match="newer version"):
        migrate(connection)
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()


def test_every_index_uses_secure_delete(tmp_path: Path):
    connection = open_database(tmp_path / "x.db", b"k" * 32)
    migrate(connection)
    for table in ("contacts_fts", "calls_fts", "recordings_fts"):
        row = connection.execute(
            f"SELECT v FROM {table}_config WHERE k = 'secure-delete'"  # noqa: S608
        ).fetchone()
        assert row == (1,)
    connection.close()
