from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from softphone.compose import keeping
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.errors import Refused, WrongCredentials
from softphone.domain.privacy import ErasureReason
from softphone.paths import Profile
from softphone.vault.backup import payload_folder
from softphone.vault.backup_keys import keys_file
from softphone.vault.keeper import FileVaultKeeper
from softphone.vault.restore_drill import examine
from softphone.vault.secret_store import NoSecretStore
from tests.unit.vault.rig import ADMIN, AGENT, CHEAP, SUPERVISOR, Rig, contact, draft
from tests.unit.vault.test_backup import NUMBER, back_up, record, restoring


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    made = Rig(tmp_path / "profile", secrets=NoSecretStore())
    made.create(SUPERVISOR, AGENT)

    def keeper(profile: Profile) -> FileVaultKeeper:
        return FileVaultKeeper(profile, made.clock, made.secrets, kdf=CHEAP)

    monkeypatch.setattr(keeping, "vault_keeper", keeper)
    monkeypatch.setattr(keeping, "SystemClock", lambda: made.clock)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "desk7.age"


def drill(rig: Rig, file: Path, member=ADMIN, **changed: object) -> dict[str, object]:
    said = {"recovery_key": rig.recovery_key, "name": member.name, "password": member.password}
    return keeping.restore_drill(rig.profile, file, without_server=True, **(said | changed))


def state(folder: Path) -> dict[str, str]:
    """Return every file but the database, which the drill's own entry changes."""
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and "vault.db" not in p.name and p.name != "marks"
    }


def entries(rig: Rig) -> list[tuple[str, dict[str, str]]]:
    vault = rig.open(ADMIN)
    rows = vault.audit_rows(AuditFilter(action=Action.BACKUP_TESTED), 9, 0)
    vault.close()
    return [(row.entry.result, row.detail) for row in rows]


def test_a_drill_restores_everything_and_leaves_nothing(rig: Rig, file: Path, tmp_path: Path):
    record(rig)
    record(rig)
    back_up(rig, file)
    before = state(tmp_path)
    found = drill(rig, file)
    assert found["ok"], found
    assert (found["recordings"], found["people"]) == (2, 3)
    assert found["opened_by_the_recovery_key"] == 2
    assert (found["log_holds"], found["erased_anew"]) == (True, 0)
    assert state(tmp_path) == before
    assert {p.name for p in tmp_path.iterdir()} == {"profile", "backups"}
    assert (found["recordings_without_key"], found["keys_until"]) == (
        0,
        "2026-12-28T09:42:09.000000Z",
    )
    [(result, detail)] = entries(rig)
    assert (result, detail["recordings"], detail["missing"]) == ("done", "2", "0")
    assert (detail["without_key"], detail["keys_until"][:10]) == ("0", "2026-12-28")


def test_who_was_erased_since_does_not_come_back_in_the_drill_either(rig: Rig, file: Path):
    vault = rig.open(AGENT)
    ada = contact("Ada", NUMBER)
    vault.save_contact(ada, draft(vault))
    vault.close()
    record(rig, NUMBER)
    back_up(rig, file)
    vault = rig.open(SUPERVISOR)
    vault.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    vault.close()
    found = drill(rig, file)
    assert (found["ok"], found["recordings"], found["unknown"]) == (True, 0, "")
    assert found["erased_anew"] == 1


def test_keys_that_ended_fail_the_drill_and_without_them_it_counts(rig: Rig, file: Path):
    record(rig)
    back_up(rig, file)
    rig.clock.advance(36 * 86_400)
    with pytest.raises(Refused, match="hold until 2026-12-28"):
        drill(rig, file)
    found = drill(rig, file, without_keys=True)
    assert (found["ok"], found["recordings_without_key"], found["keys_until"]) == (True, 1, "")
    assert found["opened_by_the_recovery_key"] == 0
    (last, _), (first, detail) = entries(rig)
    assert (first, last) == ("failed", "done")
    assert "hold until 2026-12-28" in detail["why"]


def test_keys_that_are_too_old_for_the_backup_fail_the_drill(rig: Rig, file: Path, tmp_path: Path):
    record(rig)
    back_up(rig, file)
    then = Path(shutil.copy(keys_file(file), tmp_path / "then.keys"))
    record(rig)
    back_up(rig, file)
    found = drill(rig, file, keys=then)
    assert (found["ok"], found["recordings_without_key"]) == (False, 1)
    assert found["opened_by_the_recovery_key"] == 1


def test_what_the_backup_lacks_or_was_altered_in_is_counted(rig: Rig, file: Path):
    record(rig)
    record(rig)
    back_up(rig, file)
    first, second = sorted(payload_folder(file).iterdir())
    first.unlink()
    damaged = bytearray(second.read_bytes())
    damaged[-1] ^= 1
    second.write_bytes(damaged)
    found = drill(rig, file)
    assert (found["ok"], found["missing_payloads"]) == (False, 2)
    [(result, detail)] = entries(rig)
    assert (result, detail["missing"]) == ("failed", "2")


def test_another_key_and_another_right_end_the_drill(rig: Rig, file: Path, tmp_path: Path):
    back_up(rig, file)
    with pytest.raises(WrongCredentials):
        drill(rig, file, recovery_key="abandon " * 23 + "art")
    with pytest.raises(Refused):
        drill(rig, file, AGENT)
    with pytest.raises(WrongCredentials):
        drill(rig, file, password="some other words")
    assert {p.name for p in tmp_path.iterdir()} == {"profile", "backups"}
    assert [result for result, _ in entries(rig)] == ["refused"]


def test_on_a_new_workstation_nobody_signs_in(rig: Rig, file: Path, tmp_path: Path):
    record(rig)
    back_up(rig, file)
    found = keeping.restore_drill(
        Profile(tmp_path / "new"), file, without_server=True, recovery_key=rig.recovery_key,
        name=SUPERVISOR.name, password="",
    )  # fmt: skip
    assert found["ok"]
    assert "erased after" in str(found["unknown"])
    assert not (tmp_path / "new").exists()


def test_a_payload_that_was_exchanged_is_found_in_the_copy(rig: Rig, file: Path, tmp_path: Path):
    record(rig)
    back_up(rig, file)
    work = restoring(rig, tmp_path / "other")
    staged = work.unpack(file, rig.recovery_key, SUPERVISOR.name, "another four random words")
    try:
        [payload] = [p for p in staged.vault._stores.core.profile.recordings.rglob("*.pay")]
        payload.write_bytes(payload.read_bytes()[:-1] + b"x")
        found = examine(staged, rig.recovery_key)
    finally:
        staged.vault.close()
        work.discard()
    assert (found.altered, found.holds) == (1, False)


def test_the_copy_is_encrypted_while_it_lasts(rig: Rig, file: Path, tmp_path: Path):
    vault = rig.open(AGENT)
    vault.save_contact(contact("Ada Lovelace", NUMBER), draft(vault))
    vault.close()
    back_up(rig, file)
    work = restoring(rig, tmp_path / "other")
    staged = work.unpack(file, rig.recovery_key, SUPERVISOR.name, "another four random words")
    staged.vault.close()
    whole = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    work.discard()
    assert b"Lovelace" not in whole
    assert NUMBER.encode() not in whole
