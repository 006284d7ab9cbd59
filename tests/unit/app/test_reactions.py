from __future__ import annotations

from dataclasses import replace

from softphone.app.reactions import react
from softphone.app.state import PhoneState
from softphone.domain.account import Registration, RegistrationState
from softphone.domain.audit import Action
from softphone.domain.call import Call, CallState, Direction
from softphone.domain.consent import Told
from softphone.domain.events import (
    AudioDevicesChanged,
    CallChanged,
    NoticeHeard,
    RecordingFailed,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
    RegistrationChanged,
)
from softphone.domain.recording import GapReason
from tests.fakes.clock import START
from tests.unit.app.rig import AGENT, OFFICER, DeskRig, log_of


def test_what_happens_to_a_recording_is_logged(office: DeskRig):
    desk = office.sign_in(AGENT)
    for event, action, detail in (
        (RecordingStarted("c", "r", "x"), Action.RECORDING_STARTED, {"sealed_for": "x"}),
        (
            RecordingPaused("c", "r", GapReason.CARD_PAYMENT),
            Action.RECORDING_PAUSED,
            {"reason": "card_payment"},
        ),
        (RecordingResumed("c", "r"), Action.RECORDING_RESUMED, {}),
        (
            RecordingFailed("c", "r", "Failed.", "Full.", "Free."),
            Action.RECORDING_FAILED,
            {"what": "Failed.", "why": "Full."},
        ),
    ):
        react(desk, event)
        (row,) = log_of(desk, action)
        assert (row.entry.object_id, row.detail) == ("r", detail)


def test_what_both_sides_heard_is_noted(office: DeskRig):
    office.add_officer()
    officer = office.sign_in(OFFICER)
    react(officer, NoticeHeard("c", "+442079460000", beep=False))
    assert officer.information.of_call("c") == []
    officer.information.save_text("recording", "en", "This call is recorded.")
    react(officer, NoticeHeard("c", "+442079460000", beep=False))
    react(officer, NoticeHeard("d", "+442079460000", beep=True))
    (played,) = officer.information.of_call("c")
    assert (played.how, played.version) == (Told.PLAYED, 1)
    assert [told.how for told in officer.information.of_call("d")] == [Told.BEEP]


def test_what_is_noted_is_the_text_that_was_played_though_a_newer_one_was_written(
    office: DeskRig,
):
    office.add_officer()
    officer = office.sign_in(OFFICER)
    officer.information.save_text("recording", "en", "This call is recorded.")
    officer.information.save_text("recording", "de", "Wird aufgezeichnet.", version=1)
    officer.information.save_text("recording", "en", "This call is recorded and kept.")
    react(officer, NoticeHeard("c", "+442079460000", False, "de", 1))
    (played,) = officer.information.of_call("c")
    assert (played.language, played.version) == ("de", 1)


def test_the_engine_learns_the_contacts_language_and_every_language_there_is(office: DeskRig):
    office.add_officer()
    officer = office.sign_in(OFFICER)
    officer.information.save_text("recording", "en", "This call is recorded.")
    officer.information.save_text("recording", "de", "Wird aufgezeichnet.", version=1)
    officer.information.save_text("recording", "en", "Recorded and kept.", b"RIFF sound")
    officer.calls.start()
    plan = [told[1] for told in office.phone.told if told[0] == "plan"][-1]
    assert [(a.version, a.language, a.audio) for a in plan.announcements] == [
        (2, "en", b"RIFF sound"), (1, "de", b""),
    ]  # fmt: skip
    desk = office.sign_in(AGENT)
    desk.people.save(replace(desk.people.add("Ada", "+442079460000"), language="de-AT"))
    for name, number in (("c1", "+442079460000"), ("c2", "+442079460001"), ("c3", "")):
        react(desk, CallChanged(Call(name, "a1", Direction.INCOMING, CallState.INCOMING, number)))
    assert [told for told in office.phone.told if told[0] == "language"] == [
        ("language", "c1", "de-AT")
    ]


def test_an_ended_call_becomes_history_and_a_live_one_does_not(office: DeskRig):
    desk = office.sign_in(AGENT)
    call = Call("c1", "a1", Direction.INCOMING, CallState.ESTABLISHED, "201")
    react(desk, CallChanged(call))
    assert desk.calls.history_count("") == 0
    react(desk, CallChanged(Call("c1", "a1", Direction.INCOMING, CallState.ENDED, "201")))
    assert desk.calls.history_count("") == 1


def test_a_stopped_recording_is_taken_in(office: DeskRig):
    desk = office.sign_in(AGENT)
    office.phone.waiting.append(office.rig.seal(desk.session.vault, "+442079460000"))
    react(desk, RecordingStopped("c", "r"))
    assert len(log_of(desk, Action.RECORDING_SEALED)) == 1


def test_a_refused_connection_is_logged_with_its_reason(office: DeskRig):
    desk = office.sign_in(AGENT)
    for state, what in (
        (RegistrationState.FAILED, "Refused."),
        (RegistrationState.FAILED, ""),
        (RegistrationState.REGISTERED, "x"),
    ):
        react(desk, RegistrationChanged(Registration("a1", state, START, what=what, why="expired")))
    (row,) = log_of(desk, Action.CONNECTION_REFUSED)
    assert (row.entry.result, row.detail) == ("refused", {"why": "expired"})


def test_everything_else_is_left_alone(office: DeskRig):
    desk = office.sign_in(AGENT)
    before = desk.session.vault.verify_audit().entries
    react(desk, AudioDevicesChanged("a", "b"))
    assert desk.session.vault.verify_audit().entries == before
    assert PhoneState().live_calls == ()
