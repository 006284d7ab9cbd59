from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from softphone.app.ports import NewMember
from softphone.domain.audit import Action, AuditFilter, DataCategory, Result
from softphone.domain.errors import (
    Damaged,
    InvalidInput,
    NotFound,
    PolicyInvalid,
    StorageFailed,
    TryLater,
    WrongCredentials,
)
from softphone.domain.permissions import Permission, decide
from softphone.vault import slots as slots_module
from softphone.vault.database import open_database
from softphone.vault.policy import load_note, sign_policy
from softphone.vault.recipients import HybridIdentity, X25519Identity
from softphone.vault.secret_store import NoSecretStore
from softphone.vault.slots import KeySlots, SlotSecrets
from tests.fakes.secrets import MemorySecrets
from tests.unit.vault.rig import ADMIN, AGENT, SUPERVISOR, Rig, draft


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path / "profile")
    made.create(SUPERVISOR, AGENT)
    return made


def copy_of(rig: Rig, to: Path) -> Path:
    shutil.copytree(rig.profile.root, to)
    return to


def put_back(rig: Rig, name: str, old: Path) -> None:
    """Put one file of an older copy back, without its write-ahead log."""
    target = rig.profile.root / name
    shutil.copy(old / name, target)
    for extra in ("-wal", "-shm"):
        target.with_name(target.name + extra).unlink(missing_ok=True)


def vault_key(rig: Rig) -> bytes:
    vault = rig.open(ADMIN)
    key = vault._stores.core.vault_key
    vault.close()
    return key


def test_creating_twice_is_refused(rig: Rig):
    with pytest.raises(InvalidInput):
        rig.keeper.create(ADMIN, "desk")


@pytest.mark.parametrize(
    "bad",
    [
        NewMember("", "long enough password", "agent", "sales"),
        NewMember("New", "long enough password", "emperor", "sales"),
        NewMember("New", "long enough password", "agent", "a/b"),
        NewMember("New", "", "agent", "sales"),
        NewMember("ANN AGENT", "long enough password", "agent", "sales"),
    ],
)
def test_impossible_members_are_refused(rig: Rig, bad: NewMember):
    vault = rig.open(ADMIN)
    with pytest.raises(InvalidInput):
        vault.add_member(bad, draft(vault, Action.USER_ADDED))
    vault.close()


def test_no_name_nor_password_is_anywhere_on_disk(rig: Rig):
    for path in rig.profile.root.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for text in (ADMIN.name, SUPERVISOR.name, ADMIN.password, "sales", rig.recovery_key):
                assert text.encode() not in data, path.name
            assert path.stat().st_mode & 0o077 == 0, path.name


def test_wrong_attempts_are_delayed_then_audited(rig: Rig):
    for name in (ADMIN.name, "Nobody", ADMIN.name):
        with pytest.raises(WrongCredentials):
            rig.keeper.unlock(name, "wrong")
    with pytest.raises(TryLater):
        rig.open(ADMIN)
    rig.clock.advance(10)
    vault = rig.open(ADMIN)
    rows = vault.audit_rows(AuditFilter(action=Action.SIGN_IN_FAILED), 9, 0)
    assert len(rows) == 3
    assert {row.entry.result for row in rows} == {Result.REFUSED}
    assert {row.who for row in rows} == {"This workstation"}
    vault.close()
    vault = rig.open(ADMIN)
    assert vault.audit_count(AuditFilter(action=Action.SIGN_IN_FAILED)) == 3
    vault.close()


def test_a_database_pasted_back_is_noticed_and_the_mark_stays(rig: Rig, tmp_path: Path):
    old = copy_of(rig, tmp_path / "old")
    vault = rig.open(ADMIN)
    for _ in range(5):
        vault.append_audit(draft(vault))
    vault.close()
    put_back(rig, "vault/vault.db", old)
    for _ in range(2):
        vault = rig.open(ADMIN)
        for _ in range(20):
            vault.append_audit(draft(vault))
        verdict = vault.verify_audit()
        assert not verdict.holds
        assert "older copy" in verdict.why
        (failed, *_) = vault.audit_rows(AuditFilter(result=Result.FAILED), 9, 0)
        assert failed.entry.action == Action.AUDIT_VERIFIED
        vault.close()


