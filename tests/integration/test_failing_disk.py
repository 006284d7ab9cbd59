"""A real disk that gets full and read-only under the vault: every outcome is a sentence."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FULL = ["StorageFailed", "The disk is full."]
READ_ONLY = ["StorageFailed", "The disk is read-only."]
OUTCOMES = {
    "set up on a full disk": FULL,
    "a deed on a full disk": ["StorageFailed", "The disk is full, read-only or busy."],
    "leaving on a full disk": ["done"],
    "sign-in on a full disk": FULL,
    "a deed with room again": ["done"],
    "the log holds": ["True"],
    "recording on a full disk": ["StorageFailed", "The disk is full, read-only or busy."],
    "recording with room again": ["done"],
    "sign-in on a read-only disk": READ_ONLY,
    "set up on a read-only disk": READ_ONLY,
    "sign-in when it can be written again": ["done"],
}


def own_mounts() -> list[str]:
    """Return how to run something with mounts of its own; nothing where that is forbidden."""
    command = ["unshare", "--mount", "--map-root-user"]
    if shutil.which("unshare") is None:
        return []
    allowed = subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    return command if allowed else []


def test_every_outcome_is_a_sentence(tmp_path: Path):
    unshare = own_mounts()
    if not unshare:
        pytest.skip("this system lets nobody have mounts of their own")
    done = subprocess.run(
        [*unshare, sys.executable, "-m", "tests.fakes.small_disk_child", tmp_path],
        capture_output=True, text=True, timeout=50, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert {step: [said[0], *said[2:3]] for step, said in told.items()} == OUTCOMES
    for said in told.values():
        assert all(part and "/" not in part and "Errno" not in part for part in said)
