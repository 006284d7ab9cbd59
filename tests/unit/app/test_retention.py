from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.app.desk import Desk
from softphone.app.retention import BATCH
from softphone.domain.audit import Action
from softphone.domain.contact import Note
from softphone.domain.errors import Cancelled, InvalidInput, Refused
from softphone.domain.ids import NoteId, new_id
from softphone.domain.retention import DataClass, RetentionRule
from tests.unit.app.rig import ADMIN, OFFICER, SUPERVISOR, DeskRig, log_of
from tests.unit.vault.rig import draft

RULES = [RetentionRule(DataClass.NOTES, 30, "follow-up")]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[DeskRig]:
    made = DeskRig(tmp_path)
    made.add_officer()
    made.sign_in(ADMIN).keeping.set_rules(RULES)
    yield made
    made.close()


def old_notes(desk: Desk, count: int) -> None:
    vault, at = desk.session.vault, desk.session.clock.now() - timedelta(days=31)
    for _ in range(count):
        vault.save_note(Note(NoteId(new_id()), vault.user.id, "Sam", at, "old"), draft(vault))


def test_the_rules_are_tried_out_before_they_hold(office: DeskRig):
    desk = office.sign_in(OFFICER)
    old_notes(desk, 3)
    assert desk.keeping.rules() == tuple(RULES)
    assert [seen.due for seen in desk.keeping.preview()] == [3]
    longer = [RetentionRule(DataClass.NOTES, 60)]
    assert [seen.due for seen in desk.keeping.preview(longer)] == [0]
    with pytest.raises(InvalidInput):
        desk.keeping.preview([RetentionRule(DataClass.NOTES, 0)])
    with pytest.raises(InvalidInput):
        office.sign_in(ADMIN).keeping.set_rules([RetentionRule(DataClass.NOTES, 0)])


def test_a_run_reports_what_went(office: DeskRig):
    desk = office.sign_in(OFFICER)
    old_notes(desk, 3)
    run = desk.keeping.run()
    assert (run.by, run.counts) == (OFFICER.name, ((DataClass.NOTES, 3),))
    assert desk.keeping.runs() == [run]
    (row,) = log_of(desk, Action.RETENTION_RUN)
    assert row.detail == {"notes": "3"}
    assert "retention" in office.kinds()


def test_it_runs_by_itself_once_a_day_whoever_is_signed_in(office: DeskRig):
    desk = office.sign_in(SUPERVISOR)
    old_notes(desk, 1)
    first = desk.keeping.run_if_due()
    assert first is not None
    assert (first.by, first.total) == ("", 1)
    assert desk.keeping.run_if_due() is None
    office.rig.clock.advance(25 * 3600)
    assert desk.keeping.run_if_due() is not None
    rows = log_of(desk, Action.RETENTION_RUN)
    assert {row.who for row in rows} == {"This workstation"}


def test_nothing_runs_without_rules(office: DeskRig):
    office.sign_in(ADMIN).keeping.set_rules([])
    assert office.sign_in(SUPERVISOR).keeping.run_if_due() is None


def test_a_run_can_be_stopped_and_says_what_went(office: DeskRig):
    desk = office.sign_in(OFFICER)
    old_notes(desk, BATCH + 5)
    with pytest.raises(Cancelled, match=f"{BATCH} went"):
        desk.keeping.run(lambda _data, _count: False)
    assert desk.keeping.runs()[0].total == BATCH
    assert [seen.due for seen in desk.keeping.preview()] == [5]


def test_only_who_may_sign_policies_sets_rules(office: DeskRig):
    with pytest.raises(Refused):
        office.sign_in(OFFICER).keeping.set_rules(RULES)