def test_with_a_key_store_even_a_whole_old_profile_is_noticed(rig: Rig, tmp_path: Path):
    old = copy_of(rig, tmp_path / "old")
    vault = rig.open(ADMIN)
    vault.append_audit(draft(vault))
    vault.close()
    shutil.rmtree(rig.profile.root)
    shutil.copytree(old, rig.profile.root)
    vault = rig.open(ADMIN)
    assert "older copy" in vault.verify_audit().why
    vault.close()


def test_without_a_key_store_the_side_file_notices_an_old_database(tmp_path: Path):
    rig = Rig(tmp_path / "profile", secrets=NoSecretStore())
    rig.create()
    old = copy_of(rig, tmp_path / "old")
    vault = rig.open(ADMIN)
    vault.append_audit(draft(vault))
    vault.close()
    put_back(rig, "vault/vault.db", old)
    vault = rig.open(ADMIN)
    assert not vault.verify_audit().holds
    vault.close()


def test_an_old_policy_put_back_in_the_database_is_refused(rig: Rig, tmp_path: Path):
    key = vault_key(rig)
    connection = open_database(rig.profile.vault / "vault.db", key)
    connection.execute("DELETE FROM policies WHERE version = 3")
    connection.close()
    with pytest.raises(PolicyInvalid, match="older policy"):
        rig.open(SUPERVISOR)


def test_an_old_vault_does_not_bring_an_old_policy_back(rig: Rig, tmp_path: Path):
    old = copy_of(rig, tmp_path / "old")
    vault = rig.open(ADMIN)
    vault.add_member(
        NewMember("New Man", "four random words here", "agent", "sales"),
        draft(vault, Action.USER_ADDED, DataCategory.RIGHTS),
    )
    vault.close()
    put_back(rig, "vault/vault.db", old)
    with pytest.raises(PolicyInvalid, match="older policy"):
        rig.open(SUPERVISOR)


def test_a_policy_edited_in_the_database_is_refused(rig: Rig):
    """Whoever has the vault key may write the database, and gains no right by it."""
    key = vault_key(rig)
    connection = open_database(rig.profile.vault / "vault.db", key)
    note = load_note(connection)
    forged = note.replace('"name":"Ann Agent"', '"name":"Ann Owner"')
    assert forged != note
    connection.execute("UPDATE policies SET note = ? WHERE version = 3", (forged,))
    connection.close()
    with pytest.raises(PolicyInvalid, match="signature"):
        rig.open(AGENT)


def test_a_policy_signed_by_somebody_else_is_refused(rig: Rig):
    vault = rig.open(ADMIN)
    policy, key = vault.policy, vault._stores.core.vault_key
    vault.close()
    connection = open_database(rig.profile.vault / "vault.db", key)
    connection.execute("UPDATE policies SET note = ?", (sign_policy(policy, b"x" * 32),))
    connection.close()
    with pytest.raises(PolicyInvalid, match="signature"):
        rig.open(ADMIN)


def test_an_expired_policy_stops_everybody_until_an_administrator_renews_it(rig: Rig):
    rig.clock.advance(timedelta(days=400).total_seconds())
    with pytest.raises(PolicyInvalid, match="expired"):
        rig.open(AGENT)
    vault = rig.open(ADMIN)
    assert vault.policy.not_after > rig.clock.now()
    vault.close()
    rig.open(AGENT).close()


def test_a_missing_or_damaged_part_says_what_is_wrong(rig: Rig):
    slots = rig.profile.vault / "slots"
    kept = slots.read_bytes()
    slots.write_bytes(kept[:-9])
    with pytest.raises(Damaged, match="key slots"):
        rig.open(ADMIN)
    slots.unlink()
    with pytest.raises(Damaged, match="missing"):
        rig.open(ADMIN)
    slots.write_bytes(kept)
    database = rig.profile.vault / "vault.db"
    data = database.read_bytes()
    database.write_bytes(b"garbage" * 4096)
    with pytest.raises(Damaged):
        rig.open(ADMIN)
    database.unlink()
    with pytest.raises(Damaged, match="database is missing"):
        rig.open(ADMIN)
    database.write_bytes(data)
    rig.open(ADMIN).close()


