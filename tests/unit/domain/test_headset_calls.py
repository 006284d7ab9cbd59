from __future__ import annotations

import pytest

from softphone.domain.call import Call, CallState, Direction
from softphone.domain.headset import HeadsetButton, HeadsetDeed, HeadsetOrder, Lamp, same_device
from softphone.domain.headset_calls import NOTHING, AtHand, at_hand, lamps, meaning
from softphone.domain.headset_switch import Press
from softphone.domain.ids import AccountId, CallId

A, B, C = CallId("a"), CallId("b"), CallId("c")
ANSWER, DECLINE, HANG_UP = HeadsetDeed.ANSWER, HeadsetDeed.DECLINE, HeadsetDeed.HANG_UP
MUTE, HOLD, KEY = HeadsetDeed.MUTE, HeadsetDeed.HOLD, HeadsetDeed.SEND_KEY
RINGING = AtHand(ringing=A)
TALKING = AtHand(active=(A,), talking=True)
WAITING = AtHand(ringing=B, active=(A,), talking=True)
DIALLING = AtHand(active=(A,))
HELD = AtHand(held=A)
SWAP = AtHand(active=(A,), talking=True, held=B)
HELD_AND_RINGING = AtHand(ringing=B, held=A)
TOGETHER = AtHand(active=(A, B), talking=True, muted=True)


def call(id_: CallId, state: CallState, **more: object) -> Call:
    return Call(id_, AccountId("x"), Direction.INCOMING, state, "+4930", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("calls", "found"),
    [
        ([], NOTHING),
        ([call(A, CallState.ENDED)], NOTHING),
        ([call(A, CallState.INCOMING), call(B, CallState.INCOMING)], RINGING),
        ([call(A, CallState.ESTABLISHED)], TALKING),
        ([call(A, CallState.ESTABLISHED), call(B, CallState.INCOMING)], WAITING),
        ([call(A, CallState.DIALLING)], DIALLING),
        ([call(A, CallState.RINGING)], DIALLING),
        ([call(A, CallState.HELD, held_by_us=True)], HELD),
        ([call(B, CallState.HELD, held_by_us=True), call(A, CallState.ESTABLISHED)], SWAP),
        ([call(B, CallState.DIALLING), call(A, CallState.ESTABLISHED)], TALKING),
        (
            [
                call(A, CallState.ESTABLISHED, conference=True, muted=True),
                call(B, CallState.ESTABLISHED, conference=True, muted=True),
            ],
            TOGETHER,
        ),
    ],
)
def test_what_there_is_to_act_on(calls, found):
    assert at_hand(calls) == found


@pytest.mark.parametrize(
    ("calls", "holder", "others"),
    [
        (NOTHING, "", ""),
        (RINGING, "ring", "ring"),
        (TALKING, "off_hook", ""),
        (WAITING, "off_hook ring", ""),
        (DIALLING, "off_hook", ""),
        (HELD, "hold off_hook", ""),
        (SWAP, "off_hook", ""),
        (HELD_AND_RINGING, "hold off_hook ring", ""),
        (TOGETHER, "mute off_hook", ""),
    ],
)
def test_what_is_shown(calls, holder, others):
    assert lamps(calls, holder=True) == {Lamp(name) for name in holder.split()}
    assert lamps(calls, holder=False) == {Lamp(name) for name in others.split()}


@pytest.mark.parametrize(
    ("button", "calls", "orders"),
    [
        ("hook", NOTHING, []),
        ("hook", RINGING, [(ANSWER, A)]),
        ("hook", TALKING, [(HANG_UP, A)]),
        ("hook", WAITING, [(HANG_UP, A)]),
        ("hook", DIALLING, [(HANG_UP, A)]),
        ("hook", HELD, [(HANG_UP, A)]),
        ("hook", HELD_AND_RINGING, [(ANSWER, B)]),
        ("hook", TOGETHER, [(HANG_UP, A), (HANG_UP, B)]),
        ("flash", NOTHING, []),
        ("flash", RINGING, []),
        ("flash", TALKING, [(HOLD, A, True)]),
        ("flash", WAITING, [(ANSWER, B)]),
        ("flash", DIALLING, []),
        ("flash", HELD, [(HOLD, A, False)]),
        ("flash", SWAP, [(HOLD, B, False)]),
        ("flash", HELD_AND_RINGING, [(ANSWER, B)]),
        ("hold", TALKING, [(HOLD, A, True)]),
        ("drop", NOTHING, []),
        ("drop", RINGING, [(DECLINE, A)]),
        ("drop", WAITING, [(DECLINE, B)]),
        ("drop", TALKING, [(HANG_UP, A)]),
        ("reject", RINGING, [(DECLINE, A)]),
        ("reject", TALKING, []),
        ("mute", RINGING, []),
        ("mute", DIALLING, []),
        ("mute", TALKING, [(MUTE, A, True)]),
        ("mute", TOGETHER, [(MUTE, A, False), (MUTE, B, False)]),
        ("key", RINGING, []),
        ("key", TALKING, [(KEY, A, False, "5")]),
    ],
)
def test_what_a_press_means(button, calls, orders):
    found = meaning(HeadsetButton(button), Press.SHORT, calls, "5")
    assert found == tuple(HeadsetOrder(*order) for order in orders)


def test_a_long_press_declines_and_never_ends_what_is_on():
    assert meaning(HeadsetButton.HOOK, Press.LONG, WAITING) == (HeadsetOrder(DECLINE, B),)
    assert meaning(HeadsetButton.HOOK, Press.LONG, TALKING) == ()


def test_a_headset_is_the_sound_device_whose_name_has_its_own():
    assert same_device("Jabra Link 380", "Jabra Link 380 Mono")
    assert same_device("Jabra Link 380 USB", "jabra link 380")
    assert not same_device("Jabra Link 380", "Laptop speakers")
    assert not same_device("", "Laptop speakers")
