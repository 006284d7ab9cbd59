from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.domain.call import Call, CallState, Direction, Disposition
from softphone.domain.ids import AccountId, CallId
from softphone.domain.quality import Quality
from softphone.domain.sound import SILENT, Sounding, Tone
from softphone.engine.tone_director import ToneDirector, sounding

LINE = AccountId("x")
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def call(state: CallState, name: str = "a", **more) -> Call:
    way = Direction.INCOMING if state is CallState.INCOMING else Direction.OUTGOING
    return Call(CallId(name), LINE, more.pop("direction", way), state, "+4930", **more)


GOOD = Quality(0, 1, 2, 0, 4.4)
INCOMING = call(CallState.INCOMING, "in")
SECOND = call(CallState.INCOMING, "b")
TALKING = call(CallState.ESTABLISHED, "talk", established_at=NOW)
HELD = call(CallState.HELD, "held", established_at=NOW, held_by_us=True)
RINGING = call(CallState.RINGING, "out")
DIALLING = call(CallState.DIALLING, "out")
ended = lambda d, **m: call(CallState.ENDED, "out", disposition=d, **m)  # noqa: E731


@pytest.mark.parametrize(
    ("calls", "gone", "expected"),
    [
        ([], None, SILENT),
        ([INCOMING], None, Sounding(ringer=Tone.RING, account=LINE)),
        ([INCOMING, SECOND], None, Sounding(ringer=Tone.RING, account=LINE)),
        ([INCOMING, TALKING], None, Sounding(speaker=Tone.CALL_WAITING)),
        ([INCOMING, HELD], None, Sounding(speaker=Tone.CALL_WAITING)),
        ([INCOMING, RINGING], None, Sounding(speaker=Tone.CALL_WAITING)),
        ([DIALLING], None, SILENT),
        ([RINGING], None, Sounding(speaker=Tone.RINGBACK)),
        ([replace(RINGING, early_media=True)], None, SILENT),
        ([RINGING, HELD], None, Sounding(speaker=Tone.RINGBACK)),
        ([RINGING, TALKING], None, SILENT),
        ([TALKING], None, SILENT),
        ([replace(TALKING, auto_answered=True)], None, Sounding(speaker=Tone.ANSWERED_BY_ITSELF)),
        ([replace(TALKING, auto_answered=True, quality=GOOD)], None, SILENT),
        ([replace(TALKING, muted=True)], None, Sounding(speaker=Tone.MUTE_REMINDER)),
        ([HELD], None, SILENT),
        ([], ended(Disposition.BUSY), Sounding(speaker=Tone.BUSY)),
        ([], ended(Disposition.FAILED), Sounding(speaker=Tone.CONGESTION)),
        ([], ended(Disposition.ANSWERED), SILENT),
        ([], ended(Disposition.BUSY, direction=Direction.INCOMING), SILENT),
        ([INCOMING], ended(Disposition.BUSY), Sounding(ringer=Tone.RING, account=LINE)),
    ],
)
def test_the_table(calls, gone, expected):
    assert sounding(calls, gone) == expected


def test_the_ring_is_that_of_the_account_that_is_called():
    other = replace(INCOMING, id=CallId("b"), account=AccountId("y"))
    assert sounding([other, INCOMING]).account == "y"
    assert sounding([INCOMING, other]).account == "x"


def test_it_stops_at_once_on_answer_and_tells_only_changes():
    played: list[Sounding] = []
    director = ToneDirector(played.append)
    director.follow([INCOMING])
    director.follow([replace(INCOMING, display_name="Anna")])
    director.follow([replace(INCOMING, state=CallState.ESTABLISHED, established_at=NOW)])
    assert played == [Sounding(ringer=Tone.RING, account=LINE), SILENT]


def test_busy_sounds_after_our_call_and_ends_with_the_next():
    played: list[Sounding] = []
    director = ToneDirector(played.append)
    director.follow([RINGING])
    director.follow([ended(Disposition.BUSY)])
    director.follow([ended(Disposition.BUSY), replace(DIALLING, id=CallId("second"))])
    assert played == [Sounding(speaker=Tone.RINGBACK), Sounding(speaker=Tone.BUSY), SILENT]


def test_a_call_that_ended_before_we_looked_says_nothing():
    played: list[Sounding] = []
    ToneDirector(played.append).follow([ended(Disposition.BUSY)])
    assert played == []


@given(st.lists(st.sampled_from([INCOMING, TALKING, HELD, RINGING, DIALLING]), max_size=4))
def test_the_ringer_never_rings_into_a_conversation(calls):
    found = sounding(calls)
    if any(c.state is not CallState.INCOMING for c in calls):
        assert found.ringer is None
    if any(c.state is CallState.ESTABLISHED for c in calls):
        assert found.speaker in (None, Tone.CALL_WAITING, Tone.MUTE_REMINDER)
