"""The headsets' logic, by example and against a model of people, headsets and a phone."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from softphone.domain.headset import (
    ButtonKind,
    ButtonReport,
    Headset,
    HeadsetButton,
    HeadsetDeed,
    HeadsetOrder,
    HeadsetProblem,
    Lamp,
)
from softphone.domain.headset_calls import NOTHING, AtHand
from softphone.domain.headset_logic import HeadsetLogic
from softphone.domain.headset_switch import AGAIN_AFTER_S
from softphone.domain.ids import CallId, HeadsetId

A, B = HeadsetId("a"), HeadsetId("b")
CALL, OTHER = CallId("call"), CallId("other")
RINGING, TALKING = AtHand(ringing=CALL), AtHand(active=(CALL,), talking=True)
HOOK, MUTE = HeadsetButton.HOOK, HeadsetButton.MUTE


class Bench:
    """A clock, what was shown, and shorthands."""

    def __init__(self, *ids: HeadsetId) -> None:
        self.now = 1000.0
        self.shown: list[tuple[HeadsetId, frozenset[Lamp], bool]] = []
        self.logic = HeadsetLogic(lambda *what: self.shown.append(what))
        self.plug(*ids)

    def plug(self, *ids: HeadsetId, plugged: int = 1) -> None:
        self.logic.plugged([Headset(i, i, plugged=plugged) for i in ids], self.now)

    def calls(self, calls: AtHand) -> None:
        self.now += 1
        self.logic.calls(calls, self.now)

    def report(
        self,
        headset: HeadsetId,
        button: HeadsetButton,
        value: int,
        kind: ButtonKind = ButtonKind.SWITCH,
    ) -> tuple[bool, list[HeadsetDeed]]:
        self.now += 1
        told = ButtonReport(headset, button, kind, value, self.now)
        press, orders = self.logic.pressed(told)
        return press, [order.deed for order in orders]

    def lit(self, headset: HeadsetId) -> frozenset[Lamp]:
        return next((lit for one, lit, _ in reversed(self.shown) if one == headset), frozenset())


def test_the_one_that_answers_has_the_call():
    bench = Bench(A, B)
    bench.calls(RINGING)
    assert bench.lit(A) == bench.lit(B) == {Lamp.RING}
    assert bench.report(B, HOOK, 1) == (True, [HeadsetDeed.ANSWER])
    bench.calls(TALKING)
    assert (bench.lit(A), bench.lit(B)) == (frozenset(), {Lamp.OFF_HOOK})
    assert bench.logic.holder == B
    bench.calls(NOTHING)
    assert bench.logic.holder is None


def test_a_call_answered_in_the_window_is_on_the_headset_whose_sound_is_used():
    bench = Bench(A, B)
    bench.logic.preferred(B, bench.now)
    bench.calls(TALKING)
    assert bench.logic.holder == B


def test_without_a_preference_it_is_the_last_one_used_then_the_first():
    bench = Bench(A, B)
    bench.calls(TALKING)
    assert bench.logic.holder == A
    bench.report(B, HOOK, 1)
    bench.calls(NOTHING)
    bench.calls(TALKING)
    assert bench.logic.holder == B


def test_another_headset_takes_the_call_over_and_both_mute_it():
    bench = Bench(A, B)
    bench.calls(TALKING)
    assert bench.report(B, MUTE, 1, ButtonKind.ONE_SHOT) == (True, [HeadsetDeed.MUTE])
    assert bench.report(B, HOOK, 1) == (True, [])
    assert bench.logic.holder == B
    assert bench.lit(A) == frozenset()


def test_pulled_out_another_stands_in_and_back_again_it_has_the_call():
    bench = Bench(A, B)
    bench.calls(RINGING)
    bench.report(B, HOOK, 1)
    bench.calls(TALKING)
    bench.plug(A)
    assert bench.logic.holder == A
    assert bench.lit(A) == {Lamp.OFF_HOOK}
    bench.plug()
    assert bench.logic.holder is None
    bench.plug(A, B, plugged=2)
    assert bench.logic.holder == B
    assert bench.lit(A) == frozenset()
    assert bench.report(B, HOOK, 1) == (False, [])  # the echo of its lamp, all is new to it
    assert bench.report(B, HOOK, 0) == (True, [HeadsetDeed.HANG_UP])


def test_the_first_headset_that_comes_in_mid_call_has_it():
    bench = Bench()
    bench.calls(TALKING)
    bench.plug(B)
    assert bench.logic.holder == B


def test_one_that_cannot_be_used_or_is_unknown_is_nobody():
    bench = Bench()
    broken = Headset(A, "A", problem=HeadsetProblem.NO_PERMISSION)
    bench.logic.plugged([broken], bench.now)
    bench.calls(RINGING)
    assert bench.shown == []
    assert bench.report(A, HOOK, 1) == (False, [])


def test_a_switch_lifted_for_nothing_is_put_back():
    bench = Bench(A)
    assert bench.report(A, HOOK, 1) == (True, [])
    bench.logic.tick(bench.now + 1)
    assert bench.shown == [(A, frozenset(), False)]
    bench.logic.tick(bench.now + AGAIN_AFTER_S + 1)
    assert bench.shown[1:] == [(A, frozenset(), True)]


def test_a_long_press_declines_without_taking_the_call():
    bench = Bench(A)
    for value in (1, 0):
        bench.now -= 0.9
        bench.report(A, HOOK, value, ButtonKind.MOMENTARY)
    bench.calls(RINGING)
    assert bench.report(A, HOOK, 1, ButtonKind.MOMENTARY) == (False, [])
    assert bench.report(A, HOOK, 0, ButtonKind.MOMENTARY) == (True, [HeadsetDeed.DECLINE])


def test_drop_is_no_switch():
    bench = Bench(A)
    bench.calls(TALKING)
    assert bench.report(A, HeadsetButton.DROP, 1, ButtonKind.MOMENTARY) == (
        True, [HeadsetDeed.HANG_UP],
    )  # fmt: skip


# --- against a model -----------------------------------------------------------------------------


@dataclass
class Person:
    """One call a person may have, and the headset's side of it."""

    state: str = "none"  # none, ringing, talking, held
    muted: bool = False
    window: list[str] = field(default_factory=list)

    @property
    def at_hand(self) -> AtHand:
        match self.state:
            case "ringing":
                return AtHand(ringing=CALL)
            case "talking":
                return AtHand(active=(CALL,), talking=True, muted=self.muted)
            case "held":
                return AtHand(held=CALL)
        return NOTHING


