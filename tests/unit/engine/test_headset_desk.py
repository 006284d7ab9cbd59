"""Headset buttons in the phone engine itself: no window, the real command path, a fake stack."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from softphone.app.ports import RecordingPlan
from softphone.audio.codecs import StreamEncoder
from softphone.audio.devices import FileDevices
from softphone.audio.notices import RecordingNotices
from softphone.domain.call import CallState
from softphone.domain.call_policy import CallPolicy
from softphone.domain.events import (
    AudioDevicesChanged,
    EngineEvent,
    HeadsetPressed,
    HeadsetsListed,
)
from softphone.domain.headset import (
    ButtonKind,
    ButtonReport,
    Headset,
    HeadsetButton,
    HeadsetDeed,
    HeadsetOrder,
    HeadsetsOff,
    Lamp,
)
from softphone.domain.ids import AccountId, CallId, HeadsetId, UserId
from softphone.domain.permissions import RecordingMode
from softphone.domain.sound import rescan, use_buttons
from softphone.engine import wire
from softphone.engine.headset_desk import NoHeadsets, command_for
from softphone.engine.phone_engine import PhoneEngine
from softphone.engine.recorder import Recorder
from softphone.vault.journal import RecordingJournal
from tests.fakes.stack import FakeStack

CALL, OTHER, ACCOUNT = CallId("c"), CallId("d"), AccountId("a")
JABRA, LAPTOP = Headset(HeadsetId("1"), "Jabra Link", plugged=1), Headset(HeadsetId("2"), "Plain")
HOOK, MUTE = HeadsetButton.HOOK, HeadsetButton.MUTE


class FakeHeadsets:
    """Remembers what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.lit: dict[HeadsetId, frozenset[Lamp]] = {}
        self.listed: Callable[[HeadsetsListed], None] = lambda _listed: None
        self.pressed: Callable[[ButtonReport], None] = lambda _report: None

    def start(
        self, listed: Callable[[HeadsetsListed], None], pressed: Callable[[ButtonReport], None]
    ) -> None:
        self.listed, self.pressed = listed, pressed

    def show(self, headset: HeadsetId, lit: frozenset[Lamp], *, again: bool = False) -> None:
        self.lit[headset] = lit
        if again:
            self.asked.append(("again", headset))

    def prefer(self, on: bool) -> None:
        self.asked.append(("prefer", on))

    def permit(self, on: bool) -> None:
        self.asked.append(("permit", on))

    def rescan(self) -> None:
        self.asked.append("rescan")

    def close(self) -> None:
        self.asked.append("close")


class Rig:
    def __init__(self, folder: Path) -> None:
        self.told: list[EngineEvent] = []
        self.headsets = FakeHeadsets()
        self.folder = folder
        self.recorder = Recorder(
            StreamEncoder,
            lambda key: RecordingJournal(folder / "journal.db", key, folder / "recordings"),
            lambda _event: None,
        )
        notices = RecordingNotices(folder / "none")
        self.engine = PhoneEngine(
            self.recorder, FileDevices(), self.told.append, notices, headsets=self.headsets
        )
        self.stack = FakeStack(self.engine.happened)
        self.engine.use(self.stack)

    def plug(self, *headsets: Headset) -> None:
        self.headsets.listed(HeadsetsListed(headsets))
        self.stack.drain()

    def press(self, button: HeadsetButton, digit: str = "", headset: Headset = JABRA) -> None:
        for value in (1, 0):
            self.headsets.pressed(
                ButtonReport(headset.id, button, ButtonKind.ONE_SHOT, value, 1.0, digit)
            )
        self.stack.drain()

    def ring(self, call: CallId = CALL) -> None:
        self.stack.ring(ACCOUNT, call, "+4930")
        self.stack.drain()


@pytest.fixture
def rig(tmp_path: Path):
    made = Rig(tmp_path)
    made.plug(JABRA)
    yield made
    made.recorder.stop()


