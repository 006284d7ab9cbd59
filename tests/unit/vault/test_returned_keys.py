"""Restoring with the keys apart: whoever was erased since does not come back, whatever is tried."""

from __future__ import annotations

import io
import itertools
import shutil
import tarfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from softphone.app.backups import replay_erasures
from softphone.app.ports import RecordingFilter
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.errors import Damaged, InvalidInput, NotFound, PolicyInvalid, Refused
from softphone.domain.ids import RecordingId
from softphone.domain.privacy import ErasureReason
from softphone.domain.tombstone import format_time, parse_time
from softphone.paths import Profile
from softphone.vault import backup
from softphone.vault.age_format import parse_header
from softphone.vault.backup import payload_folder, unpack
from softphone.vault.backup_keys import BackupKeys, keys_file, read_keys, write_keys
from softphone.vault.crypto import open_sealed
from softphone.vault.database import open_database
from softphone.vault.headers import _key
from softphone.vault.journal import payload_path
from softphone.vault.recipients import parse_identity, unwrap_file_key
from softphone.vault.secret_store import NoSecretStore
from softphone.vault.slots import KeySlots
from softphone.vault.stream import decrypt
from tests.unit.vault.rig import ADMIN, AGENT, AUDIO, SUPERVISOR, Rig, contact, draft
from tests.unit.vault.test_backup import NEW, NUMBER, OTHER, back_up, erase, people, record
from tests.unit.vault.test_backup import restoring as restoring_to
from tests.unit.vault.test_backup_keys import found_in, plain_copy, small_keys

DAY = 86_400


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path / "profile")
    made.create(SUPERVISOR, AGENT)
    people(made)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "desk7.age"


def old_copy(file: Path, name: str = "attic") -> Path:
    """Keep a backup as somebody did who copied all of it but its keys; return the main file."""
    attic = file.parent.parent / name
    attic.mkdir()
    shutil.copy(file, attic / file.name)
    shutil.copytree(payload_folder(file), payload_folder(attic / file.name))
    return attic / file.name


def restore(rig: Rig, file: Path, to: Path, keys: Path | None = None, *, without: bool = False):
    """Restore as the command does; returns the workstation, what was said, counts."""
    work = restoring_to(rig, to)
    staged = work.unpack(
        file, rig.recovery_key, SUPERVISOR.name, NEW, keys=keys, without_keys=without
    )
    made_at = parse_time(staged.manifest.made_at)
    said = replay_erasures(staged.vault, made_at, None, None, staged.keys)
    lacking = (staged.missing(), staged.keyless())
    staged.vault.close()
    work.put_in_place()
    again = Rig(to, clock=rig.clock, secrets=rig.secrets)
    again.recovery_key = rig.recovery_key
    return again, said, staged.keys, lacking


def heard(rig: Rig, recording: str, password: str = NEW) -> bytes:
    vault = rig.open(replace(SUPERVISOR, password=password))
    try:
        reader = vault.open_recording(recording, draft(vault))
        data = reader.read_at(0, len(AUDIO) + 1)
        reader.close()
        return data
    finally:
        vault.close()


def attacked(rig: Rig, file: Path, keys: Path, to: Path) -> set[str]:
    """Open what can be opened with a main file, its payloads, a keys file and the recovery key.

    Not by the program's rules: every value of the right length, in either place, for each header.
    """
    identity = parse_identity(rig.recovery_key)
    profile = Profile(to)
    unpack(file, rig.recovery_key, profile)
    slots = KeySlots(profile.vault / "slots", NoSecretStore())
    vault_key = slots.open_recovery(identity.seed).vault_key
    held = read_keys(keys, identity, vault_key)
    connection = open_database(profile.vault / "vault.db", vault_key)
    tables = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    values = {b"", bytes(32), *held.recordings.values(), *held.subjects.values()}
    for table in tables:
        for row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608
            values |= {bytes(v) for v in row if isinstance(v, bytes) and len(v) == 32}
    opened = set()
    for recording, sealed in connection.execute("SELECT id, header FROM recordings").fetchall():
        for one, other in itertools.product(values, values):
            try:
                plain = open_sealed(
                    _key(one, other, RecordingId(recording)), bytes(sealed), recording.encode()
                )
            except Damaged:
                continue
            file_key = unwrap_file_key(parse_header(plain), [identity])
            with payload_path(profile.recordings, RecordingId(recording)).open("rb") as payload:
                assert b"".join(decrypt(payload, file_key)) == AUDIO
            opened.add(recording)
    connection.close()
    return opened


