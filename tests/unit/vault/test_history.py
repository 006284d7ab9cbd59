from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.app.ports import Vault
from softphone.domain.audit import Action
from softphone.domain.errors import NotFound
from softphone.vault.search import match, number_words
from tests.unit.vault.rig import SUPERVISOR, Rig, call, contact, draft

NUMBER = "+493012345678"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR)
    return made


@pytest.fixture
def vault(rig: Rig):
    opened = rig.open(SUPERVISOR)
    yield opened
    opened.close()


def test_one_person_has_one_spelling(rig: Rig, vault: Vault):
    for spelling in ("+49 30 12345678", "+4930-12345678", NUMBER):
        vault.add_call(call(vault, spelling, rig.clock.now()), draft(vault))
    ada = contact("Ada Lovelace", "+49 (30) 12345678")
    vault.save_contact(ada, draft(vault))
    assert {entry.contact for entry in vault.history("", 9, 0)} == {ada.id}
    found = vault.find_contact("+49 30 1234 5678")
    assert found is not None
    assert found.numbers == (NUMBER,)


def test_a_note_typed_at_the_end_of_a_call_is_kept(rig: Rig, vault: Vault):
    vault.add_call(call(vault, NUMBER, rig.clock.now(), note="Rings back"), draft(vault))
    assert [entry.note for entry in vault.history("", 9, 0)] == ["Rings back"]


def test_a_removed_number_unlinks_its_calls(rig: Rig, vault: Vault):
    ada = contact("Ada Lovelace", NUMBER, "+442079460000")
    vault.save_contact(ada, draft(vault))
    vault.add_call(call(vault, NUMBER, rig.clock.now(), contact_name="shown"), draft(vault))
    vault.save_contact(contact("Ada Lovelace", "+442079460000").__class__(
        ada.id, "Ada Lovelace", ("+442079460000",)), draft(vault))  # fmt: skip
    (entry,) = vault.history("", 9, 0)
    assert (entry.contact, entry.contact_name) == (None, "shown")
    assert vault.history_count("lovelace") == 0
    assert vault.history_count("shown") == 1


def test_the_newest_contact_of_a_number_is_found(vault: Vault):
    vault.save_contact(contact("Old Owner", NUMBER), draft(vault))
    newer = contact("New Owner", NUMBER)
    vault.save_contact(newer, draft(vault))
    assert vault.find_contact(NUMBER) == newer


def test_wrap_up_of_an_unknown_call(vault: Vault):
    with pytest.raises(NotFound):
        vault.set_wrap_up("no-such-call", "x", draft(vault))


@pytest.mark.parametrize("text", ['"', "*", "a OR", "NEAR(", "(", "--", "a:b", "'; DROP", "\0"])
def test_no_search_text_breaks_anything(vault: Vault, text: str):
    assert isinstance(vault.history_count(text), int)
    assert list(vault.contacts(text, 9, 0)) == []
    assert list(vault.history(text, 9, 0)) == []


def test_words_and_numbers_become_prefixes():
    assert match("  ") is None
    assert match("ada lo") == '"ada"* AND "lo"*'
    assert match("+49 30") == '("4930"*) OR ("49"* AND "30"*)'
    assert number_words(NUMBER) == "493012345678 +49 30 12345678"
    assert number_words("ada@example.org") == "ada@example.org"


def test_pages_and_counts_stay_quick_with_many_calls(rig: Rig, vault: Vault):
    """Not a measurement: a plan without an index would take seconds and show here."""
    connection = vault._stores.core.connection
    start = rig.clock.now() - timedelta(days=1)
    first = call(vault, NUMBER, start)
    vault.add_call(first, draft(vault, Action.CALL_ENDED))
    columns = (
        "contact_id, shown_name, number, direction, disposition, agent, agent_name,"
        " talk_ms, wrap_up, recording_id, quality_mos"
    )
    copies = (
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20000)"  # noqa: S608
        f" INSERT INTO calls (id, started_at, {columns})"
        f" SELECT 'c' || i, started_at + i, {columns} FROM c, calls WHERE id = ?"
    )
    connection.execute(copies, (first.call,))
    before = time.monotonic()
    assert vault.history_count("") == 20_001
    assert len(vault.history("", 50, 15_000)) == 50
    assert time.monotonic() - before < 5
    plan = connection.execute(
        "EXPLAIN QUERY PLAN SELECT n FROM calls ORDER BY started_at DESC, n DESC LIMIT 50"
    ).fetchall()
    assert "COVERING INDEX" in str(plan)
    assert "TEMP B-TREE" not in str(plan)
