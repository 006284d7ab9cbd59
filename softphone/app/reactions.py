"""What the desk does by itself when something happened in the engine."""

from __future__ import annotations

from softphone.app.desk import Desk
from softphone.domain.account import RegistrationState
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
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


def react(desk: Desk, event: EngineEvent) -> None:
    """Write what must be written after an event; runs on the vault's thread."""
    calls = desk.calls
    match event:
        case CallChanged(call) if not call.live:
            calls.take_in_call(call)
        case RecordingStarted(_, recording, sealed_for):
            calls.audit_recording(Action.RECORDING_STARTED, recording, sealed_for=sealed_for)
        case NoticeHeard(call, number, beep):
            desk.information.heard_notice(call, number, beep=beep)
        case RecordingPaused(_, recording, reason):
            calls.audit_recording(Action.RECORDING_PAUSED, recording, reason=reason.value)
        case RecordingResumed(_, recording):
            calls.audit_recording(Action.RECORDING_RESUMED, recording)
        case RecordingStopped():
            calls.take_in_recordings()
        case RecordingFailed(_, recording, what, why, _):
            calls.audit_recording(Action.RECORDING_FAILED, recording, what=what, why=why)
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