def test_old_backup_recovery_key_and_newest_keys_do_not_open_an_erased_person(
    rig: Rig, file: Path, tmp_path: Path
):
    gone, kept = record(rig), record(rig, OTHER)
    back_up(rig, file)
    attic, then = old_copy(file), shutil.copy(keys_file(file), tmp_path / "keys of the day")
    keys = small_keys(rig)
    assert attacked(rig, attic, Path(then), tmp_path / "1") == {gone, kept}, "the attack works"
    erase(rig)
    destroyed = [key for key in keys if key not in small_keys(rig)]
    assert len(destroyed) == 2
    back_up(rig, file)
    assert attacked(rig, attic, keys_file(file), tmp_path / "2") == {kept}
    # Every byte of what the attacker has, opened as far as it opens, is searched for the keys.
    everything = plain_copy(rig, attic, tmp_path / "3")
    held = read_held(rig, keys_file(file))
    everything += msgspec.msgpack.encode(held)
    everything += b"".join(p.read_bytes() for p in attic.parent.rglob("*") if p.is_file())
    assert found_in(everything, destroyed) == 0


def read_held(rig: Rig, path: Path) -> BackupKeys:
    vault = rig.open(ADMIN)
    try:
        key = vault._stores.core.vault_key
        return read_keys(path, parse_identity(rig.recovery_key), key)
    finally:
        vault.close()


def test_newer_keys_erase_in_an_old_backup_whoever_was_erased_since(
    rig: Rig, file: Path, tmp_path: Path
):
    vault = rig.open(SUPERVISOR)
    vault.save_contact(contact("Cleo Callfree", "+4930999"), draft(vault))
    vault.close()
    gone, kept = record(rig), record(rig, OTHER)
    back_up(rig, file)
    attic = old_copy(file)
    rig.clock.advance(200 * DAY)
    erase(rig)
    erase(rig, "+4930999")
    later = record(rig, OTHER, at=rig.clock.now())
    back_up(rig, file)
    again, said, keys, lacking = restore(rig, attic, tmp_path / "new", keys_file(file))
    assert (keys.recordings_erased, keys.people_erased, lacking) == (1, 1, (0, 0))
    assert said.carried_out == 1
    assert "erased after 2027-06-11" in said.unknown
    assert heard(again, kept) == AUDIO
    vault = again.open(replace(SUPERVISOR, password=NEW))
    with pytest.raises(NotFound):
        vault.open_recording(gone, draft(vault))
    assert [r.id for r in vault.recordings(RecordingFilter(), 9, 0)] == [kept] != [later]
    # Somebody without any recording was erased, too: the file says so by a pseudonym.
    assert vault.find_contact("+4930999") is None
    assert vault.search_remains(["Ada Lovelace", "Cleo Callfree", NUMBER]) == 0
    assert len(vault.unsent_tombstones()) == 2
    (row,) = vault.audit_rows(AuditFilter(action=Action.BACKUP_RESTORED), 9, 0)
    assert row.detail["keys_made_at"].startswith("2027-06-11")
    assert row.detail["keys_until"].startswith("2027-07-16")
    vault.close()


