from __future__ import annotations

from softphone.domain.headset import ButtonKind
from softphone.domain.headset_switch import (
    AGAIN_AFTER_S,
    ECHO_S,
    LONG_S,
    PULSE_S,
    STAYS_S,
    Press,
    Switch,
)

SWITCH, MOMENTARY = ButtonKind.SWITCH, ButtonKind.MOMENTARY
SHORT, LONG = Press.SHORT, Press.LONG
START = 100.0


class Hand:
    """Presses one control and tells what came of it."""

    def __init__(self, kind: ButtonKind, *, learns: bool = True) -> None:
        self.kind, self.now = kind, START
        self.switch = Switch(learns=learns)

    def after(self, seconds: float) -> Hand:
        self.now += seconds
        return self

    def set(self, value: int, *, long_counts: bool = False) -> Press | None:
        return self.switch.feed(self.kind, value, self.now, long_counts=long_counts)

    def light(self, on: bool) -> Hand:
        self.switch.light(on, self.now)
        return self

    def push(self, held_s: float = 0.2, *, long_counts: bool = False) -> list[Press]:
        """Down and up."""
        down = self.set(1, long_counts=long_counts)
        up = self.after(held_s).set(0, long_counts=long_counts)
        return [press for press in (down, up) if press is not None]


def test_a_switch_is_pressed_by_each_change_that_its_lamp_did_not_cause():
    hand = Hand(SWITCH)
    assert hand.set(1) is SHORT
    hand.light(True)
    assert hand.after(10).set(1) is None
    assert hand.set(0) is SHORT


def test_the_echo_of_a_lamp_is_no_press_in_either_direction():
    hand = Hand(SWITCH).light(True)
    assert hand.after(ECHO_S).set(1) is None
    hand.after(60).light(False)
    assert hand.after(1).set(0) is None


def test_what_comes_long_after_the_lamp_is_a_press_of_a_headset_that_does_not_echo():
    hand = Hand(SWITCH).light(True)
    assert hand.after(ECHO_S + 1).set(1) is SHORT


def test_a_stale_value_in_a_report_about_something_else_is_nothing():
    hand = Hand(SWITCH).light(True)
    assert hand.set(0) is None


def test_a_declared_switch_that_falls_right_back_is_a_push_button():
    hand = Hand(SWITCH)
    assert hand.push() == [SHORT]
    hand.light(True)
    assert hand.after(20).push() == [SHORT]
    hand.light(False)
    # Known as a button it needs no silence after its lamp changed.
    assert hand.after(0.1).push() == [SHORT]


def test_a_press_that_looked_like_an_echo_counts_when_it_falls_right_back():
    hand = Hand(MOMENTARY).light(True)
    assert hand.after(1).set(1) is None
    assert hand.after(0.2).set(0) is SHORT


def test_a_declared_push_button_that_stays_is_a_switch():
    hand = Hand(MOMENTARY)
    assert hand.set(1) is SHORT
    hand.light(True)
    assert hand.after(STAYS_S).set(0) is SHORT
    hand.light(False)
    assert hand.after(20).light(True).after(1).set(1) is None


def test_a_push_button_held_for_a_while_is_pressed_once():
    hand = Hand(MOMENTARY)
    assert hand.push(2.0) == [SHORT]


def test_a_long_press_counts_once_the_button_is_known_to_be_one():
    hand = Hand(MOMENTARY)
    assert hand.push(LONG_S, long_counts=True) == [SHORT]
    hand.after(5).push()
    assert hand.after(5).push(LONG_S, long_counts=True) == [LONG]
    assert hand.after(5).push(LONG_S / 2, long_counts=True) == [SHORT]
    assert hand.after(5).push(STAYS_S + 1, long_counts=True) == [LONG]
    assert hand.after(5).push(PULSE_S, long_counts=True) == [SHORT]


def test_a_declared_switch_is_never_waited_for():
    hand = Hand(SWITCH)
    hand.push()
    assert hand.after(5).set(1, long_counts=True) is SHORT


def test_mute_switched_on_and_off_quickly_is_two_presses():
    hand = Hand(SWITCH, learns=False)
    assert hand.set(1) is SHORT
    hand.light(True)
    assert hand.after(0.2).set(0) is SHORT


def test_one_shots_and_pairs_of_buttons():
    hand = Hand(ButtonKind.ONE_SHOT)
    assert [hand.set(1), hand.set(0), hand.set(1)] == [SHORT, None, SHORT]
    hand = Hand(ButtonKind.ON_OFF)
    assert [hand.set(-1), hand.set(0), hand.set(1)] == [None, None, SHORT]
    hand.light(True)
    assert [hand.set(1), hand.set(-1)] == [None, SHORT]


def test_the_lamp_is_told_again_once_where_a_switch_does_not_follow():
    hand = Hand(SWITCH)
    assert not hand.switch.differs(hand.now)
    hand.set(1)
    assert not hand.switch.differs(hand.now + AGAIN_AFTER_S)
    assert hand.switch.differs(hand.now + AGAIN_AFTER_S + 1)
    assert not hand.switch.differs(hand.now + 60)
    # What it does then is the echo.
    assert hand.after(AGAIN_AFTER_S + 2).set(0) is None


def test_a_push_button_has_nothing_to_follow_with():
    hand = Hand(MOMENTARY)
    hand.set(1)
    assert not hand.switch.differs(hand.now + 60)


def test_a_switch_that_is_set_by_another_lamp_of_the_same_report_is_not_pressed():
    hand = Hand(SWITCH, learns=False)
    hand.set(1)
    hand.after(60).light(False)
    assert hand.after(1).set(0) is None
