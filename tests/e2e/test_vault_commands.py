"""The vault's commands as a person types them, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from softphone.app.ports import NewMember, RecordingFilter
from softphone.compose.office import vault_keeper
from softphone.domain.audit import Action
from softphone.domain.privacy import ErasureReason
from softphone.paths import Profile
from tests.unit.vault.rig import AUDIO, contact, draft, seal

PASSWORD, SECOND, THIRD = "four random words here", "quite another phrase", "yet another phrase"

NUMBER = "+493012345678"

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


def test_keys_of_recordings_lie_apart_and_bring_no_erased_person_back(tmp_path: Path):
    """A main file kept for years, and the newest keys on another disk."""
    profile, attic, disk = tmp_path / "desk", tmp_path / "attic", tmp_path / "disk"
    attic.mkdir()
    disk.mkdir()
    keys = str(disk / "desk.keys")
    key, gone, kept = recorded_desk(Profile(profile))
    office = f"Ida Root\n{PASSWORD}\n"
    backup = ("vault", "backup", "--profile", str(profile), "--keys", keys)
    code, answer = softphone(*backup, str(attic / "first.age"), said=office)
    assert (code, answer["keys"], (attic / "first.age.keys").exists()) == (0, keys, False)
    assert str(answer["keys_until"])[:4].isdecimal()
    erase(Profile(profile), NUMBER)
    code, _ = softphone(*backup, str(tmp_path / "second.age"), "--keys-days", "5", said=office)
    assert code == 0
    code, _ = softphone(*backup, str(tmp_path / "second.age"), "--keys-days", "99", said=office)
    assert code == 1

    def restore(to: str, *options: str) -> tuple[int, dict[str, object]]:
        return softphone(
            "vault", "restore", str(attic / "first.age"), "--profile", str(tmp_path / to), *options,
            said=f"{key}\nSam Ears\n{SECOND}\n",
        )  # fmt: skip

    assert restore("none")[0] == 1, "the keys are not beside it"
    code, answer = restore("drilled", "--drill", "--keys", keys)
    assert (code, answer["recordings"], answer["opened_by_the_recovery_key"]) == (0, 1, 1)
    code, answer = restore("new", "--keys", keys)
    assert (code, answer["recordings_erased_since"], answer["recordings_without_key"]) == (0, 1, 0)
    vault = vault_keeper(Profile(tmp_path / "new")).unlock("Sam Ears", SECOND)
    assert vault.find_contact(NUMBER) is None
    assert [r.id for r in vault.recordings(RecordingFilter(), 9, 0)] == [kept] != [gone]
    reader = vault.open_recording(kept, draft(vault))
    assert reader.read_at(0, len(AUDIO) + 1) == AUDIO
    reader.close()
    vault.close()
    code, answer = restore("mute", "--without-keys")
    assert (code, answer["recordings_without_key"], answer["keys_until"]) == (0, 2, "")


def recorded_desk(profile: Profile) -> tuple[str, str, str]:
    """Set up a workstation with two recorded people; return recovery key and recordings."""
    administrator = NewMember("Ida Root", PASSWORD, "administrator", "office")
    vault, key = vault_keeper(profile).create(administrator, "desk 7")
    vault.add_member(NewMember("Sam Ears", PASSWORD, "supervisor", "sales"), draft(vault))
    vault.close()
    vault = vault_keeper(profile).unlock("Sam Ears", PASSWORD)
    vault.save_contact(contact("Ada Lovelace", NUMBER), draft(vault))
    recordings = []
    for number in (NUMBER, "+442079460000"):
        sealed = seal(profile, vault, number)
        vault.take_in(sealed, draft(vault, Action.RECORDING_SEALED))
        recordings.append(sealed.manifest.recording)
    vault.close()
    return key, recordings[0], recordings[1]


def erase(profile: Profile, number: str) -> None:
    vault = vault_keeper(profile).unlock("Sam Ears", PASSWORD)
    person = vault.find_contact(number)
    assert person is not None
    vault.erase_contact(person.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    vault.close()


def test_a_wrong_password_and_no_vault_are_told_in_a_sentence(tmp_path: Path):
    code, _ = softphone(
        "vault", "rekey", "--profile", str(tmp_path / "none"), said=f"Ida\n{PASSWORD}\n"
    )
    assert code == 1