def test_a_backup_whose_policy_expired_is_restored_by_an_administrator(
    rig: Rig, file: Path, tmp_path: Path
):
    """The policy is renewed before anything else: that entry is none of the backup's."""
    record(rig)
    kept = record(rig, OTHER)
    back_up(rig, file)
    attic = old_copy(file)
    for _ in range(2):
        rig.clock.advance(250 * DAY)
        rig.open(ADMIN).close()
        vault = rig.open(ADMIN)
        vault.set_workplace(vault.policy.workplace, draft(vault))
        vault.close()
    erase(rig)
    back_up(rig, file)
    with pytest.raises(PolicyInvalid, match="administrator has to sign in"):
        restore(rig, attic, tmp_path / "new", keys_file(file))
    work = restoring_to(rig, tmp_path / "new")
    staged = work.unpack(attic, rig.recovery_key, ADMIN.name, NEW, keys=keys_file(file))
    replay_erasures(staged.vault, rig.clock.now(), None, None, staged.keys)
    assert (staged.keys.recordings_erased, staged.keyless()) == (1, 0)
    assert [r.id for r in staged.vault.recordings(RecordingFilter(), 9, 0)] == [kept]
    staged.vault.close()
    work.discard()


def test_who_came_back_after_an_erasure_comes_back_without_what_was_before(
    rig: Rig, file: Path, tmp_path: Path
):
    gone = record(rig)
    back_up(rig, file)
    attic = old_copy(file)
    erase(rig)
    rig.clock.advance(DAY)
    vault = rig.open(SUPERVISOR)
    vault.save_contact(contact("Ada Again", NUMBER), draft(vault))
    vault.close()
    record(rig, at=rig.clock.now())
    back_up(rig, file)
    held = read_held(rig, keys_file(file))
    assert (gone in held.recordings, len(held.subjects)) == (False, 1)
    # Even of a file that had forgotten the erasure itself: the person's key is another one.
    forgetful = tmp_path / "forgetful.keys"
    rewrite(rig, forgetful, msgspec.structs.replace(held, erased_objects=(), erased_subjects=()))
    again, _, keys, _ = restore(rig, attic, tmp_path / "new", forgetful)
    assert (keys.recordings_erased, keys.people_erased) == (1, 1)
    vault = again.open(replace(SUPERVISOR, password=NEW))
    assert vault.find_contact(NUMBER) is None
    assert vault.search_remains(["Ada Lovelace", NUMBER]) == 0
    vault.close()


def rewrite(rig: Rig, path: Path, keys: BackupKeys) -> None:
    vault = rig.open(ADMIN)
    core = vault._stores.core
    recipient = next(g.recipient for g in core.policy.groups if g.id.startswith("recovery/"))
    write_keys(path, keys, core.vault_key, recipient)
    vault.close()


def test_keys_end(rig: Rig, file: Path, tmp_path: Path):
    record(rig)
    back_up(rig, file)
    rig.clock.advance(35 * DAY - 1)
    restore(rig, file, tmp_path / "in time")
    rig.clock.advance(1)
    with pytest.raises(Refused, match=r"hold until 2026-12-28 09:42 UTC.*--without-keys"):
        restore(rig, file, tmp_path / "late")
    assert not (tmp_path / "late").exists()


def test_a_clock_that_is_set_back_does_not_lengthen_their_life(
    rig: Rig, file: Path, tmp_path: Path
):
    record(rig)
    back_up(rig, file)
    then = Path(shutil.copy(keys_file(file), tmp_path / "then.keys"))
    rig.clock.advance(36 * DAY)
    back_up(rig, file)
    rig.clock.advance(-20 * DAY)
    with pytest.raises(Refused, match="hold until 2026-12-28"):
        restore(rig, file, tmp_path / "late", then)
    # The last entry of the log is a witness, too, where the manifest was made to say otherwise.
    saved = replace_made_at(rig, file, format_time(rig.clock.now()))
    with pytest.raises(Refused, match="hold until 2026-12-28"):
        restore(rig, saved, tmp_path / "later", then)
    # A clock that was ahead once ends nothing: only the last entry counts.
    rig.clock.advance(200 * DAY)
    erase(rig, OTHER)
    rig.clock.advance(-200 * DAY)
    vault = rig.open(ADMIN)
    vault.back_up(file, draft(vault, Action.BACKUP_MADE))
    vault.close()
    restore(rig, file, tmp_path / "again")