class HeadsetsAndPhone(RuleBasedStateMachine):
    """Two echoing headsets with switches for hook and mute, a phone, and a person.

    Seconds pass between deeds, as with people; lamps and echoes arrive at once.
    """

    kinds = (ButtonKind.SWITCH, ButtonKind.SWITCH)

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.phone = Person()
        self.by_window = True
        self.plugs = {A: 1, B: 1}
        self.switches = {(h, b): False for h in (A, B) for b in (HOOK, MUTE)}
        self.lit = {A: frozenset[Lamp](), B: frozenset[Lamp]()}
        self.echoes: list[tuple[HeadsetId, HeadsetButton, bool]] = []
        self.logic = HeadsetLogic(self.show)
        self.plug_all()

    def plug_all(self) -> None:
        there = [Headset(h, h, plugged=n) for h, n in self.plugs.items() if n > 0]
        self.logic.plugged(there, self.now)
        self.settle()

    def show(self, headset: HeadsetId, lit: frozenset[Lamp], again: bool) -> None:
        self.lit[headset] = lit
        for button, lamp in ((HOOK, Lamp.OFF_HOOK), (MUTE, Lamp.MUTE)):
            if self.switches[headset, button] != (lamp in lit):
                self.echoes.append((headset, button, lamp in lit))

    def settle(self) -> None:
        """Let echoes arrive. None of them may lead to anything."""
        for _ in range(20):
            if not self.echoes:
                return
            headset, button, on = self.echoes.pop(0)
            self.now += 0.3
            if self.plugs[headset] > 0 and self.switches[headset, button] != on:
                assert self.feed(headset, button, on) == ()
        raise AssertionError("headset and phone answer each other for ever")

    def feed(self, headset: HeadsetId, button: HeadsetButton, on: bool) -> tuple[HeadsetOrder, ...]:
        self.switches[headset, button] = on
        kind = self.kinds[(HOOK, MUTE).index(button)]
        _, orders = self.logic.pressed(ButtonReport(headset, button, kind, int(on), self.now))
        return orders

    def change(self, state: str, muted: bool = False) -> None:
        self.phone.state, self.phone.muted = state, muted and state == "talking"
        self.logic.calls(self.phone.at_hand, self.now)
        self.settle()

    def follow(self, orders: tuple[HeadsetOrder, ...]) -> None:
        for order in orders:
            match order.deed:
                case HeadsetDeed.ANSWER:
                    assert self.phone.state == "ringing"
                    self.change("talking")
                case HeadsetDeed.HANG_UP | HeadsetDeed.DECLINE:
                    assert self.phone.state != "none"
                    self.change("none")
                case HeadsetDeed.MUTE:
                    assert order.on is not self.phone.muted
                    self.change("talking", order.on)
                case HeadsetDeed.HOLD:
                    self.change("held" if order.on else "talking")
        self.settle()

    @rule(seconds=st.sampled_from([1, 3, 8, 60]))
    def time_passes(self, seconds):
        for _ in range(min(seconds, 8)):
            self.now += 1
            self.logic.tick(self.now)
            self.settle()
        self.now += seconds

    @precondition(lambda self: self.phone.state == "none")
    @rule()
    def somebody_calls(self):
        self.time_passes(8)
        self.change("ringing")

    @precondition(lambda self: self.phone.state in ("none", "ringing"))
    @rule()
    def the_window_answers_or_calls(self):
        self.time_passes(1)
        self.change("talking")

    @precondition(lambda self: self.phone.state != "none")
    @rule()
    def the_window_hangs_up(self):
        self.time_passes(1)
        self.change("none")

    @precondition(lambda self: self.phone.state == "talking")
    @rule()
    def the_window_mutes(self):
        self.time_passes(1)
        self.change("talking", not self.phone.muted)

    @precondition(lambda self: self.phone.state in ("talking", "held"))
    @rule()
    def the_window_holds(self):
        self.time_passes(1)
        self.change("held" if self.phone.state == "talking" else "talking")

    @rule(headset=st.sampled_from([A, B]))
    def hook_is_pressed(self, headset):
        if self.plugs[headset] < 0:
            return
        self.time_passes(8)
        before, had = self.phone.state, self.logic.holder == headset
        self.follow(self.feed(headset, HOOK, not self.switches[headset, HOOK]))
        if before == "ringing":
            assert self.phone.state == "talking"
            assert self.logic.holder == headset
        elif before in ("talking", "held"):
            assert (self.phone.state == "none") is had
            assert had or self.logic.holder == headset
        else:
            assert self.phone.state == "none"

    @rule(headset=st.sampled_from([A, B]))
    def mute_is_pressed(self, headset):
        if self.plugs[headset] < 0:
            return
        self.time_passes(8)
        before, muted = self.phone.state, self.phone.muted
        self.follow(self.feed(headset, MUTE, not self.switches[headset, MUTE]))
        assert self.phone.state == before
        assert self.phone.muted is (not muted if before == "talking" else False)

    @rule(headset=st.sampled_from([A, B]))
    def pulled_out_or_plugged_in(self, headset):
        self.time_passes(1)
        self.plugs[headset] = -self.plugs[headset] + (self.plugs[headset] < 0)
        for button in (HOOK, MUTE):
            self.switches[headset, button] = False
        self.lit[headset] = frozenset()
        self.plug_all()

    @invariant()
    def every_headset_shows_how_the_call_stands(self):
        for headset, number in self.plugs.items():
            if number < 0:
                continue
            has_it = self.logic.holder == headset
            assert (Lamp.OFF_HOOK in self.lit[headset]) is (
                has_it and self.phone.state in ("talking", "held")
            )
            assert (Lamp.RING in self.lit[headset]) is (self.phone.state == "ringing")
            assert (Lamp.MUTE in self.lit[headset]) is (has_it and self.phone.muted)
            assert (Lamp.HOLD in self.lit[headset]) is (has_it and self.phone.state == "held")


class PushButtonsAndPhone(HeadsetsAndPhone):
    """The same with push buttons, which show nothing of their own and never echo."""

    kinds = (ButtonKind.ONE_SHOT, ButtonKind.ONE_SHOT)

    def show(self, headset: HeadsetId, lit: frozenset[Lamp], again: bool) -> None:
        self.lit[headset] = lit

    def feed(self, headset: HeadsetId, button: HeadsetButton, on: bool) -> tuple[HeadsetOrder, ...]:
        orders = super().feed(headset, button, True)
        assert super().feed(headset, button, False) == ()
        return orders


for machine in (HeadsetsAndPhone, PushButtonsAndPhone):
    machine.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestHeadsetsAndPhone = pytest.mark.timeout(120)(HeadsetsAndPhone.TestCase)
TestPushButtonsAndPhone = pytest.mark.timeout(120)(PushButtonsAndPhone.TestCase)
