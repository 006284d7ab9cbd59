from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.errors import StorageFailed
from softphone.paths import private_file, write_private


def test_a_file_appears_whole_and_private_or_not_at_all(tmp_path: Path):
    path = tmp_path / "file"
    with private_file(path) as file:
        file.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyError), private_file(path) as file:
        file.write({}["half"])
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_fails_is_told_in_sentences(tmp_path: Path):
    with pytest.raises(StorageFailed), private_file(tmp_path / "missing" / "file"):
        raise AssertionError("never reached")
    path = tmp_path / "file"
    with pytest.raises(StorageFailed), private_file(path):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []
    write_private(path, b"small")
    assert path.stat().st_mode & 0o777 == 0o600
