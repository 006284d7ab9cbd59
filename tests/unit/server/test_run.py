from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.errors import StorageFailed
from softphone.server import run


def test_initialising_twice_changes_nothing(tmp_path: Path):
    folder = tmp_path / "server"
    key = run.init(folder)
    token = run.issue_token(folder)
    assert run.init(folder, "sqlite:////somewhere/else.db") == key
    assert token != run.issue_token(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_a_database_of_ones_own(tmp_path: Path):
    run.init(tmp_path / "server", f"sqlite:///{tmp_path / 'other.db'}")
    assert (tmp_path / "other.db").exists()
    assert not (tmp_path / "server" / "server.db").exists()


@pytest.mark.parametrize("content", [None, b"", b"[]", b"{}"])
def test_a_folder_that_is_not_initialised(tmp_path: Path, content: bytes | None):
    if content is not None:
        (tmp_path / "server.json").write_bytes(content)
    with pytest.raises(StorageFailed):
        run.issue_token(tmp_path)


def test_a_database_nobody_knows(tmp_path: Path):
    with pytest.raises(StorageFailed):
        run.init(tmp_path, "nonsense://x")