def test_damage_is_not_counted_as_a_wrong_password(rig: Rig):
    marks = rig.profile.root / "marks"
    kept = marks.read_bytes()
    marks.write_bytes(b"x" * len(kept))
    for _ in range(5):
        with pytest.raises(Damaged, match="altered"):
            rig.open(ADMIN)
    marks.write_bytes(kept)
    rig.open(ADMIN).close()


def test_a_vault_of_a_newer_program_is_not_touched(rig: Rig):
    connection = open_database(rig.profile.vault / "vault.db", vault_key(rig))
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(Damaged, match="newer version"):
        rig.open(ADMIN)


def test_the_recovery_key_gives_the_administrator_a_new_password(rig: Rig):
    stranger = str(HybridIdentity.generate())
    with pytest.raises(WrongCredentials):
        rig.keeper.recover(stranger, ADMIN.name, "a new password")
    vault = rig.keeper.recover(rig.recovery_key, ADMIN.name, "a new password")
    assert vault.user.name == ADMIN.name
    vault.close()
    with pytest.raises(WrongCredentials):
        rig.open(ADMIN)
    rig.keeper.unlock(ADMIN.name, "a new password").close()


def test_closing_twice_is_fine_and_a_closed_vault_gives_nothing(rig: Rig):
    vault = rig.open(ADMIN)
    vault.close()
    vault.close()
    with pytest.raises(Exception, match="closed"):
        vault.audit_count(AuditFilter())


