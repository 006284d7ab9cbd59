from __future__ import annotations

import io
import tarfile
from pathlib import Path

import msgspec
import pytest

from softphone.app.backups import replay_erasures
from softphone.app.ports import RecordingFilter
from softphone.domain.audit import Action, AuditFilter, DataCategory
from softphone.domain.errors import Damaged, InvalidInput, NotFound, StorageFailed, WrongCredentials
from softphone.domain.privacy import ErasureReason
from softphone.domain.tombstone import parse_time
from softphone.paths import Profile
from softphone.vault import backup
from softphone.vault.backup import BackupManifest, payload_folder, unpack
from softphone.vault.journal import payload_path
from softphone.vault.recipients import HybridIdentity, X25519Identity
from softphone.vault.restoring import Restoring, erased_in
from tests.unit.vault.rig import (
    ADMIN,
    AGENT,
    AUDIO,
    CHEAP,
    SUPERVISOR,
    Rig,
    contact,
    draft,
)

NUMBER, OTHER = "+493012345678", "+442079460000"
NEW = "a new password"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path / "profile")
    made.create(SUPERVISOR, AGENT)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "desk7.age"


def record(rig: Rig, number: str = NUMBER, **how) -> str:
    vault = rig.open(AGENT)
    sealed = rig.seal(vault, number, **how)
    recording = sealed.manifest.recording
    vault.take_in(sealed, draft(vault, Action.RECORDING_SEALED, object_id=recording))
    vault.close()
    return recording


def back_up(rig: Rig, file: Path):
    vault = rig.open(ADMIN)
    made = vault.back_up(file, draft(vault, Action.BACKUP_MADE, DataCategory.WHOLE_RECORD))
    vault.close()
    return made


def restoring(rig: Rig, to: Path) -> Restoring:
    return Restoring(Profile(to), rig.clock, rig.secrets, kdf=CHEAP)


def restored(rig: Rig, file: Path, to: Path, newer: Rig | None = None):
    """Restore as the command does; returns the workstation and what was said."""
    work = restoring(rig, to)
    staged = work.unpack(file, rig.recovery_key, SUPERVISOR.name, NEW)
    erased = erased_in(newer.profile, staged.vault) if newer else None
    said = replay_erasures(staged.vault, parse_time(staged.manifest.made_at), None, erased)
    staged.vault.close()
    assert not to.exists()
    work.put_in_place()
    return Rig(to, clock=rig.clock, secrets=rig.secrets), said, staged


def test_a_restored_vault_is_the_one_that_was_backed_up(rig: Rig, file: Path, tmp_path: Path):
    whole, cut = record(rig), record(rig, cut_off=True)
    made = back_up(rig, file)
    assert (made.payloads, made.written, made.damaged) == (2, 2, 0)
    again, said, staged = restored(rig, file, tmp_path / "new")
    assert (said.carried_out, len(staged.absent)) == (0, 0)
    vault = again.keeper.unlock(SUPERVISOR.name, NEW)
    for recording in (whole, cut):
        reader = vault.open_recording(recording, draft(vault))
        assert (reader.read_at(0, len(AUDIO) + 1), reader.problem) == (AUDIO, "")
        reader.close()
    assert vault.verify_audit().holds
    (row,) = vault.audit_rows(AuditFilter(action=Action.BACKUP_RESTORED), 9, 0)
    assert row.detail["server_asked"] == "False"
    vault.close()


def test_a_second_backup_writes_only_what_is_new(rig: Rig, file: Path):
    first = record(rig)
    back_up(rig, file)
    vault = rig.open(SUPERVISOR)
    vault.delete_recording(first, draft(vault, Action.RECORDING_DELETED))
    vault.close()
    record(rig)
    record(rig)
    assert back_up(rig, file).written == 2
    assert back_up(rig, file).written == 0
    assert len(list(payload_folder(file).iterdir())) == 2


def test_nothing_readable_lies_in_a_backup(rig: Rig, file: Path):
    record(rig)
    back_up(rig, file)
    for path in file.parent.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
        if path.is_file():
            data = path.read_bytes()
            assert data.startswith(b"age-encryption.org/v1\n-> mlkem768x25519 ")
            for text in (SUPERVISOR.name, NUMBER, "SQLite", "slots", "manifest"):
                assert text.encode() not in data
    assert not list(rig.profile.vault.glob("backup.db*"))