def replace_made_at(rig: Rig, file: Path, made_at: str) -> Path:
    """Write a backup anew with another time in its manifest."""
    identity = parse_identity(rig.recovery_key)
    parts = {}
    with tarfile.open(
        fileobj=backup.PlainStream(backup._opened(file, identity)), mode="r|"
    ) as archive:
        for member in archive:
            parts[member.name] = archive.extractfile(member).read()
    said = msgspec.json.decode(parts["manifest.json"])
    parts["manifest.json"] = msgspec.json.encode(said | {"made_at": made_at})
    return write_main(identity.recipient(), file.with_name("other.age"), parts)


def write_main(recipient: str, to: Path, parts: dict[str, bytes]) -> Path:
    with (
        to.open("wb") as out,
        backup._Sealed(out, recipient) as sealed,
        tarfile.open(fileobj=sealed, mode="w|") as archive,
    ):
        for name, data in parts.items():
            backup._add(archive, name, len(data), io.BytesIO(data))
    return to


def test_without_keys_all_but_the_recordings_comes_back(rig: Rig, file: Path, tmp_path: Path):
    kept, other = record(rig), record(rig, OTHER)
    back_up(rig, file)
    keys_file(file).unlink()
    with pytest.raises(NotFound, match="keys of its recordings is missing"):
        restore(rig, file, tmp_path / "new")
    again, said, keys, lacking = restore(rig, file, tmp_path / "new", without=True)
    assert (keys.until, keys.erased, lacking) == (None, None, (0, 2))
    assert "erased after 2026-11-23" in said.unknown
    vault = again.open(replace(SUPERVISOR, password=NEW))
    assert vault.find_contact(NUMBER).name == "Ada Lovelace"
    rows = vault.recordings(RecordingFilter(), 9, 0)
    assert {(r.id, r.keyless) for r in rows} == {(kept, True), (other, True)}
    assert all("without the key" in r.refused for r in rows)
    with pytest.raises(Damaged, match="restored again with a keys file"):
        vault.open_recording(kept, draft(vault))
    with pytest.raises(Damaged, match="restored again with a keys file"):
        vault._stores.recordings.header_of(kept)
    # The recovery key is drilled on what it can open.
    assert vault.drill_recovery(rig.recovery_key, draft(vault)).recordings == 0
    assert vault.verify_audit().holds
    vault.close()
    # Life goes on: the same person is recorded again, and backed up again.
    vault = again.open(AGENT_AGAIN)
    sealed = again.seal(vault, NUMBER)
    vault.take_in(sealed, draft(vault, Action.RECORDING_SEALED))
    vault.close()
    fresh = sealed.manifest.recording
    assert heard(again, fresh) == AUDIO
    vault = again.open(replace(SUPERVISOR, password=NEW))
    vault.back_up(file, draft(vault, Action.BACKUP_MADE))
    vault.close()
    third, _, _, lacking = restore(again, file, tmp_path / "third")
    assert lacking == (0, 2)
    assert heard(third, fresh) == AUDIO


AGENT_AGAIN = AGENT
"""Whoever did not restore keeps the password they had."""


def test_without_keys_what_their_file_knows_of_erasures_still_counts(
    rig: Rig, file: Path, tmp_path: Path
):
    record(rig)
    back_up(rig, file)
    attic = old_copy(file)
    erase(rig)
    back_up(rig, file)
    rig.clock.advance(300 * DAY)
    again, said, keys, lacking = restore(
        rig, attic, tmp_path / "new", keys_file(file), without=True
    )
    assert (said.carried_out, keys.recordings_erased, lacking) == (1, 1, (0, 0))
    vault = again.open(replace(SUPERVISOR, password=NEW))
    assert vault.find_contact(NUMBER) is None
    vault.close()
    keys_file(file).write_bytes(b"nonsense")
    _, _, keys, _ = restore(rig, attic, tmp_path / "other", keys_file(file), without=True)
    assert keys.made_at is None


