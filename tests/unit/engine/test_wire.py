from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.account import Account
from softphone.domain.call import Call, CallState, Direction
from softphone.domain.events import CallChanged, HeadsetPressed, HeadsetsListed
from softphone.domain.headset import (
    Headset,
    HeadsetButton,
    HeadsetProblem,
    HeadsetsOff,
    Lamp,
)
from softphone.domain.ids import AccountId, CallId, HeadsetId
from softphone.domain.sound import use_buttons
from softphone.engine import wire


def test_commands_and_events_survive_the_wire():
    account = Account(AccountId("a"), "anna", "phone.example", "localhost:5061")
    command = wire.SetAccount(account, "geheim ☎")
    assert wire.decode_command(wire.encode(command)) == command
    call = Call(
        CallId("c"),
        AccountId("a"),
        Direction.OUTGOING,
        CallState.RINGING,
        "+4930",
        started_at=datetime(2026, 11, 23, tzinfo=UTC),
    )
    report = wire.decode_report(wire.encode_event(CallChanged(call)))
    assert isinstance(report, wire.Happened)
    assert wire.decode_event(report) == CallChanged(call)


def test_headsets_survive_the_wire_and_so_does_the_wish_to_use_them():
    jabra = Headset(HeadsetId("1"), "Jabra", (HeadsetButton.HOOK,), (Lamp.RING,), plugged=2)
    closed = Headset(HeadsetId("2"), "Other", problem=HeadsetProblem.NO_PERMISSION)
    for event in (
        HeadsetsListed((jabra, closed)),
        HeadsetsListed(off=HeadsetsOff.POLICY),
        HeadsetPressed("Jabra", HeadsetButton.KEY, "5"),
    ):
        report = wire.decode_report(wire.encode_event(event))
        assert isinstance(report, wire.Happened)
        assert wire.decode_event(report) == event
    command = wire.Sound(use_buttons(False))
    assert wire.decode_command(wire.encode(command)) == command


def test_every_engine_event_has_a_name_on_the_wire():
    assert "CallChanged" in wire.EVENTS
    assert len(wire.EVENTS) >= 9


def test_unknown_events_are_refused():
    with pytest.raises(msgspec.DecodeError):
        wire.decode_event(wire.Happened("Nonsense", msgspec.Raw(b"\xc0")))


@given(st.binary(max_size=200))
def test_garbage_is_a_decode_error(data):
    try:
        wire.decode_command(data)
    except msgspec.MsgspecError:
        return
