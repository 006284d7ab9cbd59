from __future__ import annotations

from pathlib import Path

import pytest

from softphone.app.ports import Vault
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.merkle import Frontier, leaf_hash
from tests.unit.vault.rig import ADMIN, Rig, draft


@pytest.fixture
def vault(tmp_path: Path):
    rig = Rig(tmp_path)
    rig.create()
    opened = rig.open(ADMIN)
    for number in range(70):
        opened.append_audit(draft(opened, detail_number=str(number)))
    opened.sign_checkpoint()
    yield opened
    opened.close()


def sql(vault: Vault, text: str, *values: object) -> None:
    vault._stores.core.connection.execute(text, values)


def test_an_untouched_log_holds_and_is_signed_to_the_end(vault: Vault):
    verdict = vault.verify_audit()
    assert verdict.holds
    assert (verdict.signed_up_to, verdict.broken_at, verdict.why) == (verdict.entries, None, "")
    assert len(bytes.fromhex(verdict.root_hash)) == 32


def test_every_64th_entry_signs_a_checkpoint(vault: Vault):
    sizes = vault._stores.core.connection.execute("SELECT size FROM checkpoints").fetchall()
    assert 64 in {size for (size,) in sizes}


@pytest.mark.parametrize(
    ("attack", "index"),
    [
        ("UPDATE audit_leaves SET leaf = CAST(replace(leaf, 'contact.saved', 'contact.reads')"
         " AS BLOB) WHERE n = 20", 20),
        ("UPDATE audit_leaves SET hash = zeroblob(32) WHERE n = 21", 21),
        ("UPDATE audit_leaves SET actor = 'device' WHERE n = 22", 22),
        ("UPDATE audit_leaves SET time = time + 1 WHERE n = 23", 23),
        ("UPDATE audit_leaves SET object_id = 'x' WHERE n = 24", 24),
        ("UPDATE audit_leaves SET result = 'refused' WHERE n = 25", 25),
        ("UPDATE audit_leaves SET leaf = x'78', hash = x'79' WHERE n = 26", 26),
        ("UPDATE audit_details SET detail = x'7b7d' WHERE n = 27", 27),
        ("UPDATE audit_details SET salt = zeroblob(32) WHERE n = 28", 28),
        ("UPDATE audit_head SET frontier = zeroblob(length(frontier))", 74),
    ],
)  # fmt: skip
def test_each_change_is_found_where_it_was_made(vault: Vault, attack: str, index: int):
    sql(vault, attack)
    verdict = vault.verify_audit()
    assert not verdict.holds
    assert verdict.broken_at == index or index == 74
    assert verdict.why


def test_a_removed_entry_is_found(vault: Vault):
    sql(vault, "PRAGMA foreign_keys=OFF")
    sql(vault, "DELETE FROM audit_leaves WHERE n = 30")
    verdict = vault.verify_audit()
    assert (verdict.holds, verdict.broken_at) == (False, 30)


def test_a_cut_off_end_is_found_although_everything_left_is_consistent(vault: Vault):
    """Somebody with the key removes the last entries and repairs the head."""
    sql(vault, "PRAGMA foreign_keys=OFF")
    sql(vault, "DELETE FROM audit_leaves WHERE n >= 66")
    sql(vault, "DELETE FROM audit_details WHERE n >= 66")
    sql(vault, "DELETE FROM checkpoints WHERE size > 66")
    frontier = Frontier()
    for (leaf,) in vault._stores.core.connection.execute(
        "SELECT leaf FROM audit_leaves ORDER BY n"
    ):
        frontier = frontier.append(leaf_hash(bytes(leaf)))
    sql(vault, "UPDATE audit_head SET size = ?, frontier = ?",
        frontier.size, b"".join(frontier.hashes))  # fmt: skip
    verdict = vault.verify_audit()
    assert not verdict.holds
    assert "older copy" in verdict.why


def test_a_forged_checkpoint_is_found(vault: Vault):
    sql(vault, "UPDATE checkpoints SET note = replace(note, '64', '63') WHERE size = 64")
    assert "not genuine" in vault.verify_audit().why
    sql(vault, "UPDATE checkpoints SET note = 'x' WHERE size = 64")
    assert "not genuine" in vault.verify_audit().why


def test_a_checkpoint_moved_to_another_size_is_found(vault: Vault):
    sql(vault, "UPDATE checkpoints SET size = 63 WHERE size = 64")
    assert "not the one that was signed" in vault.verify_audit().why


def test_destroying_details_leaves_the_tree_whole(vault: Vault):
    sql(vault, "DELETE FROM audit_details")
    assert vault.verify_audit().holds
    (row,) = vault.audit_rows(AuditFilter(action=Action.CONTACT_SAVED), 1, 0)
    assert row.detail == {}
    assert row.entry.commitment


def test_the_deed_and_its_entry_are_one(vault: Vault):
    """No log, no deed."""
    before = vault.audit_count(AuditFilter())
    core = vault._stores.core

    class Stop(Exception):
        pass

    def deed(stop: type[Exception] | None = None) -> None:
        with core.deeds.deed(draft(vault)) as connection:
            connection.execute("INSERT INTO meta VALUES ('x', x'79')")
            if stop:
                raise stop

    with pytest.raises(Stop):
        deed(Stop)
    sql(vault, "CREATE TEMP TRIGGER refuse BEFORE INSERT ON audit_leaves"
               " BEGIN SELECT raise(ABORT, 'no log'); END")  # fmt: skip
    with pytest.raises(Exception, match="audit log cannot go on"):
        deed()
    sql(vault, "DROP TRIGGER refuse")
    rows = core.connection.execute("SELECT count(*) FROM meta WHERE name = 'x'").fetchone()
    assert rows == (0,)
    assert vault.audit_count(AuditFilter()) == before
    assert vault.verify_audit().holds


def test_an_entry_that_is_no_entry_is_found(vault: Vault):
    leaf = b"no entry"
    sql(vault, "UPDATE audit_leaves SET leaf = ?, hash = ? WHERE n = 40", leaf, leaf_hash(leaf))
    verdict = vault.verify_audit()
    assert (verdict.broken_at, verdict.why) == (40, "An entry cannot be read.")
