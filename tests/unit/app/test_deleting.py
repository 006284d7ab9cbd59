from __future__ import annotations

import pytest

from softphone.app.ports import RecordingFilter
from softphone.app.recording_commands import RECORDING_COMMANDS
from softphone.domain.audit import Action
from softphone.domain.errors import InvalidInput, NotFound, Refused
from softphone.domain.privacy import RestrictionKind
from tests.unit.app.rig import AGENT, OFFICER, SUPERVISOR, DeskRig, log_of

ADA, BOB = "+442079460000", "+442079460001"


@pytest.fixture
def recorded(office: DeskRig):
    """Two recordings of Ada, one of Bob."""
    desk = office.sign_in(AGENT)
    desk.people.add("Ada Lovelace", ADA)
    for number in (ADA, ADA, BOB):
        office.phone.waiting.append(office.rig.seal(desk.session.vault, number))
    return desk.calls.take_in_recordings()


def test_the_preview_counts_and_destroys_nothing(office: DeskRig, recorded):
    desk = office.sign_in(SUPERVISOR)
    plan = desk.deletions.preview([*recorded, recorded[0]])
    assert (set(plan.recordings), plan.people, plan.refused) == (set(recorded), 2, ())
    assert plan.audio_ms == sum(desk.session.vault.recording(r).audio_ms for r in recorded)
    desk.deletions.begin(plan)
    assert desk.recordings.count(RecordingFilter()) == 3
    assert log_of(desk, Action.RECORDING_DELETED) == []


def test_each_step_destroys_one_and_can_be_the_last(office: DeskRig, recorded):
    desk = office.sign_in(SUPERVISOR)
    job = desk.deletions.begin(desk.deletions.preview(recorded))
    assert not job.step()
    assert (job.done, job.total, desk.recordings.count(RecordingFilter())) == (1, 3, 2)
    desk.recordings.delete(job._left[0])  # somebody else was faster
    assert not job.step()
    assert job.step()
    assert (job.problems, job.gone_before) == ([], 1)
    assert desk.recordings.count(RecordingFilter()) == 0
    assert len(log_of(desk, Action.RECORDING_DELETED)) >= 3
    for recording in recorded:
        with pytest.raises(NotFound):
            desk.recordings.open(recording)


def test_whoever_may_not_delete_sees_why(office: DeskRig, recorded):
    desk = office.sign_in(AGENT)
    plan = desk.deletions.preview(recorded)
    ((why, count),) = plan.refused
    assert (plan.recordings, count) == ((), 3)
    assert "“Delete recordings”" in why
    assert "can give it" in why


def test_recordings_of_restricted_people_stay(office: DeskRig, recorded):
    office.add_officer()
    officer = office.sign_in(OFFICER)
    (ada,) = officer.people.contacts("Ada", 9, 0)
    officer.requests.restrict(ada.id, RestrictionKind.HELD, "a law suit")
    desk = office.sign_in(SUPERVISOR)
    plan = desk.deletions.preview(recorded)
    assert (len(plan.recordings), plan.people) == (1, 1)
    assert plan.refused == (("Dora Privacy restricted the use of this person's data.", 2),)
    held = next(r for r in recorded if r not in plan.recordings)
    with pytest.raises(Refused, match="Dora Privacy"):
        desk.recordings.delete(held)
    assert log_of(desk, Action.RECORDING_DELETED)[0].entry.result == "refused"


def test_the_command_says_what_would_go_and_goes_on_a_yes(office: DeskRig, recorded):
    run = RECORDING_COMMANDS["delete-recordings"][0]
    desk = office.sign_in(SUPERVISOR)
    said = run(desk, list(recorded))
    assert (said["recordings"], said["people"], said["deleted"]) == (3, 2, 0)
    done = run(desk, [*recorded, "yes"])
    assert (done["deleted"], done["problems"]) == (3, [])
    assert desk.recordings.count(RecordingFilter()) == 0
    with pytest.raises(InvalidInput):
        run(desk, ["yes"])
