"""Which calls are recorded, what interrupts it, and what follows a transfer; real recorder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from softphone.app.media import FRAME_SAMPLES, Spoken
from softphone.app.ports import RecordingPlan
from softphone.domain.account import Account
from softphone.domain.call import CallState, Direction, RecordingState
from softphone.domain.call_policy import CallPolicy, Notice, RecordingRule
from softphone.domain.consent import Announcement
from softphone.domain.events import (
    NoticeHeard,
    RecordingPaused,
    RecordingStarted,
    RecordingStopped,
)
from softphone.domain.ids import AccountId, CallId, UserId
from softphone.domain.permissions import RecordingMode
from softphone.domain.recording import GapReason
from softphone.engine import wire
from tests.unit.engine.test_phone_engine import ACCOUNT, CALL, Rig

OTHER = CallId("call-2")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    made.engine.apply(wire.SetAccount(Account(ACCOUNT, "anna", "x.example", "x"), "pw"))
    yield made
    made.recorder.stop()


def use(rig: Rig, rules: CallPolicy, mode: RecordingMode = RecordingMode.AUTOMATIC) -> None:
    plan = rig.engine._recordings.plan
    assert plan is not None
    rig.engine.apply(wire.SetRecordingPlan(replace(plan, mode=mode, calls=rules), rig.journal_key))


def talk(rig: Rig, call: CallId = CALL, number: str = "+4930") -> None:
    rig.engine.apply(wire.Dial(ACCOUNT, call, number))
    rig.stack.answer(call)


def told(rig: Rig, call: CallId = CALL) -> RecordingState:
    return rig.engine._told[call].recording


@pytest.mark.parametrize(
    ("rule", "recorded"),
    [
        (RecordingRule(False, number="+49*"), False),
        (RecordingRule(False, number="+48*"), True),
        (RecordingRule(False, direction=Direction.OUTGOING), False),
        (RecordingRule(False, direction=Direction.INCOMING), True),
        (RecordingRule(False, account="sip:anna@x.example"), False),
        (RecordingRule(False, account="sip:bert@x.example"), True),
        (RecordingRule(False, agent=UserId("u")), False),
        (RecordingRule(False, agent=UserId("v")), True),
    ],
)
def test_the_first_rule_that_fits_decides(rig: Rig, rule: RecordingRule, recorded: bool):
    use(rig, CallPolicy(recording_rules=(rule, RecordingRule(True))))
    talk(rig)
    assert (told(rig) is RecordingState.RECORDING) is recorded


def test_a_rule_against_recording_holds_for_the_agents_own_wish_too(rig: Rig):
    use(rig, CallPolicy(recording_rules=(RecordingRule(False),)), RecordingMode.MANUAL)
    talk(rig)
    rig.engine.apply(wire.StartRecording(CALL))
    assert rig.stack.attached == {}
    assert told(rig) is RecordingState.OFF


@pytest.mark.parametrize("who", ["us", "them"])
def test_nothing_is_captured_on_hold_and_the_gap_says_so(rig: Rig, who: str):
    talk(rig)
    rig.tick(100, 100, 50)
    held = replace(rig.stack.known[CALL], **{f"held_by_{who}": True})
    rig.stack._change(held)
    assert told(rig) is RecordingState.PAUSED
    paused = rig.wait_for(RecordingPaused)
    assert isinstance(paused, RecordingPaused)
    assert paused.reason is GapReason.HOLD
    rig.tick(7777, 7777, 20)
    rig.stack._change(replace(held, **{f"held_by_{who}": False}))
    assert told(rig) is RecordingState.RECORDING
    rig.engine.apply(wire.HangUp(CALL))
    rig.wait_for(RecordingStopped)
    [sealed] = rig.sealed()
    [gap] = sealed.manifest.gaps
    assert (gap.at_ms, gap.reason, gap.call) == (1000, GapReason.HOLD, None)
    assert 7777 not in rig.heard(sealed)


def test_a_pause_of_the_agent_outlives_a_hold(rig: Rig):
    """Resuming the call must not resume what the agent paused for a card number."""
    talk(rig)
    rig.tick(1, 1, 10)
    rig.engine.apply(wire.PauseRecording(CALL, GapReason.CARD_PAYMENT))
    rig.engine.apply(wire.Hold(CALL, True))
    rig.engine.apply(wire.Hold(CALL, False))
    assert told(rig) is RecordingState.PAUSED
    rig.engine.apply(wire.ResumeRecording(CALL))
    assert told(rig) is RecordingState.RECORDING


def test_resuming_the_recording_on_hold_captures_nothing(rig: Rig):
    talk(rig)
    rig.engine.apply(wire.Hold(CALL, True))
    rig.engine.apply(wire.PauseRecording(CALL, GapReason.AGENT_PAUSED))
    rig.engine.apply(wire.ResumeRecording(CALL))
    assert told(rig) is RecordingState.PAUSED


def transferred(rig: Rig, **changes: object) -> None:
    call = replace(
        rig.stack.known[CALL], id=OTHER, state=CallState.RINGING, established_at=None,
        encrypted=False, replaces=CALL, **changes,
    )  # fmt: skip
    rig.stack._change(call)


@pytest.mark.parametrize("order", ["answered first", "ended first"])
def test_a_transferred_call_keeps_one_recording(rig: Rig, order: str):
    talk(rig)
    rig.tick(1000, 1000, 50)
    transferred(rig)
    if order == "answered first":
        rig.stack.answer(OTHER)
        rig.stack.hang_up(CALL)
    else:
        rig.stack.hang_up(CALL)
        rig.stack.answer(OTHER)
    assert set(rig.stack.attached) == {OTHER}
    assert told(rig, OTHER) is RecordingState.RECORDING
    agent, customer = rig.stack.attached[OTHER]
    while rig.engine._recordings._takes[OTHER].paused:
        rig.sealed()
    for _ in range(50):
        agent.put_frame(b"\x02\x00" * 320)
        customer.put_frame(b"\x02\x00" * 320)
    rig.engine.apply(wire.HangUp(OTHER))
    rig.wait_for(RecordingStopped)
    [sealed] = rig.sealed()
    assert sealed.call == CALL
    assert sealed.manifest.audio_ms == 2000
    marks = [g for g in sealed.manifest.gaps if g.reason is GapReason.TRANSFER and g.call]
    assert [m.call for m in marks] == [OTHER]
    assert sum(isinstance(e, RecordingStarted) for e in rig.seen) == 1


def test_a_transfer_that_nobody_answers_seals_what_there_is(rig: Rig):
    talk(rig)
    rig.tick(1000, 1000, 50)
    transferred(rig)
    rig.stack.hang_up(CALL)
    rig.stack.hang_up(OTHER)
    rig.wait_for(RecordingStopped)
    [sealed] = rig.sealed()
    assert sealed.manifest.audio_ms == 1000


@pytest.mark.parametrize("order", ["answered first", "ended first"])
def test_who_is_not_recorded_is_not_recorded_after_a_transfer_either(rig: Rig, order: str):
    rules = (RecordingRule(False, number="+4940*"), RecordingRule(True))
    use(rig, CallPolicy(recording_rules=rules))
    talk(rig)
    rig.tick(1000, 1000, 50)
    transferred(rig, number="+4940123")
    deeds = [lambda: rig.stack.answer(OTHER), lambda: rig.stack.hang_up(CALL)]
    for deed in deeds if order == "answered first" else reversed(deeds):
        deed()
    assert rig.stack.attached == {}
    assert told(rig, OTHER) is RecordingState.OFF
    rig.wait_for(RecordingStopped)
    [sealed] = rig.sealed()
    assert sealed.manifest.audio_ms == 1000


def test_a_rule_for_a_direction_follows_the_conversation_through_a_transfer(rig: Rig):
    """Our phone places the call to which it is sent; the customer had called, or had not."""
    use(rig, CallPolicy(recording_rules=(RecordingRule(False, direction=Direction.INCOMING),)))
    talk(rig)
    transferred(rig, number="+4940", direction=Direction.INCOMING)
    rig.stack.answer(OTHER)
    assert told(rig, OTHER) is RecordingState.RECORDING


@pytest.mark.parametrize(("number", "again"), [("+4940123", True), ("+4930", False)])
@pytest.mark.parametrize("notice", [Notice.AT_START, Notice.BEEP])
def test_who_comes_in_by_a_transfer_hears_that_they_are_recorded(
    rig: Rig, notice: Notice, number: str, again: bool
):
    use(rig, CallPolicy(notice=notice))
    talk(rig)
    rig.stack.notices[CALL].next_frame()
    while CALL in rig.stack.notices and notice is Notice.AT_START:
        rig.stack.notices[CALL].next_frame()
        rig.engine.tick()
    transferred(rig, number=number)
    rig.stack.answer(OTHER)
    rig.stack.hang_up(CALL)
    assert (OTHER in rig.stack.notices) is (again or notice is Notice.BEEP)
    while OTHER in rig.stack.notices and notice is Notice.AT_START:
        rig.stack.notices[OTHER].next_frame()
        rig.engine.tick()
    rig.engine.apply(wire.HangUp(OTHER))
    rig.wait_for(RecordingStopped)
    said = [(e.call, e.number) for e in rig.seen if isinstance(e, NoticeHeard)]
    assert said == [(CALL, "+4930"), *([(OTHER, number)] if again else [])]


def test_each_leg_of_a_conference_is_named(rig: Rig):
    talk(rig)
    talk(rig, OTHER, "+4931")
    rig.engine.apply(wire.Conference(CALL, OTHER))
    rig.engine.apply(wire.HangUp(OTHER))
    rig.engine.apply(wire.HangUp(CALL))
    rig.wait_for(RecordingStopped)
    rig.wait_for(RecordingStopped)
    found = {s.call: [g.call for g in s.manifest.gaps] for s in rig.sealed()}
    assert found[CALL][0] == OTHER
    assert found[OTHER][0] == CALL


def test_a_conference_has_a_track_for_each_leg_and_says_when_the_other_was_there(rig: Rig):
    """Each leg's recording has agent and that leg alone; marks of no length name the other."""
    talk(rig)
    talk(rig, OTHER, "+4931")

    def second() -> None:
        for call, voice in ((CALL, 100), (OTHER, 200)):
            agent, customer = rig.stack.attached[call]
            for _ in range(50):
                agent.put_frame(np.full(FRAME_SAMPLES, 50, np.int16).tobytes())
                customer.put_frame(np.full(FRAME_SAMPLES, voice, np.int16).tobytes())
        rig.sealed()  # the recorder has taken it

    second()
    rig.engine.apply(wire.Conference(CALL, OTHER))
    rig.sealed()
    second()
    rig.stack._change(replace(rig.stack.known[CALL], conference=False))
    rig.engine.apply(wire.HangUp(OTHER))
    rig.sealed()
    rig.tick(50, 100, times=50)
    rig.engine.apply(wire.HangUp(CALL))
    rig.wait_for(RecordingStopped)
    rig.wait_for(RecordingStopped)
    found = {sealed.call: sealed for sealed in rig.sealed()}
    marks = {
        call: [(g.at_ms, g.length_ms, g.call) for g in sealed.manifest.gaps]
        for call, sealed in found.items()
    }
    assert marks[CALL] == [(1000, 0, OTHER), (2000, 0, OTHER)]
    assert marks[OTHER][0] == (1000, 0, CALL)
    assert [found[c].manifest.audio_ms for c in (CALL, OTHER)] == [3000, 2000]
    for call, voice in ((CALL, 100), (OTHER, 200)):
        heard = rig.heard(found[call])
        assert set(np.unique(heard[:, 1])) == {voice}
        assert set(np.unique(heard[:, 0])) == {50}


