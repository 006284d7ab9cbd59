from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.domain.errors import InvalidInput, NotFound, Refused
from softphone.domain.register import Register, Standing
from tests.unit.app.privacy_deeds import CONTRACT, COURSE, PROCESSOR
from tests.unit.app.rig import AGENT, OFFICER, DeskRig


@pytest.fixture
def office(tmp_path: Path) -> Iterator[DeskRig]:
    made = DeskRig(tmp_path)
    made.add_officer()
    yield made
    made.close()


def test_an_entry_is_checked_kept_and_revised(office: DeskRig):
    desk = office.sign_in(OFFICER)
    made = desk.registers.save(Register.PROCESSORS, PROCESSOR | {"review_on": "2027-01-01"})
    assert made.due_at is not None
    changed = desk.registers.save(Register.PROCESSORS, PROCESSOR, made.id)
    assert (changed.revision, changed.due_at) == (2, None)
    assert [e.revision for e in desk.registers.revisions(made.id)] == [2, 1]
    with pytest.raises(InvalidInput):
        desk.registers.save(Register.PROCESSORS, {"name": "x"})
    with pytest.raises(NotFound):
        desk.registers.save(Register.PROCESSORS, PROCESSOR, "another")
    desk.registers.remove(made.id)
    assert desk.registers.entries(Register.PROCESSORS) == []


def test_an_import_is_tried_out_first_and_taken_whole_or_not(office: DeskRig):
    desk = office.sign_in(OFFICER)
    desk.registers.save(Register.PROCESSORS, PROCESSOR)
    same = dict(PROCESSOR)
    new, changed = PROCESSOR | {"name": "Bcme"}, PROCESSOR | {"country": "FR"}
    dry = desk.registers.import_rows(Register.PROCESSORS, [new, changed], dry_run=True)
    assert (dry.added, dry.changed, dry.problems) == (1, 1, ())
    assert len(desk.registers.entries(Register.PROCESSORS)) == 1
    broken = desk.registers.import_rows(
        Register.PROCESSORS, [new, {"name": "Ccme"}, new], dry_run=False
    )
    assert [problem.row for problem in broken.problems] == [3, 4]
    assert len(desk.registers.entries(Register.PROCESSORS)) == 1
    done = desk.registers.import_rows(Register.PROCESSORS, [new, changed], dry_run=False)
    assert (done.added, done.changed) == (1, 1)
    again = desk.registers.import_rows(Register.PROCESSORS, [new, changed, same], dry_run=True)
    assert again.problems != ()
    countries = {e.title: e.values["country"] for e in desk.registers.entries(Register.PROCESSORS)}
    assert countries == {"Acme": "FR", "Bcme": "DE"}


def test_training_is_confirmed_in_the_version_that_was_read(office: DeskRig):
    course = office.sign_in(OFFICER).registers.save(Register.TRAINING, COURSE)
    agent = office.sign_in(AGENT)
    assert [e.id for e in agent.registers.to_confirm()] == [course.id]
    with pytest.raises(InvalidInput, match="changed since"):
        agent.registers.confirm(course.id, 7)
    made = agent.registers.confirm(course.id, 1)
    assert (made.person_name, made.sha256) == (AGENT.name, course.sha256)
    assert agent.registers.to_confirm() == []
    officer = office.sign_in(OFFICER)
    standing = {line.person_name: line.standing for line in officer.registers.training()}
    assert standing[AGENT.name] is Standing.DONE
    assert standing[OFFICER.name] is Standing.MISSING
    officer.registers.save(Register.TRAINING, COURSE | {"text": "Be kinder."}, course.id)
    assert office.sign_in(AGENT).registers.to_confirm() != []


def test_an_agreement_is_accepted_by_who_runs_the_privacy_centre(office: DeskRig):
    desk = office.sign_in(OFFICER)
    contract = desk.registers.save(Register.AGREEMENTS, CONTRACT)
    with pytest.raises(Refused):
        office.sign_in(AGENT).registers.confirm(contract.id, 1)
    desk = office.sign_in(OFFICER)
    assert contract in desk.registers.to_confirm()
    desk.registers.confirm(contract.id, 1)
    assert desk.registers.to_confirm() == []
    assert [a.person_name for a in desk.registers.acknowledgements(contract.id)] == [OFFICER.name]


def test_only_texts_are_confirmed(office: DeskRig):
    desk = office.sign_in(OFFICER)
    made = desk.registers.save(Register.PROCESSORS, PROCESSOR)
    with pytest.raises(InvalidInput):
        desk.registers.confirm(made.id, 1)


def test_a_breach_is_assessed_over_its_time(office: DeskRig):
    desk = office.sign_in(OFFICER)
    now = office.rig.clock.now()
    breach = desk.registers.save(
        Register.BREACHES, {"title": "Lost", "noticed_at": now.isoformat(), "what": "a laptop"}
    )
    assert breach.due_at == now + timedelta(hours=72)
    office.rig.clock.advance(60)
    since, until = desk.registers.breach_window(breach)
    assert (since, until) == (now, office.rig.clock.now())
    assert desk.registers.assess(since, until, entry=breach.id).entries > 0
    with pytest.raises(InvalidInput):
        desk.registers.assess(until, since)
