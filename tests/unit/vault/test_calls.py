from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.app.ports import Vault
from softphone.domain.audit import Action
from softphone.domain.errors import NotFound
from softphone.vault import calls as calls_module
from tests.unit.vault.rig import ADMIN, SUPERVISOR, Rig, call, draft

NUMBER = "+493012345678"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR)
    return made


def test_a_note_typed_at_the_end_of_a_call_is_kept(rig: Rig, vault: Vault):
    vault.add_call(call(vault, NUMBER, rig.clock.now(), note="Rings back"), draft(vault))
    assert [entry.note for entry in vault.history("", 9, 0)] == ["Rings back"]


def test_wrap_up_of_an_unknown_call(vault: Vault):
    with pytest.raises(NotFound):
        vault.set_wrap_up("no-such-call", "x", draft(vault))


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


def test_a_broad_search_and_a_narrow_one_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """They take different ways through the tables: by time, or by what matches."""
    rig = Rig(tmp_path)
    rig.create()
    vault = rig.open(ADMIN)
    for n in range(12):
        at = rig.clock.now() - timedelta(minutes=(n * 7) % 12)
        name = "Ada Lovelace" if n % 3 else "Bob Other"
        vault.add_call(call(vault, f"+49301234567{n:02d}", at, contact_name=name), draft(vault))
    pages = []
    for broad in (1, 1000):
        monkeypatch.setattr(calls_module, "_BROAD", broad)
        pages.append([list(vault.history(text, 5, 1)) for text in ("ada", "+493012", "bob o", "x")])
    assert pages[0] == pages[1]
    assert [len(page) for page in pages[0]] == [5, 5, 3, 0]
    times = [entry.started_at for entry in pages[0][0]]
    assert times == sorted(times, reverse=True)
    vault.close()
