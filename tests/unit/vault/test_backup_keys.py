from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path

import msgspec
import pytest

from softphone.domain.audit import Action, AuditFilter
from softphone.domain.errors import Damaged, InvalidInput, NotFound, StorageFailed
from softphone.paths import Profile
from softphone.vault import backup_keys
from softphone.vault.backup import unpack
from softphone.vault.backup_keys import BackupKeys, keys_file, mark_of, read_keys, write_keys
from softphone.vault.database import open_database
from softphone.vault.recipients import HybridIdentity, parse_identity
from softphone.vault.remains import decrypted_pages
from tests.unit.vault.rig import ADMIN, AGENT, SUPERVISOR, Rig, draft
from tests.unit.vault.test_backup import NUMBER, OTHER, back_up, erase, people, record

KEY = b"v" * 32
SMALL = BackupKeys("d", "now", "then", {"d": 1}, {"r": b"k" * 32}, {}, (), (), ())


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path / "profile")
    made.create(SUPERVISOR, AGENT)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "desk7.age"


def small_keys(rig: Rig) -> list[bytes]:
    """Return every key whose destruction is an erasure."""
    vault = rig.open(SUPERVISOR)
    query = vault._stores.core.connection.execute
    found = [
        bytes(key)
        for table, column in (
            ("recording_keys", "recording_key"),
            ("subjects", "subject_key"),
            ("handover_keys", "seed"),
        )
        for (key,) in query(f"SELECT {column} FROM {table}").fetchall()  # noqa: S608
    ]
    vault.close()
    return found


def vault_key(rig: Rig) -> bytes:
    vault = rig.open(SUPERVISOR)
    key = vault._stores.core.vault_key
    vault.close()
    return key


def plain_copy(rig: Rig, file: Path, to: Path) -> bytes:
    """Return all that the recovery key and the vault key show of a backup's main file."""
    profile = Profile(to)
    unpack(file, rig.recovery_key, profile)
    pages = b"".join(decrypted_pages(profile.vault / "vault.db", vault_key(rig)))
    return pages + b"".join(p.read_bytes() for p in to.rglob("*") if p.is_file())


def spellings(key: bytes) -> tuple[bytes, ...]:
    return key, key.hex().encode(), b64encode(key).rstrip(b"=")


def found_in(data: bytes, keys: list[bytes]) -> int:
    return sum(spelt in data for key in keys for spelt in spellings(key))


def read(rig: Rig, path: Path) -> BackupKeys:
    return read_keys(path, parse_identity(rig.recovery_key), vault_key(rig))


def test_no_small_key_is_left_in_the_copy_of_the_database(rig: Rig, file: Path, tmp_path: Path):
    people(rig)
    for _ in range(30):
        record(rig)
        record(rig, OTHER)
    vault = rig.open(SUPERVISOR)
    vault.handover_address("sales", tmp_path / "address", draft(vault))
    vault.close()
    keys = small_keys(rig)
    assert len(keys) == 60 + 2 + 1
    pages = b"".join(decrypted_pages(rig.profile.vault / "vault.db", vault_key(rig)))
    assert all(key in pages for key in keys), "the search would find them"
    back_up(rig, file)
    assert found_in(plain_copy(rig, file, tmp_path / "attacker"), keys) == 0
    assert not list(rig.profile.vault.glob("backup.db*"))


def test_not_even_in_free_pages_of_a_vault_that_does_not_overwrite(file: Path, tmp_path: Path):
    """The copy is written page by page anew; a copy of the file would carry old keys along."""
    rig = Rig(tmp_path / "careless", secure_delete=False)
    rig.create(SUPERVISOR, AGENT)
    people(rig)
    for _ in range(20):
        record(rig)
    keys = small_keys(rig)
    erase(rig)
    pages = b"".join(decrypted_pages(rig.profile.vault / "vault.db", vault_key(rig)))
    assert found_in(pages, keys) > 0
    back_up(rig, file)
    assert found_in(plain_copy(rig, file, tmp_path / "attacker"), keys) == 0


def test_the_keys_file_holds_them_all_and_tells_nothing_without_the_recovery_key(
    rig: Rig, file: Path
):
    recording = record(rig)
    keys = small_keys(rig)
    back_up(rig, file)
    path = keys_file(file)
    assert path.stat().st_mode & 0o077 == 0
    assert found_in(path.read_bytes(), keys) == 0
    held = read(rig, path)
    assert [*held.recordings.values(), *held.subjects.values()] == keys
    assert list(held.recordings) == [recording]
    assert list(held.logs) == [held.device]
    assert (held.made_at, held.not_after) == (
        "2026-11-23T09:42:09.000000Z", "2026-12-28T09:42:09.000000Z",
    )  # fmt: skip
    assert "recordings" not in repr(held)