def test_a_set_up_that_was_cut_off_is_begun_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rig = Rig(tmp_path / "profile")

    def killed(self: KeySlots, path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(KeySlots, "move_to", killed)
        with pytest.raises(KeyboardInterrupt):
            rig.keeper.create(ADMIN, "desk")
    assert (rig.profile.vault / "vault.db").exists()
    assert not rig.keeper.exists()
    rig.create()
    rig.open(ADMIN).close()


def test_a_new_vault_in_the_place_of_a_removed_one(rig: Rig):
    """The key store still has the old one's entries."""
    shutil.rmtree(rig.profile.root)
    assert not rig.keeper.exists()
    rig.create()
    vault = rig.open(ADMIN)
    assert vault.verify_audit().holds
    vault.close()


@pytest.mark.parametrize("secrets", [MemorySecrets(), NoSecretStore()])
def test_a_profile_moved_to_another_machine_needs_the_recovery_key(rig: Rig, secrets):
    elsewhere = Rig(rig.profile.root, secrets=secrets)
    with pytest.raises(StorageFailed, match="recovery key"):
        elsewhere.open(ADMIN)
    elsewhere.keeper.recover(rig.recovery_key, ADMIN.name, "a new password").close()
    elsewhere.keeper.unlock(ADMIN.name, "a new password").close()


def test_no_old_page_brings_a_revoked_right_back(rig: Rig, tmp_path: Path):
    """SQLCipher accepts an old page in its place; rights come from the signed policy instead."""
    database = rig.profile.vault / "vault.db"
    old = database.read_bytes()
    vault = rig.open(ADMIN)
    people = vault._stores.people
    demoted = tuple(
        replace(m, role="agent") if m.name == SUPERVISOR.name else m for m in vault.policy.members
    )
    people._publish(people._next(replace(vault.policy, members=demoted)), None)
    version = vault.policy.version
    vault.close()
    new = database.read_bytes()
    opened = refused = 0
    for start in range(0, min(len(old), len(new)), 4096):
        page = old[start : start + 4096]
        if page == new[start : start + 4096]:
            continue
        database.write_bytes(new[:start] + page + new[start + 4096 :])
        for extra in ("vault.db-wal", "vault.db-shm"):
            (rig.profile.vault / extra).unlink(missing_ok=True)
        try:
            vault = rig.open(SUPERVISOR)
        except (Damaged, PolicyInvalid, StorageFailed):
            refused += 1
            continue
        assert vault.policy.version == version
        listen = decide(vault.policy, vault.user.id, Permission.RECORDINGS_LISTEN, team="sales")
        assert not listen.allowed
        vault.close()
        opened += 1
    assert opened + refused > 3


def test_only_a_recovery_key_recovers(rig: Rig):
    for key, error in ((str(X25519Identity.generate()), WrongCredentials), ("x", InvalidInput)):
        with pytest.raises(error):
            rig.keeper.recover(key, ADMIN.name, "a new password")
    rig.open(ADMIN).close()


def test_whoever_the_policy_does_not_name_any_more_stays_outside(rig: Rig):
    vault = rig.open(ADMIN)
    people = vault._stores.people
    left = tuple(m for m in vault.policy.members if m.name != AGENT.name)
    people._publish(people._next(replace(vault.policy, members=left)), None)
    vault.close()
    with pytest.raises(PolicyInvalid, match="does not name you"):
        rig.open(AGENT)


def test_parts_that_do_not_fit_together_are_damage(rig: Rig):
    connection = open_database(rig.profile.vault / "vault.db", vault_key(rig))
    connection.execute("UPDATE meta SET value = x'00' WHERE name = 'device'")
    connection.close()
    with pytest.raises(Damaged, match="do not fit together"):
        rig.open(ADMIN)


def test_the_recovery_key_resets_anybodys_password_and_nothing_is_lost(rig: Rig):
    vault = rig.open(AGENT)
    sealed = rig.seal(vault, "+493012345678")
    vault.take_in(sealed, draft(vault))
    vault.close()
    vault = rig.keeper.recover(rig.recovery_key, " sam EARS", "a new password")
    assert vault.user.name == SUPERVISOR.name
    vault.open_recording(sealed.manifest.recording, draft(vault)).close()
    (row,) = vault.audit_rows(AuditFilter(action=Action.PASSWORD_RESET), 9, 0)
    assert (row.entry.object_id, row.who) == (vault.user.id, "This workstation")
    vault.close()
    with pytest.raises(WrongCredentials):
        rig.open(SUPERVISOR)
    rig.open(ADMIN).close()
    with pytest.raises(WrongCredentials):
        rig.keeper.recover(rig.recovery_key, "Nobody", "a new password")


def escrow_of(rig: Rig, name: str, content: SlotSecrets) -> None:
    """Put an escrow into a slot, as whoever may write the file can."""
    slots = rig.keeper._slots
    body = slots._read()
    label = slots._label(body, name)
    forged = tuple(
        msgspec.structs.replace(s, escrow=slots_module._escrow(label, content))
        if s.label == label
        else s
        for s in body.slots
    )
    slots._write(msgspec.structs.replace(body, slots=forged))


def test_a_forged_escrow_recovers_nobody(rig: Rig):
    """It is sealed for a public key: anybody can make one, so what it holds is checked."""
    vault = rig.open(AGENT)
    mine = vault._stores.people._slot.secrets
    vault.close()
    escrow_of(rig, SUPERVISOR.name, msgspec.structs.replace(mine, anchor=b"x" * 32))
    with pytest.raises(Damaged, match="not those of this vault"):
        rig.keeper.recover(rig.recovery_key, SUPERVISOR.name, "a new password")
    escrow_of(rig, SUPERVISOR.name, mine)
    with pytest.raises(WrongCredentials):
        rig.keeper.recover(rig.recovery_key, SUPERVISOR.name, "a new password")
    sam = msgspec.structs.replace(mine, user=who(rig, SUPERVISOR.name))
    escrow_of(rig, SUPERVISOR.name, sam)
    rig.clock.advance(60)
    with pytest.raises(WrongCredentials):
        rig.keeper.recover(rig.recovery_key, SUPERVISOR.name, "a new password")
    rig.clock.advance(60)
    rig.open(SUPERVISOR).close()


def who(rig: Rig, name: str) -> str:
    vault = rig.open(ADMIN)
    (found,) = (m.id for m in vault.policy.members if m.name == name)
    vault.close()
    return found


def test_where_there_is_no_vault_a_sentence_says_so(tmp_path: Path):
    empty = Rig(tmp_path / "empty")
    with pytest.raises(NotFound, match="never set up"):
        empty.open(ADMIN)
    with pytest.raises(NotFound, match="never set up"):
        empty.keeper.recover("x", ADMIN.name, "a new password")
