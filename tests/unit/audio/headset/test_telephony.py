from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.audio.headset.descriptor import DescriptorInvalid, parse_descriptor
from softphone.audio.headset.telephony import ControlChange, TelephonyMap
from softphone.domain.headset import ButtonKind, HeadsetButton, Lamp
from tests.fakes.headset_models import (
    BUTTONS,
    COUNT,
    END,
    GIGASET,
    HOOK,
    INPUT,
    JABRA,
    LEDS,
    LOGICAL_MAX,
    LOGICAL_MIN,
    MODELS,
    MOMENTARY,
    ONE_SHOT,
    OUTPUT,
    PAGE,
    PHONE_MUTE,
    PLAIN,
    SIZE,
    SWITCH,
    TELEPHONY,
    USAGE,
    YEALINK,
    Emulated,
    Model,
    begin,
    bits,
    items,
    padding,
)

BIT = items((LOGICAL_MIN, 0), (LOGICAL_MAX, 1))
HOOK_OF = {
    JABRA: ButtonKind.SWITCH,
    YEALINK: ButtonKind.SWITCH,
    GIGASET: ButtonKind.MOMENTARY,
    PLAIN: ButtonKind.MOMENTARY,
}
MUTE_OF = {
    JABRA: ButtonKind.ONE_SHOT,
    YEALINK: ButtonKind.SWITCH,
    GIGASET: ButtonKind.MOMENTARY,
    PLAIN: ButtonKind.MOMENTARY,
}


def telephony(descriptor: bytes) -> TelephonyMap:
    return TelephonyMap(parse_descriptor(descriptor))


def reports(model: Model) -> tuple[Emulated, list[ControlChange]]:
    read = telephony(model.descriptor)
    changes: list[ControlChange] = []
    return Emulated(model, lambda report: changes.extend(read.read(report))), changes


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
def test_buttons_are_read_where_they_are_and_for_what_they_are(model: Model):
    headset, changes = reports(model)
    headset.press_hook()
    headset.press_mute()
    seen = {(change.button, change.kind) for change in changes}
    assert seen == {
        (HeadsetButton.HOOK, HOOK_OF[model]),
        (HeadsetButton.MUTE, MUTE_OF[model]),
    }
    assert changes[0].value == 1


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
def test_the_same_report_again_changes_nothing(model: Model):
    headset, changes = reports(model)
    headset.hook = True
    headset.tell()
    headset.tell()
    headset.press("volume")
    assert len(changes) == 1


def test_volume_is_left_alone_and_the_lone_button_declines():
    for model, kind in ((JABRA, ButtonKind.ONE_SHOT), (GIGASET, ButtonKind.MOMENTARY)):
        headset, changes = reports(model)
        headset.press("volume")
        assert changes == []
        headset.press("reject")
        assert changes[0] == ControlChange(HeadsetButton.REJECT, kind, 1)


def test_of_several_nameless_buttons_none_is_guessed():
    two = begin(TELEPHONY, 1) + BIT + items((PAGE, BUTTONS)) + bits(INPUT, MOMENTARY, 1, 2)
    assert telephony(two + padding(INPUT, 6) + END).buttons == ()


def test_keys_of_an_array_say_which():
    headset, changes = reports(YEALINK)
    for digit in "0123456789*#":
        headset.press(digit)
    assert [c.digit for c in changes if c.value] == list("0123456789*#")


def test_two_buttons_for_on_and_off_are_told_apart():
    signed = items((LOGICAL_MIN, -1), (LOGICAL_MAX, 1), (USAGE, PHONE_MUTE), (SIZE, 2), (COUNT, 1))
    read = telephony(begin(TELEPHONY, 1) + signed + items((INPUT, ONE_SHOT)) + END)
    values = [read.read(bytes([raw])) for raw in (1, 0, 3, 0)]
    assert [c[0].value for c in values] == [1, 0, -1, 0]
    assert values[0][0].kind is ButtonKind.ON_OFF


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
@pytest.mark.parametrize("lamp", list(Lamp))
def test_lamps_are_shown_where_they_are(model: Model, lamp: Lamp):
    read = telephony(model.descriptor)
    [output] = read.show(frozenset({lamp}))
    assert model.lamps(output) == ({lamp} if lamp in read.lamps else frozenset())


