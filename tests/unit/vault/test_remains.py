from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.errors import StorageFailed
from softphone.vault.database import open_database
from softphone.vault.remains import count_remains, decrypted_frames, decrypted_pages

KEY = b"k" * 32


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "x.db"
    connection = open_database(path, KEY)
    connection.execute("CREATE TABLE t (v)")
    connection.execute("INSERT INTO t VALUES ('needle in a page')")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


def test_pages_are_decrypted_as_sqlcipher_wrote_them(database: Path):
    pages = list(decrypted_pages(database, KEY))
    assert len(pages) == database.stat().st_size // 4096
    assert b"CREATE TABLE t" in pages[0]
    assert b"needle in a page" in b"".join(pages)
    assert b"needle" not in b"".join(decrypted_pages(database, b"w" * 32))


def test_frames_of_the_write_ahead_log_are_decrypted(database: Path):
    connection = open_database(database, KEY)
    connection.execute("INSERT INTO t VALUES ('needle in the log')")
    assert b"needle in the log" in b"".join(decrypted_frames(database, KEY))
    assert count_remains(database.parent, {database: KEY}, ["needle in the log"]) == 1
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert list(decrypted_frames(database, KEY)) == []
    connection.close()


@pytest.mark.parametrize("code", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["Müller-Lüdenscheidt", "müller-lüdenscheidt", "muller-ludenscheidt"]
)
def test_texts_are_found_in_all_spellings(tmp_path: Path, text: str, code: str):
    (tmp_path / "f").write_bytes(b"\1" + text.encode(code) + b"\1")
    assert count_remains(tmp_path, {}, ["Müller-Lüdenscheidt"]) >= 1
    assert count_remains(tmp_path, {}, ["Somebody Else", "", " "]) == 0


def test_a_text_across_two_blocks_is_found_once(tmp_path: Path):
    block = 1 << 20
    (tmp_path / "big").write_bytes(b"x" * (block - 3) + b"needle" + b"x" * block + b"needle")
    assert count_remains(tmp_path, {}, ["needle"]) == 2


def test_a_number_is_found_without_its_plus(tmp_path: Path):
    (tmp_path / "f").write_text("call 493012345678 back")
    assert count_remains(tmp_path, {}, ["+493012345678"]) == 1


def test_missing_databases_are_empty(tmp_path: Path):
    assert count_remains(tmp_path, {tmp_path / "none.db": KEY}, ["needle"]) == 0


def test_a_file_that_cannot_be_read_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "f").write_text("needle")
    real = Path.open

    def failing(self: Path, *args: object, **kwargs: object):
        if self.name == "f":
            raise PermissionError
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", failing)
    with pytest.raises(StorageFailed):
        count_remains(tmp_path, {}, ["needle"])