def test_each_backup_replaces_the_keys_and_says_until_when_they_hold(rig: Rig, file: Path):
    people(rig)
    record(rig)
    back_up(rig, file)
    keys = small_keys(rig)
    assert found_in(b"".join(read(rig, keys_file(file)).recordings.values()), keys) == 1
    erase(rig)
    rig.clock.advance(86_400)
    made = back_up(rig, file)
    held = read(rig, keys_file(file))
    assert (held.recordings, held.subjects) == ({}, {})
    assert len(held.erased_objects) == 2
    assert len(held.erased_subjects) == len(held.unsent) == 1
    assert f"{made.keys_until:%Y-%m-%d}" == "2026-12-29"
    vault = rig.open(ADMIN)
    row = vault.audit_rows(AuditFilter(action=Action.BACKUP_MADE), 1, 0)[0]
    vault.close()
    assert row.detail["keys_until"] == made.keys_until.isoformat()


def test_the_keys_may_lie_elsewhere_and_none_stay_beside(rig: Rig, file: Path, tmp_path: Path):
    back_up(rig, file)
    assert keys_file(file).exists()
    elsewhere = tmp_path / "other disk"
    elsewhere.mkdir()
    vault = rig.open(ADMIN)
    vault.back_up(file, draft(vault), elsewhere / "desk7.keys", 3)
    assert not keys_file(file).exists()
    assert read(rig, elsewhere / "desk7.keys").not_after.startswith("2026-11-26")
    for place in (file, file.with_name("desk7.age.payloads") / "x"):
        with pytest.raises(InvalidInput, match="keys would lie"):
            vault.back_up(file, draft(vault), place)
    vault.close()


def test_what_cannot_be_written_leaves_the_last_keys_and_the_last_backup(rig: Rig, file: Path):
    back_up(rig, file)
    before = {p: p.read_bytes() for p in (file, keys_file(file))}
    vault = rig.open(ADMIN)
    with pytest.raises(StorageFailed):
        vault.back_up(file, draft(vault), file.parent / "no such folder" / "keys")
    vault.close()
    assert {p: p.read_bytes() for p in before} == before
    assert not list(rig.profile.vault.glob("backup.db*"))


def test_a_backup_that_was_cut_off_leaves_no_copy_after_the_next_sign_in(rig: Rig):
    """What a power cut leaves: a whole copy, with keys that an erasure would not reach."""
    record(rig)
    vault = rig.open(ADMIN)
    core = vault._stores.core
    left = core.profile.vault / "backup.db"
    copy = open_database(left, core.vault_key)
    core.connection.backup(copy)
    copy.close()
    vault.close()
    assert left.exists()
    rig.open(ADMIN).close()
    assert not list(rig.profile.vault.glob("backup.db*"))


def test_only_the_vault_itself_can_write_keys_that_are_believed(tmp_path: Path):
    """Anybody can seal for a recovery key; what a keys file lacks is erased at a restore."""
    identity = HybridIdentity.generate()
    path = tmp_path / "x.keys"
    write_keys(path, SMALL, KEY, identity.recipient())
    assert read_keys(path, identity, KEY) == SMALL
    with pytest.raises(InvalidInput, match="another vault"):
        read_keys(path, identity, b"w" * 32)
    with pytest.raises(InvalidInput, match="another vault"):
        read_keys(path, HybridIdentity.generate(), KEY)
    # A forger knows what tells vaults apart, but no key of this one.
    forged = backup_keys._Envelope(1, backup_keys._bound_to(KEY).decode(), os.urandom(200))
    with backup_keys.sealed(path, backup_keys.parse_recipient(identity.recipient())) as out:
        out.write(msgspec.msgpack.encode(forged))
    with pytest.raises(Damaged, match="keys file is damaged"):
        read_keys(path, identity, KEY)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x80", b"\x93\x02\xa1x\xc4\x01x"])
def test_what_is_no_keys_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes):
    identity = HybridIdentity.generate()
    path = tmp_path / "x.keys"
    path.write_bytes(content)
    with pytest.raises(Damaged, match="damaged or of another kind"):
        read_keys(path, identity, KEY)
    with backup_keys.sealed(path, backup_keys.parse_recipient(identity.recipient())) as out:
        out.write(content)
    with pytest.raises(Damaged, match="damaged or of another kind"):
        read_keys(path, identity, KEY)


def test_a_later_kind_and_a_huge_one_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    identity = HybridIdentity.generate()
    path = tmp_path / "x.keys"
    monkeypatch.setattr(backup_keys, "_FORMAT", 9)
    write_keys(path, SMALL, KEY, identity.recipient())
    monkeypatch.undo()
    with pytest.raises(Damaged):
        read_keys(path, identity, KEY)
    monkeypatch.setattr(backup_keys, "_LARGEST", 10)
    with pytest.raises(Damaged):
        read_keys(path, identity, KEY)


def test_a_missing_or_unreadable_file_is_named(tmp_path: Path):
    identity = HybridIdentity.generate()
    with pytest.raises(NotFound, match=r"missing: x\.keys.*--keys.*--without-keys"):
        read_keys(tmp_path / "x.keys", identity, KEY)
    with pytest.raises(StorageFailed, match="cannot be read"):
        read_keys(tmp_path, identity, KEY)


def test_a_mark_opens_nothing(rig: Rig):
    assert mark_of(b"k" * 32) != mark_of(b"l" * 32)
    assert len(mark_of(KEY)) == 32
    assert NUMBER not in repr(SMALL)