def test_lamps_that_may_be_named_in_an_array_are_named():
    lamps = begin(TELEPHONY, 1) + items((LOGICAL_MIN, 1), (LOGICAL_MAX, 4), (PAGE, LEDS))
    lamps += items((USAGE, 0x17), (USAGE, 0x18), (USAGE, 0x09), (USAGE, 0x20))
    read = telephony(lamps + items((SIZE, 8), (COUNT, 2), (OUTPUT, 0)) + END)
    assert read.show(frozenset({Lamp.OFF_HOOK, Lamp.MUTE})) == [b"\x00\x01\x03"]
    assert read.show(frozenset({Lamp.HOLD})) == [b"\x00\x04\x00"]
    assert read.show(frozenset()) == [b"\x00\x00\x00"]


def test_where_the_usual_lamp_is_missing_the_other_one_stands_in():
    lamps = begin(TELEPHONY, 1) + BIT + items((PAGE, LEDS)) + bits(OUTPUT, MOMENTARY, 0x2A, 0x21)
    lamps += items((PAGE, TELEPHONY)) + bits(OUTPUT, MOMENTARY, 0x9E) + padding(OUTPUT, 5) + END
    read = telephony(lamps)
    assert read.lamps == (Lamp.OFF_HOOK, Lamp.RING, Lamp.MUTE)
    assert read.show(frozenset({Lamp.OFF_HOOK, Lamp.RING})) == [b"\x00\x05"]


def test_constants_and_what_has_no_place_are_no_buttons():
    told = begin(TELEPHONY, 1) + BIT + items((USAGE, HOOK), (SIZE, 1), (COUNT, 1), (INPUT, 3))
    told += items((USAGE, 0x70), (USAGE, PHONE_MUTE), (SIZE, 1), (COUNT, 1), (INPUT, SWITCH))
    assert telephony(told + padding(INPUT, 6) + END).buttons == ()


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
def test_short_empty_and_foreign_reports_change_nothing(model: Model):
    read = telephony(model.descriptor)
    for report in (b"", b"\x02", b"\x06", b"\xfe\xff\xff"):
        if model is not PLAIN or len(report) < 2:
            assert read.read(report) == []


@given(st.binary(max_size=60), st.lists(st.binary(max_size=40), max_size=5))
def test_whatever_it_says_of_itself_and_sends_nothing_breaks(told, sent):
    try:
        read = telephony(begin(TELEPHONY, 1) + BIT + told + END)
    except DescriptorInvalid:
        return
    for report in sent:
        for change in read.read(report):
            assert change.button in read.buttons
    for lit in (frozenset(Lamp), frozenset[Lamp]()):
        assert all(read.show(lit))


@given(st.sampled_from(MODELS), st.lists(st.binary(max_size=6), max_size=8))
def test_any_reports_are_read(model, sent):
    read = telephony(model.descriptor)
    for report in sent:
        for change in read.read(report):
            assert change.button in read.buttons


def test_a_switch_and_a_push_button_differ_by_flags_alone():
    for flags, kind in (
        (SWITCH, ButtonKind.SWITCH),
        (MOMENTARY, ButtonKind.MOMENTARY),
        (ONE_SHOT, ButtonKind.ONE_SHOT),
    ):
        told = begin(TELEPHONY, 1) + BIT + bits(INPUT, flags, HOOK) + padding(INPUT, 7) + END
        assert telephony(told).read(b"\x01") == [ControlChange(HeadsetButton.HOOK, kind, 1)]
