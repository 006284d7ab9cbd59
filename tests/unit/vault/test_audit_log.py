from __future__ import annotations

import json
from pathlib import Path

import pytest

from softphone.domain.audit import Action, AuditDraft, DataCategory
from softphone.domain.errors import Damaged
from softphone.domain.merkle import Frontier, leaf_hash
from softphone.domain.note import parse_checkpoint, parse_note
from softphone.vault.audit_log import CHECKPOINT_EVERY, DEVICE_ACTOR, commitment, split_hashes
from tests.unit.vault.rig import ADMIN, Rig, draft


@pytest.fixture
def vault(tmp_path: Path):
    rig = Rig(tmp_path)
    rig.create()
    opened = rig.open(ADMIN)
    yield opened
    opened.close()


def test_a_leaf_says_everything_but_names(vault):
    entry = vault.append_audit(draft(vault, object_id="o1", name="Ada Lovelace"))
    core = vault._stores.core
    leaf, hashed, salt, detail = core.connection.execute(
        "SELECT leaf, hash, salt, detail FROM audit_leaves NATURAL JOIN audit_details WHERE n = ?",
        (entry.index,),
    ).fetchone()
    assert json.loads(leaf) == {
        "device": vault.device,
        "n": entry.index,
        "time": "2026-11-23T09:42:09.000000Z",
        "actor": core.log.actor(vault.user.id),
        "action": "contact.saved",
        "object": "o1",
        "category": "contact",
        "result": "done",
        "commitment": commitment(salt, detail),
    }
    assert hashed == leaf_hash(leaf)
    assert json.loads(detail) == {"name": "Ada Lovelace"}
    assert len(salt) == 32


def test_equal_details_have_unequal_commitments(vault):
    one, two = (vault.append_audit(draft(vault, a="b")) for _ in range(2))
    assert one.commitment != two.commitment
    assert vault.append_audit(draft(vault)).commitment == ""


def test_pseudonyms_are_stable_here_and_strange_elsewhere(vault, tmp_path: Path):
    log = vault._stores.core.log
    assert log.actor(vault.user.id) == log.actor(vault.user.id) != log.actor("other")
    assert log.actor(None) == DEVICE_ACTOR
    other = Rig(tmp_path / "other")
    other.create()
    there = other.open(ADMIN)
    assert there._stores.core.log.actor(vault.user.id) != log.actor(vault.user.id)
    there.close()


def test_heads_of_any_size_are_those_of_the_leaves(vault):
    core = vault._stores.core
    with core.deeds.transaction():
        for _ in range(2 * CHECKPOINT_EVERY):
            core.log.append(AuditDraft(Action.AUDIT_READ, DataCategory.AUDIT))
    frontier = Frontier()
    roots = [frontier.root()]
    for (hashed,) in core.connection.execute("SELECT hash FROM audit_leaves ORDER BY n"):
        frontier = frontier.append(hashed)
        roots.append(frontier.root())
    for size in (1, 5, 63, 64, 65, 100, frontier.size):
        assert core.log.root_at(size) == roots[size]
        with core.deeds.transaction():
            head = core.log.sign_at(size)
        signed = parse_checkpoint(parse_note(head.note).text)
        assert (signed.size, signed.root) == (size, roots[size])
    assert core.log.head_at(2) is None
    assert split_hashes(b"") == ()


def test_a_log_whose_end_was_exchanged_does_not_go_on(vault):
    connection = vault._stores.core.connection
    for change in (
        "UPDATE audit_head SET frontier = x'00'",
        "UPDATE audit_head SET size = 0, frontier = x''",
    ):
        connection.execute("BEGIN")
        connection.execute(change)
        connection.execute("SAVEPOINT s")
        with pytest.raises(Damaged, match="cannot go on"):
            vault._stores.core.log.append(draft(vault))
        connection.execute("ROLLBACK")
