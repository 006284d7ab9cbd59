from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.app.desk import Desk
from softphone.domain.audit import Action
from softphone.domain.errors import InvalidInput, Refused
from softphone.domain.privacy import RestrictionKind
from softphone.domain.request import NextStep, RequestKind, RequestState
from tests.unit.app.rig import OFFICER, DeskRig, log_of
from tests.unit.vault.rig import call, draft


@pytest.fixture
def office(tmp_path: Path) -> Iterator[DeskRig]:
    made = DeskRig(tmp_path)
    made.add_officer()
    yield made
    made.close()


@pytest.fixture
def desk(office: DeskRig) -> Desk:
    return office.sign_in(OFFICER)


def test_a_request_goes_through_its_steps(office: DeskRig, desk: Desk):
    ada = desk.people.add("Ada Lovelace", "+493012345678")
    made = desk.requests.receive(RequestKind.ACCESS, "A. Lovelace", "e-mail")
    assert made.next_step is NextStep.FIND_PERSON
    found = desk.requests.find_person(made.id, ada.id)
    assert found.next_step is NextStep.CHECK_IDENTITY
    with pytest.raises(InvalidInput, match="identity was not checked"):
        desk.requests.answerable(made.id, RequestKind.ACCESS)
    checked = desk.requests.check_identity(made.id, "called back at the known number")
    assert checked.next_step is NextStep.ANSWER
    done = desk.requests.close(made.id, "sent by post")
    assert done.state is RequestState.DONE
    assert [r.id for r in desk.requests.page((RequestState.DONE,))] == [made.id]
    assert desk.requests.open(made.id) == done
    with pytest.raises(InvalidInput):
        desk.requests.extend(made.id, "late")
    assert "requests" in office.kinds()


def test_another_person_is_checked_anew(desk: Desk):
    ada, bob = (desk.people.add(n, t) for n, t in (("Ada", "+49301"), ("Bob", "+49302")))
    made = desk.requests.receive(RequestKind.ERASURE, "Ada", "letter", contact=ada.id)
    desk.requests.check_identity(made.id, "passport")
    assert desk.requests.find_person(made.id, bob.id).next_step is NextStep.CHECK_IDENTITY


def test_somebody_who_is_not_in_the_system_gets_that_answer(desk: Desk):
    made = desk.requests.receive(RequestKind.ACCESS, "Nobody", "letter")
    unknown = desk.requests.find_person(made.id, None)
    assert unknown.next_step is NextStep.ANSWER
    with pytest.raises(InvalidInput, match="Nobody like that"):
        desk.requests.answerable(made.id, RequestKind.ACCESS)
    assert desk.requests.close(made.id, "nothing is held").outcome == "nothing is held"


def test_the_month_runs_from_when_it_came(office: DeskRig, desk: Desk):
    came = office.rig.clock.now() - timedelta(days=20)
    made = desk.requests.receive(RequestKind.ACCESS, "Ada", "letter", came)
    assert made.received_at == came
    assert made.due_at - office.rig.clock.now() < timedelta(days=13)
    with pytest.raises(InvalidInput, match="future"):
        desk.requests.receive(
            RequestKind.ACCESS, "Ada", "letter", office.rig.clock.now() + timedelta(days=1)
        )
    longer = desk.requests.extend(made.id, "many files")
    assert longer.due_at - made.due_at > timedelta(days=58)


def test_a_correction_answers_its_request(desk: Desk):
    ada = desk.people.add("Ada Lovelace", "+493012345678")
    made = desk.requests.receive(RequestKind.RECTIFICATION, "Ada", "call", contact=ada.id)
    desk.requests.check_identity(made.id, "voice")
    desk.requests.rectify(replace(ada, name="Ada King"), "married", made.id)
    (kept,) = desk.requests.rectifications(ada.id)
    assert kept.before == {"name": "Ada Lovelace"}
    assert desk.requests.open(made.id).history[-1].text == "name"
    with pytest.raises(InvalidInput):
        desk.requests.rectify(replace(ada, name=" "), "married")


def test_restricting_and_releasing(desk: Desk):
    ada = desk.people.add("Ada Lovelace", "+493012345678")
    made = desk.requests.receive(RequestKind.RESTRICTION, "Ada", "call", contact=ada.id)
    desk.requests.check_identity(made.id, "voice")
    desk.requests.restrict(ada.id, RestrictionKind.RESTRICTED, "disputed", made.id)
    assert [r.reason for r in desk.requests.restrictions(ada.id)] == ["disputed"]
    assert desk.requests.restrictions() == desk.requests.restrictions(ada.id)
    with pytest.raises(InvalidInput):
        desk.requests.restrict(ada.id, RestrictionKind.HELD, "")
    with pytest.raises(InvalidInput):
        desk.requests.release(ada.id, RestrictionKind.RESTRICTED, " ")
    desk.requests.release(ada.id, RestrictionKind.RESTRICTED, "corrected")
    assert desk.requests.restrictions() == []


def test_an_erasure_under_a_hold_is_refused_queued_and_logged(desk: Desk):
    ada = desk.people.add("Ada Lovelace", "+493012345678")
    desk.requests.restrict(ada.id, RestrictionKind.HELD, "lawsuit")
    with pytest.raises(Refused, match="legal hold"):
        desk.privacy.erase(ada.id)
    assert desk.requests.restrictions(ada.id)[0].erasure_queued
    (row,) = log_of(desk, Action.ERASURE_INTENDED)
    assert row.entry.result == "refused"


def test_a_hold_on_somebody_else_in_a_recording_refuses_the_erasure_and_is_logged(
    office: DeskRig, desk: Desk
):
    ada, bob = (desk.people.add(n, t) for n, t in (("Ada", "+49301"), ("Bob", "+49302")))
    vault = desk.session.vault
    sealed = office.rig.seal(vault, "+49301")
    vault.take_in(sealed, draft(vault))
    joined = call(vault, "+49302", office.rig.clock.now(), recording=sealed.manifest.recording)
    vault.add_call(joined, draft(vault))
    desk.requests.restrict(bob.id, RestrictionKind.HELD, "lawsuit")
    with pytest.raises(Refused, match="somebody who is heard in one of the recordings"):
        desk.privacy.erase(ada.id)
    (row,) = log_of(desk, Action.ERASURE_INTENDED)
    assert (row.entry.object_id, row.entry.result) == (ada.id, "refused")
    assert vault.contact(ada.id) == ada
