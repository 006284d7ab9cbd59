"""What is recorded of calls between three engines through Kamailio, as rules and holds say."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from demo.hearing import likeness, speak, spoken_pcm
from softphone.app.ports import RecordingPlan
from softphone.domain.call import CallState, Direction, RecordingState
from softphone.domain.call_policy import CallPolicy, Notice, RecordingRule
from softphone.domain.consent import Announcement
from softphone.domain.events import CallChanged, RecordingStopped
from softphone.domain.ids import GroupId, UserId
from softphone.domain.permissions import RecordingMode
from softphone.domain.recording import GapReason, SealTarget
from tests.integration.conftest import ANNA, DOMAIN, NUMBER, Phone
from tests.integration.test_microphone_leads import recorded
from tests.integration.test_transfer_and_lines import Three, heard, in_state, last_of, three

__all__ = ["three"]
pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]


def plan(phone: Phone, calls: CallPolicy) -> RecordingPlan:
    target = SealTarget(GroupId("listen/north/1"), "Team North", phone.listener.recipient())
    return RecordingPlan(
        RecordingMode.AUTOMATIC, "opus", UserId("marta"), "north", (target,), calls
    )


def use(phone: Phone, wanted: RecordingPlan) -> None:
    phone.client.set_recording_plan(wanted, os.urandom(32))


@pytest.mark.parametrize(
    "rule",
    [
        RecordingRule(record=False, direction=Direction.OUTGOING),
        RecordingRule(record=False, number=NUMBER[:4] + "*"),
        RecordingRule(record=False, account=f"sip:anna@{DOMAIN}"),
        RecordingRule(record=False, agent=UserId("marta")),
    ],
    ids=["direction", "number", "account", "agent"],
)
def test_a_rule_that_fits_keeps_a_call_out_of_the_recordings(three: Three, rule: RecordingRule):
    other = replace(rule, record=True, direction=Direction.INCOMING)  # fits no call of this test
    use(three.anna, plan(three.anna, CallPolicy(recording_rules=(other, rule))))
    ours, _ = three.talk(three.anna, three.customer, NUMBER)
    call = three.anna.wait(heard(ours)).call
    assert call.recording is not RecordingState.RECORDING
    three.anna.client.hang_up(ours)
    last_of(three.anna, ours)
    assert three.anna.client.sealed_recordings() == ()


def test_a_rule_that_speaks_of_other_calls_changes_nothing(three: Three):
    rule = RecordingRule(record=False, direction=Direction.INCOMING)
    use(three.anna, plan(three.anna, CallPolicy(recording_rules=(rule,))))
    ours, _ = three.talk(three.anna, three.customer, NUMBER)
    assert three.anna.wait(heard(ours)).call.recording is RecordingState.RECORDING


def test_a_hold_is_a_gap_as_long_as_it_was(three: Three):
    three.anna.record()
    ours, theirs = three.talk(three.anna, three.customer, NUMBER)
    three.anna.wait(heard(ours))
    three.anna.client.hold(ours, True)
    three.customer.wait(lambda e: isinstance(e, CallChanged) and e.call.held_by_them)
    for _ in range(3):  # two seconds and more, by the other side's measurement
        three.customer.wait(heard(theirs))
    three.anna.client.hold(ours, False)
    three.customer.wait(lambda e: isinstance(e, CallChanged) and not e.call.held_by_them)
    for _ in range(2):
        three.anna.wait(heard(ours))
    three.anna.client.hang_up(ours)
    ended = last_of(three.anna, ours)
    three.anna.wait(lambda e: isinstance(e, RecordingStopped))
    [sealed] = three.anna.client.sealed_recordings()
    [gap] = [g for g in sealed.manifest.gaps if g.reason is GapReason.HOLD]
    assert gap.length_ms > 1500
    assert ended.ended_at is not None
    assert ended.established_at is not None
    talked_ms = (ended.ended_at - ended.established_at).total_seconds() * 1000
    assert abs(sealed.manifest.audio_ms + gap.length_ms - talked_ms) < 600


def test_a_conference_has_a_recording_a_leg_that_names_the_other(three: Three):
    three.anna.record()
    first, _ = three.talk(three.anna, three.customer, NUMBER)
    second, _ = three.talk(three.anna, three.other, "other")
    three.anna.client.conference(first, second)
    three.anna.wait(
        lambda e: (
            isinstance(e, CallChanged)
            and (e.call.id, e.call.conference) == (first, True)
            and not e.call.held_by_us
            and e.call.quality is not None
        )
    )
    three.anna.client.hang_up(second)
    last_of(three.anna, second)
    three.anna.client.hang_up(first)
    for _ in range(2):
        three.anna.wait(lambda e: isinstance(e, RecordingStopped))
    legs = {sealed.call: sealed.manifest for sealed in three.anna.client.sealed_recordings()}
    assert set(legs) == {first, second}
    for call, partner in ((first, second), (second, first)):
        marks = [g for g in legs[call].gaps if g.reason is GapReason.CONFERENCE]
        assert partner in {mark.call for mark in marks}


def test_the_other_side_hears_the_announcement(three: Three, tmp_path):
    text = "This call is recorded. Please say so if you do not agree."
    spoken = speak(text, tmp_path / "announcement.wav")
    announcement = Announcement(1, "en", text, spoken.read_bytes())
    rules = plan(three.anna, CallPolicy(notice=Notice.AT_START))
    use(three.anna, replace(rules, announcements=(announcement,)))
    first, _ = three.talk(three.anna, three.customer, NUMBER)
    three.anna.wait(heard(first))  # it is decoded beside everything else; until then tones play
    three.anna.client.hang_up(first)
    last_of(three.anna, first)
    three.customer.record()
    ours = three.anna.client.dial(ANNA, NUMBER)
    three.customer.client.answer(three.customer.wait(in_state(CallState.INCOMING)).call.id)
    three.anna.wait(in_state(CallState.ESTABLISHED, ours))
    three.anna.client.mute(ours, True)
    said = spoken_pcm(spoken)
    for _ in range(len(said) // 16_000 + 2):
        three.anna.wait(heard(ours))
    three.anna.client.hang_up(ours)
    three.customer.wait(lambda e: isinstance(e, RecordingStopped))
    assert likeness(recorded(three.customer)[:, 1], said) > 0.5
