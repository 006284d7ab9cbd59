from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from softphone.compose import keeping
from softphone.compose.alone import alone, lock_file
from softphone.domain.errors import InvalidInput, StorageFailed
from softphone.paths import Profile

HOLDER = """
import sys
from pathlib import Path
from softphone.compose.alone import alone
from softphone.paths import Profile
with alone(Profile(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_of_two_that_start_at_once_one_works(tmp_path: Path):
    """Another process, as two clicks on the icon would start; however it ends, the next one may."""
    profile = Profile(tmp_path / "profile")
    for end in ("kill", "close"):
        other = subprocess.Popen(
            [sys.executable, "-c", HOLDER, profile.root],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(InvalidInput, match="at work on this profile"), alone(profile):
            pytest.fail("both are at work")
        with pytest.raises(InvalidInput, match="at work"), keeping.at_rest(profile):
            pytest.fail("a command is at work beside the phone")
        with alone(Profile(tmp_path / "another")):
            pass
        if end == "kill":
            other.kill()
        other.stdin.close()
        other.stdout.close()
        other.wait(timeout=20)
        with alone(profile):
            pass


def test_nothing_is_made_in_the_profile_and_its_path_is_told_to_nobody(tmp_path: Path, locks: Path):
    profile = Profile(tmp_path / "secret name")
    with alone(profile):
        assert not profile.root.exists()
        [file] = [p for p in locks.rglob("*") if p.is_file()]
        assert file == lock_file(profile)
        assert "secret" not in str(file)
        assert file.stat().st_mode & 0o077 == 0


def test_a_folder_for_locks_that_cannot_be_made_is_said(tmp_path: Path, locks: Path):
    locks.write_text("a file in the way")
    with pytest.raises(StorageFailed, match="folder for locks"), alone(Profile(tmp_path / "x")):
        pytest.fail("without a lock")