class ManyTongues:
    """Announcements that are named by their language."""

    def __init__(self) -> None:
        self.prepared: tuple[Announcement, ...] = ()

    def prepare(self, announcements) -> None:
        self.prepared = tuple(announcements)

    def beep(self) -> bytes:
        return b"\1\0"

    def announcement(self, language: str = "") -> Spoken:
        return Spoken(b"\2\0", language or "en", 7)


def test_the_announcement_is_in_the_language_of_the_call_and_what_was_played_is_told(rig: Rig):
    tongues = ManyTongues()
    rig.engine._notices = rig.engine._recordings._notices = tongues
    plan = rig.engine._recordings.plan
    assert plan is not None
    texts = (Announcement(7, "en", "This call is recorded."), Announcement(7, "de", "Ja."))
    rules = CallPolicy(notice=Notice.AT_START)
    plan = replace(plan, calls=rules, announcements=texts)
    rig.engine.apply(wire.SetRecordingPlan(plan, os.urandom(32)))
    assert tongues.prepared == texts
    for call, language in ((CALL, "de"), (OTHER, "")):
        rig.engine.apply(wire.Dial(ACCOUNT, call, "+4930"))
        if language:
            rig.engine.apply(wire.UseLanguage(call, language))
        rig.stack.answer(call)
        rig.stack.notices[call].next_frame()
        rig.engine.tick()
        told = rig.wait_for(NoticeHeard)
        assert (told.call, told.language, told.version) == (call, language or "en", 7)
        rig.engine.apply(wire.HangUp(call))
        rig.engine.apply(wire.ForgetCall(call))