def test_older_keys_open_what_they_are_of_and_erase_nothing(rig: Rig, file: Path, tmp_path: Path):
    first = record(rig)
    back_up(rig, file)
    then = Path(shutil.copy(keys_file(file), tmp_path / "then.keys"))
    second, third = record(rig), record(rig, OTHER)
    back_up(rig, file)
    again, said, keys, lacking = restore(rig, file, tmp_path / "new", then)
    assert (said.carried_out, keys.recordings_erased, lacking) == (0, 0, (0, 2))
    assert heard(again, first) == AUDIO
    vault = again.open(replace(SUPERVISOR, password=NEW))
    states = {r.id: r.keyless for r in vault.recordings(RecordingFilter(), 9, 0)}
    assert states == {first: False, second: True, third: True}
    vault.close()


def test_headers_that_were_sealed_anew_since_are_lost_but_not_erased(
    rig: Rig, file: Path, tmp_path: Path
):
    recording = record(rig)
    back_up(rig, file)
    attic = old_copy(file)
    vault = rig.open(ADMIN)
    vault.replace_group_keys(draft(vault))
    vault.close()
    vault = rig.open(SUPERVISOR)
    assert vault.rewrap_recordings(draft(vault, Action.KEYS_REPLACED), 9) == 1
    vault.close()
    back_up(rig, file)
    _, _, keys, lacking = restore(rig, attic, tmp_path / "old", keys_file(file))
    assert (keys.recordings_erased, keys.changed, lacking) == (0, 1, (0, 1))
    again, _, keys, lacking = restore(rig, file, tmp_path / "new")
    assert (keys.changed, lacking) == (0, (0, 0))
    assert heard(again, recording) == AUDIO


def test_a_restored_workstation_goes_on_and_its_keys_fit_the_backup_it_came_from(
    rig: Rig, file: Path, tmp_path: Path
):
    record(rig)
    back_up(rig, file)
    attic = old_copy(file)
    again, _, _, _ = restore(rig, file, tmp_path / "second life")
    vault = again.open(replace(SUPERVISOR, password=NEW))
    person = vault.find_contact(NUMBER)
    vault.erase_contact(person.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    vault.back_up(file, draft(vault, Action.BACKUP_MADE))
    vault.close()
    third, _, keys, _ = restore(again, attic, tmp_path / "third life", keys_file(file))
    assert keys.recordings_erased == 1
    vault = third.open(replace(SUPERVISOR, password=NEW))
    assert vault.find_contact(NUMBER) is None
    vault.close()


def test_two_lives_of_one_backup_do_not_erase_each_other(rig: Rig, file: Path, tmp_path: Path):
    back_up(rig, file)
    twin, _, _, _ = restore(rig, file, tmp_path / "twin")
    recording = record(rig)
    back_up(rig, file)
    vault = twin.open(replace(SUPERVISOR, password=NEW))
    vault.back_up(tmp_path / "twin.age", draft(vault, Action.BACKUP_MADE))
    vault.close()
    with pytest.raises(InvalidInput, match="another life"):
        restore(rig, file, tmp_path / "new", tmp_path / "twin.age.keys")
    again, _, _, _ = restore(rig, file, tmp_path / "new")
    assert heard(again, recording) == AUDIO


def test_keys_of_another_vault_are_refused(rig: Rig, file: Path, tmp_path: Path):
    back_up(rig, file)
    stranger = Rig(tmp_path / "stranger", clock=rig.clock)
    stranger.create(SUPERVISOR, AGENT)
    back_up(stranger, tmp_path / "stranger.age")
    with pytest.raises(InvalidInput, match="another vault"):
        restore(rig, file, tmp_path / "new", tmp_path / "stranger.age.keys")
    broken = tmp_path / "broken.keys"
    broken.write_bytes(keys_file(file).read_bytes()[:-1])
    with pytest.raises(Damaged, match="keys file is damaged"):
        restore(rig, file, tmp_path / "new", broken)
    with pytest.raises(NotFound, match=r"missing: none\.keys"):
        restore(rig, file, tmp_path / "new", tmp_path / "none.keys")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"entries": -1}, "do not fit together"),
        ({"entries": 10_000}, "do not fit together"),
        ({"device": "another"}, "do not fit together"),
        ({"format": 3}, "of another kind"),
        ({"payloads": "none"}, "of another kind"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    rig: Rig, file: Path, tmp_path: Path, said: dict[str, object], why: str
):
    back_up(rig, file)
    identity = parse_identity(rig.recovery_key)
    with tarfile.open(
        fileobj=backup.PlainStream(backup._opened(file, identity)), mode="r|"
    ) as archive:
        parts = {m.name: archive.extractfile(m).read() for m in archive}
    true = msgspec.json.decode(parts["manifest.json"])
    parts["manifest.json"] = msgspec.json.encode(true | said)
    forged = write_main(identity.recipient(), file.with_name("forged.age"), parts)
    with pytest.raises(Damaged, match=why):
        restore(rig, forged, tmp_path / "new", keys_file(file))


