"""The vault's commands as a person types them, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from softphone.app.ports import NewMember
from softphone.compose.office import vault_keeper
from softphone.paths import Profile

PASSWORD, SECOND, THIRD = "four random words here", "quite another phrase", "yet another phrase"

pytestmark = pytest.mark.e2e


def softphone(*arguments: str, said: str) -> tuple[int, dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", "softphone", *arguments],
        input=said,
        capture_output=True,
        timeout=50,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else {}


def test_backup_restore_rekey_and_a_forgotten_password(tmp_path: Path):
    old, new, file = tmp_path / "old", tmp_path / "new", tmp_path / "backup.age"
    administrator = NewMember("Ida Root", PASSWORD, "administrator", "office")
    vault, key = vault_keeper(Profile(old)).create(administrator, "desk 7")
    vault.close()
    code, _ = softphone(
        "vault", "backup", str(file), "--profile", str(old), said=f"Ida Root\n{PASSWORD}\n"
    )
    assert code == 0
    code, answer = softphone(
        "vault", "restore", str(file), "--profile", str(new), said=f"{key}\nIda Root\n{SECOND}\n"
    )
    assert code == 0
    assert "erased after" in str(answer["unknown"])
    code, _ = softphone("vault", "rekey", "--profile", str(new), said=f"Ida Root\n{SECOND}\n")
    assert code == 0
    code, _ = softphone("reset-password", "--profile", str(new), said=f"{key}\nIda Root\nshort\n")
    assert code == 1
    code, _ = softphone("reset-password", "--profile", str(new), said=f"{key}\nIda Root\n{THIRD}\n")
    assert code == 0
    code, _ = softphone("audit", "verify", "--profile", str(new), said=f"Ida Root\n{THIRD}\n")
    assert code == 0


def test_a_wrong_password_and_no_vault_are_told_in_a_sentence(tmp_path: Path):
    code, _ = softphone(
        "vault", "rekey", "--profile", str(tmp_path / "none"), said=f"Ida\n{PASSWORD}\n"
    )
    assert code == 1