@pytest.mark.parametrize(("notice", "heard"), [(Notice.BEEP, True), (Notice.AT_START, True),
                                               (Notice.NONE, False)])  # fmt: skip
def test_both_sides_hear_of_the_recording(rig: Rig, notice: Notice, heard: bool):
    use(rig, CallPolicy(notice=notice, beep_every_s=2))
    talk(rig)
    assert (CALL in rig.stack.notices) is heard
    if heard:
        source = rig.stack.notices[CALL]
        frames = [source.next_frame() for _ in range(150)]
        sounding = [n for n, f in enumerate(frames) if any(f)]
        assert sounding[0] <= 1
        assert (max(sounding) > 99) is (notice is Notice.BEEP)
        rig.engine.tick()
        assert (CALL in rig.stack.notices) is (notice is Notice.BEEP)
        told = rig.wait_for(NoticeHeard)
        assert (told.call, told.beep) == (CALL, notice is Notice.BEEP)
    rig.engine.apply(wire.HangUp(CALL))
    assert rig.stack.notices == {}


def test_no_notice_where_nothing_is_recorded(rig: Rig):
    use(rig, CallPolicy(notice=Notice.BEEP, recording_rules=(RecordingRule(False),)))
    talk(rig)
    assert rig.stack.notices == {}


def test_the_plan_reaches_the_stack(rig: Rig):
    rules = CallPolicy(session_expires_s=600)
    use(rig, rules)
    assert rig.stack.policy == rules
    assert isinstance(rig.engine._recordings.plan, RecordingPlan)
    assert rig.engine._recordings.accounts == {AccountId("a"): "sip:anna@x.example"}