def erase(rig: Rig, number: str = NUMBER) -> None:
    vault = rig.open(SUPERVISOR)
    found = vault.find_contact(number)
    vault.erase_contact(found.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    vault.close()


def people(rig: Rig) -> None:
    vault = rig.open(SUPERVISOR)
    vault.save_contact(contact("Ada Lovelace", NUMBER), draft(vault))
    vault.save_contact(contact("Bob Other", OTHER), draft(vault))
    vault.close()


def test_an_erased_person_does_not_come_back_when_a_newer_copy_knows(
    rig: Rig, file: Path, tmp_path: Path
):
    people(rig)
    gone, kept = record(rig), record(rig, OTHER)
    back_up(rig, file)
    erase(rig)
    again, said, _ = restored(rig, file, tmp_path / "new", newer=rig)
    assert (said.carried_out, said.unknown) == (1, "")
    vault = again.keeper.unlock(SUPERVISOR.name, NEW)
    assert vault.find_contact(NUMBER) is None
    assert vault.find_contact(OTHER) is not None
    assert [r.id for r in vault.recordings(RecordingFilter(), 9, 0)] == [kept]
    with pytest.raises(NotFound):
        vault.open_recording(gone, draft(vault))
    assert not payload_path(again.profile.recordings, gone).exists()
    assert vault.search_remains(["Ada Lovelace", NUMBER]) == 0
    assert not vault.replay_erased(erased_in(rig.profile, vault))
    vault.close()


def test_an_erased_person_does_not_come_back_when_the_server_knows(
    rig: Rig, file: Path, tmp_path: Path
):
    """The server hands this device's own tombstone back: the backup is older than it."""
    people(rig)
    record(rig)
    back_up(rig, file)
    erase(rig)
    vault = rig.open(SUPERVISOR)
    (tombstone,) = vault.unsent_tombstones()
    vault.close()
    work = restoring(rig, tmp_path / "new")
    staged = work.unpack(file, rig.recovery_key, SUPERVISOR.name, NEW)
    asked = []

    def pull(after: int):
        asked.append(after)
        return ([(7, tombstone)] if after < 7 else [], after < 7)

    said = replay_erasures(staged.vault, parse_time(staged.manifest.made_at), pull, None)
    assert (said.carried_out, said.unknown, asked) == (1, "", [0, 7])
    assert staged.vault.find_contact(NUMBER) is None
    assert staged.vault.recordings_count(RecordingFilter()) == 0
    staged.vault.close()
    work.discard()
    assert not (tmp_path / "new").exists()


def test_without_server_and_newer_copy_it_says_what_it_cannot_know(
    rig: Rig, file: Path, tmp_path: Path
):
    people(rig)
    back_up(rig, file)
    erase(rig)
    again, said, _ = restored(rig, file, tmp_path / "new")
    assert "erased after" in said.unknown
    vault = again.keeper.unlock(SUPERVISOR.name, NEW)
    assert vault.find_contact(NUMBER) is not None
    vault.close()


def test_a_person_who_came_back_after_their_erasure_is_kept(rig: Rig, file: Path, tmp_path: Path):
    people(rig)
    erase(rig)
    rig.clock.advance(60)
    vault = rig.open(SUPERVISOR)
    vault.save_contact(contact("Ada Again", NUMBER), draft(vault))
    vault.close()
    back_up(rig, file)
    again, said, _ = restored(rig, file, tmp_path / "new", newer=rig)
    assert said.carried_out == 0
    vault = again.keeper.unlock(SUPERVISOR.name, NEW)
    assert vault.find_contact(NUMBER) is not None
    vault.close()


def test_a_restore_over_a_lost_vault_is_not_taken_for_an_old_copy(rig: Rig, file: Path):
    """The key store remembers the newer state of the vault that was at this place."""
    back_up(rig, file)
    record(rig)
    rig.profile.root.rename(rig.profile.root.with_name("lost"))
    again, _, _ = restored(rig, file, rig.profile.root)
    vault = again.keeper.unlock(SUPERVISOR.name, NEW)
    assert vault.verify_audit().holds
    vault.close()
    again.open(ADMIN).close()


def test_only_the_recovery_key_opens_a_backup(rig: Rig, file: Path, tmp_path: Path):
    back_up(rig, file)
    for key in (str(HybridIdentity.generate()), str(X25519Identity.generate())):
        with pytest.raises(WrongCredentials):
            unpack(file, key, Profile(tmp_path / "x"))
    with pytest.raises(InvalidInput, match="not empty"):
        restoring(rig, rig.profile.root).unpack(file, rig.recovery_key, SUPERVISOR.name, NEW)
    with pytest.raises(Damaged):
        unpack(tmp_path / "no such file", rig.recovery_key, Profile(tmp_path / "y"))


def test_damage_is_named_and_the_rest_is_restored(rig: Rig, file: Path, tmp_path: Path):
    first, second = record(rig), record(rig)
    path = payload_path(rig.profile.recordings, first)
    path.write_bytes(b"x" + path.read_bytes()[1:])
    assert back_up(rig, file).damaged == 1
    (sealed,) = payload_folder(file).iterdir()
    data = sealed.read_bytes()
    sealed.write_bytes(data[:-1])
    again, _, staged = restored(rig, file, tmp_path / "new")
    assert len(staged.absent) == 1
    assert not payload_path(again.profile.recordings, second).exists()
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(Damaged):
        unpack(file, rig.recovery_key, Profile(tmp_path / "z"))


@pytest.mark.parametrize("name", ["../../../etc/x", "x", ""])
def test_a_forged_backup_writes_nowhere_else(rig: Rig, tmp_path: Path, name: str):
    file = tmp_path / "forged.age"
    recipient = HybridIdentity.from_seed(b"r" * 32)
    said = msgspec.json.encode(BackupManifest(1, "now", "d", ((name, "0" * 64, 1),)))
    with (
        file.open("wb") as out,
        backup._Sealed(out, recipient.recipient()) as sealed,
        tarfile.open(fileobj=sealed, mode="w|") as archive,
    ):
        for part, data in (("manifest.json", said), ("slots", b"x"), ("vault.db", b"x")):
            backup._add(archive, part, len(data), io.BytesIO(data))
        backup._add(archive, "../outside", 1, io.BytesIO(b"x"))
    with pytest.raises(Damaged):
        unpack(file, str(recipient), Profile(tmp_path / "to"))
    assert not (tmp_path / "outside").exists()


def test_a_disk_that_cannot_be_written_leaves_the_last_backup(rig: Rig, file: Path):
    back_up(rig, file)
    before = file.read_bytes()
    vault = rig.open(ADMIN)
    with pytest.raises(StorageFailed):
        vault.back_up(file / "below a file", draft(vault))
    vault.close()
    assert file.read_bytes() == before
