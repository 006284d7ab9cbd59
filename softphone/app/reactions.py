"""What the desk does by itself when something happened in the engine."""

from __future__ import annotations

from collections.abc import Iterable

from softphone.app.desk import Desk
from softphone.app.missed import MissedEvent
from softphone.domain.account import RegistrationState
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.call import CallState
from softphone.domain.events import (
    CallChanged,
    EngineEvent,
    NoticeHeard,
    RecordingFailed,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
    RegistrationChanged,
)


def catch_up(desk: Desk, missed: Iterable[MissedEvent]) -> None:
    """Write what happened while nobody was signed in: with its time, for whose phone it was."""
    for one in missed:
        react(desk, one.event, one)


def react(desk: Desk, event: EngineEvent, missed: MissedEvent | None = None) -> None:
    """Write what must be written after an event; runs on the vault's thread."""
    calls = desk.calls
    agent = missed.agent if missed else None
    at = {"at": missed.at.isoformat(timespec="seconds")} if missed else {}
    match event:
        case CallChanged(call) if not call.live:
            calls.take_in_call(call, agent)
        case RecordingStarted(_, recording, sealed_for):
            calls.audit_recording(
                Action.RECORDING_STARTED, recording, agent, sealed_for=sealed_for, **at
            )
        case CallChanged(call) if call.state in (CallState.INCOMING, CallState.DIALLING):
            desk.information.choose_language(call.id, call.number)
        case NoticeHeard(call, number, beep, language, version):
            desk.information.heard_notice(
                call, number, beep=beep, language=language, version=version
            )
        case RecordingPaused(_, recording, reason):
            calls.audit_recording(
                Action.RECORDING_PAUSED, recording, agent, reason=reason.value, **at
            )
        case RecordingResumed(_, recording):
            calls.audit_recording(Action.RECORDING_RESUMED, recording, agent, **at)
        case RecordingStopped():
            calls.take_in_recordings()
        case RecordingFailed(_, recording, what, why, _):
            calls.audit_recording(
                Action.RECORDING_FAILED, recording, agent, what=what, why=why, **at
            )
        case RegistrationChanged(registration) if (
            registration.state is RegistrationState.FAILED and registration.what
        ):
            desk.session.vault.append_audit(
                AuditDraft(
                    Action.CONNECTION_REFUSED,
                    DataCategory.SETTINGS,
                    registration.account,
                    Result.REFUSED,
                    desk.session.user,
                    {"why": registration.why},
                )
            )
        case _:
            return
