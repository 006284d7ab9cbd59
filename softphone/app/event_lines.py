"""Events as the command line prints them: one JSON object each; nothing of other people's data."""

from __future__ import annotations

from typing import Any

from softphone.app.call_commands import describe
from softphone.domain.events import (
    AgentStateChanged,
    CallChanged,
    EngineEnded,
    EngineStarted,
    Event,
    LineWatched,
    MessagesWaiting,
    RecordingFailed,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
    RegistrationChanged,
)


def event_line(event: Event) -> dict[str, Any] | None:
    """Return an event as plain values, or None for one that is not told."""
    match event:
        case CallChanged(call):
            return {"event": "call", "call": describe(call)}
        case RegistrationChanged(registration):
            return {
                "event": "registration",
                "account": registration.account,
                "state": registration.state.value,
                "tls": registration.tls,
                "plain": registration.plain,
                "why": registration.why,
            }
        case AgentStateChanged(status):
            return {"event": "agent", "state": status.state.value, "reason": status.reason}
        case LineWatched(address, state):
            return {"event": "line", "address": address, "state": state.value}
        case MessagesWaiting(account, new, old):
            return {"event": "mail", "account": account, "new": new, "old": old}
        case EngineStarted() | EngineEnded():
            return {"event": "phone", "running": isinstance(event, EngineStarted)}
        case _:
            return _recording_line(event)


def _recording_line(event: Event) -> dict[str, Any] | None:
    if not isinstance(
        event,
        RecordingStarted | RecordingPaused | RecordingResumed | RecordingStopped | RecordingFailed,
    ):
        return None
    what = type(event).__name__.removeprefix("Recording").lower()
    line: dict[str, Any] = {
        "event": "recording", "what": what, "call": event.call, "recording": event.recording,
    }  # fmt: skip
    if isinstance(event, RecordingPaused):
        line["reason"] = event.reason.value
    if isinstance(event, RecordingFailed):
        line["why"] = event.why
    return line