def first_format(rig: Rig, to: Path) -> Path:
    """Write a backup as it was before keys were kept apart: all in one file."""
    vault = rig.open(ADMIN)
    core = vault._stores.core
    recipient = next(g.recipient for g in core.policy.groups if g.id.startswith("recovery/"))
    payload_folder(to).mkdir()
    kept, _, _ = backup._seal_payloads(core, payload_folder(to), recipient)
    copy = to.with_name("copy.db")
    target = open_database(copy, core.vault_key)
    core.connection.backup(target)
    target.close()
    manifest = {
        "format": 1,
        "made_at": format_time(core.clock.now()),
        "device": core.device.device,
        "payloads": kept,
    }
    parts = {
        "manifest.json": msgspec.json.encode(manifest),
        "slots": (rig.profile.vault / "slots").read_bytes(),
        "vault.db": copy.read_bytes(),
    }
    vault.close()
    return write_main(recipient, to, parts)


def test_backups_of_the_first_format_still_restore(rig: Rig, file: Path, tmp_path: Path):
    recording = record(rig)
    old = first_format(rig, file)
    again, _, keys, lacking = restore(rig, old, tmp_path / "new")
    assert (keys.made_at, lacking) == (None, (0, 0))
    assert heard(again, recording) == AUDIO
    with pytest.raises(NotFound):
        restore(rig, old, tmp_path / "other", tmp_path / "none.keys")
    _, _, _, lacking = restore(rig, old, tmp_path / "keyless", without=True)
    assert lacking == (0, 1)


def test_newer_keys_erase_in_a_backup_of_the_first_format_too(rig: Rig, file: Path, tmp_path: Path):
    """What they know counts, though the old file has keys of its own, and though they ended."""
    record(rig)
    kept = record(rig, OTHER)
    old = first_format(rig, file)
    erase(rig)
    back_up(rig, tmp_path / "newer.age")
    rig.clock.advance(100 * DAY)
    again, said, keys, lacking = restore(rig, old, tmp_path / "new", tmp_path / "newer.age.keys")
    assert (said.carried_out, keys.recordings_erased, keys.until, lacking) == (1, 1, None, (0, 0))
    assert heard(again, kept) == AUDIO
    vault = again.open(replace(SUPERVISOR, password=NEW))
    assert vault.find_contact(NUMBER) is None
    vault.close()


def test_payloads_of_whoever_was_erased_are_not_counted_as_missing(
    rig: Rig, file: Path, tmp_path: Path
):
    """The main file is old, the folder of payloads is of the newest run."""
    record(rig)
    kept = record(rig, OTHER)
    back_up(rig, file)
    old = file.read_bytes()
    erase(rig)
    back_up(rig, file)
    file.write_bytes(old)
    again, _, keys, lacking = restore(rig, file, tmp_path / "new")
    assert (keys.recordings_erased, lacking) == (1, (0, 0))
    assert heard(again, kept) == AUDIO


def test_the_life_is_the_policys(rig: Rig, file: Path):
    vault = rig.open(ADMIN)
    rules = replace(vault.policy.workplace, backup_keys_days=7)
    vault.set_workplace(rules, draft(vault))
    made = vault.back_up(file, draft(vault))
    vault.close()
    assert made.keys_until - rig.clock.now() == timedelta(days=7)
