from __future__ import annotations

import json
from datetime import UTC, datetime

from softphone.app.event_lines import event_line
from softphone.domain.account import Registration, RegistrationState
from softphone.domain.agent import AgentState, AgentStatus, LineState
from softphone.domain.call import Call, CallState, Direction
from softphone.domain.events import (
    AgentStateChanged,
    CallChanged,
    EngineStarted,
    LineWatched,
    MessagesWaiting,
    RecordingFailed,
    RecordingPaused,
    RegistrationChanged,
    SignedOut,
    SoundLevels,
)
from softphone.domain.ids import AccountId, CallId, RecordingId
from softphone.domain.quality import Quality
from softphone.domain.recording import GapReason

ACCOUNT = AccountId("a")


def test_every_kind_is_json_with_its_name():
    now = datetime.now(UTC)
    call = Call(
        CallId("c"), ACCOUNT, Direction.INCOMING, CallState.INCOMING, "+4930", started_at=now,
        quality=Quality(0, 1, 2, 3, 4.0),
    )  # fmt: skip
    recording = RecordingId("r")
    told = {
        "call": CallChanged(call),
        "registration": RegistrationChanged(
            Registration(ACCOUNT, RegistrationState.FAILED, now, why="down")
        ),
        "agent": AgentStateChanged(AgentStatus(AgentState.BREAK, "Lunch")),
        "line": LineWatched("12", LineState.BUSY),
        "mail": MessagesWaiting(ACCOUNT, 1, 2),
        "phone": EngineStarted(7, attached_to_running=False),
        "recording": RecordingPaused(call.id, recording, GapReason.HOLD),
    }
    for name, event in told.items():
        line = event_line(event)
        assert line is not None
        assert json.loads(json.dumps(line))["event"] == name
    failed = event_line(RecordingFailed(call.id, recording, "what", "why", "do"))
    assert failed == {
        "event": "recording", "what": "failed", "call": "c", "recording": "r", "why": "why",
    }  # fmt: skip


def test_what_is_nobodys_business_is_not_told():
    assert event_line(SoundLevels(-20, -20, -90)) is None
    assert event_line(SignedOut()) is None
