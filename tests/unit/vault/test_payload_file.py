from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from softphone.vault.payload_file import DiskFiles, storage_failed


def test_files_are_private_and_grow_where_they_are_told(tmp_path: Path):
    files = DiskFiles()
    path = tmp_path / "ab" / "one.pay"
    file = files.open(path)
    file.write_at(0, b"0123456789")
    file.sync()
    file.write_at(4, b"xy")
    file.truncate(8)
    file.sync()
    file.close()
    assert path.read_bytes() == b"0123xy67"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    again = files.open(path)
    again.write_at(8, b"89")
    again.close()
    assert files.read(path, 6, 100) == b"6789"
    assert files.read(path, 100, 1) == b""
    assert files.read(tmp_path / "none", 0, 1) == b""


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path):
    (tmp_path / "target").write_bytes(b"precious")
    (tmp_path / "link.pay").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="symbolic"):
        DiskFiles().open(tmp_path / "link.pay")
    assert (tmp_path / "target").read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (errno.ENOSPC, "full"),
        (errno.EDQUOT, "full"),
        (errno.EFBIG, "full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "may not"),
        (errno.EIO, "error"),
    ],
)
def test_errors_become_sentences_without_paths(code: int, why: str):
    failed = storage_failed(OSError(code, os.strerror(code), "/home/anna/secret.pay"))
    assert why in failed.why
    assert failed.do
    assert "anna" not in str(failed)