def test_a_call_is_answered_muted_held_and_hung_up_without_a_window(rig):
    rig.ring()
    assert rig.headsets.lit[JABRA.id] == {Lamp.RING}
    rig.press(HOOK)
    assert rig.stack.known[CALL].state is CallState.ESTABLISHED
    assert rig.headsets.lit[JABRA.id] == {Lamp.OFF_HOOK}
    rig.press(MUTE)
    assert rig.stack.known[CALL].muted
    assert rig.headsets.lit[JABRA.id] == {Lamp.OFF_HOOK, Lamp.MUTE}
    rig.press(HeadsetButton.KEY, "7")
    assert rig.stack.tones == [(CALL, "7")]
    rig.press(HeadsetButton.HOLD)
    assert rig.stack.known[CALL].held_by_us
    assert Lamp.HOLD in rig.headsets.lit[JABRA.id]
    rig.press(HOOK)
    assert rig.stack.known[CALL].state is CallState.ENDED
    assert rig.headsets.lit[JABRA.id] == frozenset()
    pressed = [event for event in rig.told if isinstance(event, HeadsetPressed)]
    assert pressed[0] == HeadsetPressed("Jabra Link", HOOK)
    assert pressed[2] == HeadsetPressed("Jabra Link", HeadsetButton.KEY, "7")


def test_what_the_window_does_shows_on_the_headset(rig):
    rig.ring()
    rig.engine.apply(wire.Answer(CALL))
    rig.engine.apply(wire.Mute(CALL, True))
    assert rig.headsets.lit[JABRA.id] == {Lamp.OFF_HOOK, Lamp.MUTE}
    rig.engine.apply(wire.HangUp(CALL, 0))
    assert rig.headsets.lit[JABRA.id] == frozenset()


def test_the_headset_whose_sound_is_used_has_calls_of_the_window(rig):
    rig.plug(LAPTOP, JABRA)
    rig.engine.happened(AudioDevicesChanged("Jabra Link Mono", "Speakers"))
    rig.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
    assert rig.headsets.lit[JABRA.id] == {Lamp.OFF_HOOK}
    assert rig.headsets.lit[LAPTOP.id] == frozenset()


def test_a_window_that_attaches_learns_of_them(rig):
    assert HeadsetsListed((JABRA,)) in rig.engine.present()


def test_a_press_of_an_unknown_headset_is_nothing(rig):
    rig.ring()
    rig.press(HOOK, headset=LAPTOP)
    assert rig.stack.known[CALL].state is CallState.INCOMING


def test_the_persons_and_the_policys_switches_reach_the_headsets(rig):
    rig.engine.apply(wire.Sound(use_buttons(False)))
    rig.engine.apply(wire.Sound(rescan()))
    plan = RecordingPlan(
        RecordingMode.OFF, "flac", UserId("u"), "north", (), CallPolicy(headset_buttons=False)
    )
    (rig.folder / "recordings").mkdir()
    rig.engine.apply(wire.SetRecordingPlan(plan, os.urandom(32)))
    assert rig.headsets.asked == [("prefer", False), "rescan", ("permit", False)]


def test_lamps_are_told_again_to_a_switch_that_did_not_follow(rig):
    # Lifted at a time long past on the engine's own clock, with no call.
    rig.headsets.pressed(ButtonReport(JABRA.id, HOOK, ButtonKind.SWITCH, 1, -100.0))
    rig.stack.drain()
    rig.engine._headsets._now = lambda: 1e9
    rig.engine.tick()
    assert rig.headsets.asked == [("again", JABRA.id)]


def test_started_without_headsets_it_says_so():
    listed: list[HeadsetsListed] = []
    nobody = NoHeadsets()
    nobody.start(listed.append, lambda _report: None)
    nobody.show(JABRA.id, frozenset(), again=True)
    nobody.prefer(True)
    nobody.permit(True)
    nobody.rescan()
    nobody.close()
    assert listed == [HeadsetsListed(off=HeadsetsOff.NOT_STARTED)]


def test_declining_is_a_hang_up_of_what_rings():
    order = HeadsetOrder(HeadsetDeed.DECLINE, CALL)
    assert command_for(order) == wire.HangUp(CALL, 0)
