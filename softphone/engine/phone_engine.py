"""The engine's heart: keeps calls with their recordings, reacts to commands and to the SIP stack.

All state lives on the SIP stack's thread; other threads post to it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from softphone.app.media import SAMPLE_RATE_HZ, AudioDevices
from softphone.app.ports import RecordingPlan
from softphone.domain.account import Registration
from softphone.domain.call import Call, CallState, RecordingState
from softphone.domain.events import (
    AudioDevicesChanged,
    CallChanged,
    CallForgotten,
    EngineEvent,
    RecordingFailed,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RegistrationChanged,
)
from softphone.domain.ids import AccountId, CallId, RecordingId, new_id
from softphone.domain.permissions import RecordingMode
from softphone.domain.recording import GapReason, RecordingOrder, SealedRecording
from softphone.domain.sound import watch_levels
from softphone.engine import wire
from softphone.engine.recorder import Recorder, Take
from softphone.engine.stack import SipStack
from softphone.engine.tone_director import ToneDirector

log = logging.getLogger(__name__)


class PhoneEngine:
    """Applies commands and decorates calls with the state of their recording."""

    def __init__(
        self,
        recorder: Recorder,
        devices: AudioDevices,
        tell: Callable[[EngineEvent], None],
    ) -> None:
        self._recorder = recorder
        self._devices = devices
        self._tell = tell
        self._stack: SipStack | None = None
        self._plan: RecordingPlan | None = None
        self._calls: dict[CallId, Call] = {}
        self._told: dict[CallId, Call] = {}
        self._takes: dict[CallId, Take] = {}
        self._not_to_record: set[CallId] = set()
        self._recording: dict[CallId, tuple[RecordingState, RecordingId, str]] = {}
        self._registrations: dict[AccountId, Registration] = {}
        self._devices_on = False
        self._tones = ToneDirector(devices.sound)

    def use(self, stack: SipStack) -> None:
        """Set the stack, once, before anything else."""
        self._stack = stack
        self._devices.tell_to(self.happened_elsewhere)

    @property
    def stack(self) -> SipStack:
        """The SIP stack."""
        if self._stack is None:
            raise RuntimeError("use() comes first")
        return self._stack

    @property
    def busy(self) -> bool:
        """Whether a call goes on (read from any thread)."""
        return any(call.live for call in tuple(self._calls.values()))

    # --- towards the window ---------------------------------------------------------------------

    def present(self) -> list[EngineEvent]:
        """Return the present state as events, for a window that attaches."""
        return [
            *(RegistrationChanged(r) for r in self._registrations.values()),
            *(CallChanged(c) for c in self._told.values()),
            *self._devices.present(),
        ]

    def window_gone(self) -> None:
        """Let go of what only a window looks at (SIP thread): no microphone stays open for it."""
        self._devices.order(watch_levels(False))

    def apply(self, command: wire.AnyCommand) -> None:  # noqa: C901 - one arm a command
        """Carry out a command (SIP thread)."""
        stack = self.stack
        match command:
            case wire.SetAccount(account, password):
                stack.lines.set_account(account, password)
            case wire.RemoveAccount(account_id):
                self._registrations.pop(account_id, None)
                stack.lines.remove_account(account_id)
            case wire.SetRecordingPlan(plan, key):
                self._plan = plan
                self._recorder.open_journal(key)
            case wire.Dial(account_id, call, target):
                stack.calls.dial(account_id, call, target)
            case wire.Answer(call):
                stack.calls.answer(call)
            case wire.HangUp(call, status):
                stack.calls.hang_up(call, status)
            case wire.Hold(call, on):
                stack.calls.hold(call, on)
            case wire.Mute(call, on):
                stack.calls.mute(call, on)
            case wire.SendDtmf(call, digits, by_info):
                stack.calls.send_dtmf(call, digits, by_info=by_info)
                self._devices.key_tone(digits)
            case wire.Transfer(call, target):
                stack.calls.transfer(call, target)
            case wire.TransferToCall(call, other):
                stack.calls.transfer_to_call(call, other)
            case wire.Conference(call, other):
                stack.calls.conference(call, other)
            case wire.SetAvailability(availability):
                stack.calls.set_availability(availability)
            case wire.StartRecording(call):
                self._start_recording(call)
            case wire.PauseRecording(call, reason):
                self._pause(call, reason)
            case wire.ResumeRecording(call):
                self._resume(call)
            case wire.StopRecording(call):
                self._withdraw_recording(call)
            case wire.PermitRecording(call):
                self._permit_recording(call)
            case wire.ForgetRecording(recording):
                self._recorder.forget(recording)
            case wire.ForgetCall(call):
                self._forget(call)
            case wire.Sound(order):
                self._devices.order(order)
            case _:
                log.error("a command without an effect: %s", type(command).__name__)

    def list_sealed(self, answer: Callable[[Sequence[SealedRecording], str], None]) -> None:
        """Answer with what waits in the journal (recorder's thread)."""
        self._recorder.list_sealed(answer)

    # --- from the SIP stack ---------------------------------------------------------------------

    def happened(self, event: EngineEvent) -> None:
        """Take an event of the stack or recorder (SIP thread) and pass it on."""
        match event:
            case CallChanged(call):
                self._call_changed(call)
                return
            case RegistrationChanged(registration):
                self._registrations[registration.account] = registration
            case RecordingFailed(call_id, _, _, _, _):
                self._stop_recording(call_id)
                self._mark(call_id, RecordingState.FAILED)
            case _:
                pass
        self._tell(event)

    def happened_elsewhere(self, event: EngineEvent) -> None:
        """Take an event from another thread."""
        self.stack.post(lambda: self.happened(event))

    def _call_changed(self, call: Call) -> None:
        before = self._calls.get(call.id)
        self._calls[call.id] = call
        if call.state is CallState.ESTABLISHED and (
            before is None or before.established_at is None
        ):
            self._use_devices()
            if self._plan is not None and self._plan.mode is RecordingMode.AUTOMATIC:
                self._start_recording(call.id)
        if not call.live:
            self._stop_recording(call.id)
            self._use_devices()
        elif call.early_media:
            self._use_devices()
        self._tones.follow(tuple(self._calls.values()))
        self._publish(call.id)

    def _publish(self, call_id: CallId) -> None:
        call = self._calls.get(call_id)
        if call is None:
            return
        state, recording, label = self._recording.get(call_id, (RecordingState.OFF, None, ""))
        if not call.live and state is not RecordingState.FAILED:
            state = RecordingState.OFF
        shown = replace(call, recording=state, recording_id=recording, sealed_for=label)
        if self._told.get(call_id) != shown:
            self._told[call_id] = shown
            self._tell(CallChanged(shown))

    def _forget(self, call: CallId) -> None:
        known = self._calls.get(call)
        if known is not None and not known.live:
            del self._calls[call]
            self._told.pop(call, None)
            self._recording.pop(call, None)
            self._not_to_record.discard(call)
            self._tell(CallForgotten(call))

    def _use_devices(self) -> None:
        wanted = any(c.live and (c.established_at or c.early_media) for c in self._calls.values())
        if wanted == self._devices_on:
            return
        self._devices_on = wanted
        if wanted:
            self._devices.start()
        else:
            self._devices.stop()
        self._tell(AudioDevicesChanged(*self._devices.names, self._devices.ringer))

    # --- recording ------------------------------------------------------------------------------

    def _start_recording(self, call_id: CallId) -> None:
        call, plan = self._calls.get(call_id), self._plan
        if call is None or plan is None or call_id in self._takes:
            return
        if call_id in self._not_to_record:
            return
        if plan.mode is RecordingMode.OFF or not plan.targets or not call.live:
            return
        recording = RecordingId(new_id())
        order = RecordingOrder(
            recording=recording,
            call=call_id,
            agent=plan.agent,
            team=plan.team,
            direction=call.direction,
            number=call.number,
            started_at=datetime.now(UTC),
            codec=plan.codec,
            sample_rate_hz=SAMPLE_RATE_HZ,
            targets=plan.targets,
        )
        take = self._recorder.start(order)
        self._takes[call_id] = take
        label = plan.targets[0].label
        self._recording[call_id] = (RecordingState.RECORDING, recording, label)
        self.stack.calls.attach_recording(call_id, take.agent, take.customer)
        self._tell(RecordingStarted(call_id, recording, label))
        self._publish(call_id)

    def _pause(self, call: CallId, reason: GapReason) -> None:
        take = self._takes.get(call)
        if take is not None and not take.paused:
            self._recorder.pause(take, reason)
            self._mark(call, RecordingState.PAUSED)
            self._tell(RecordingPaused(call, take.order.recording, reason))

    def _resume(self, call: CallId) -> None:
        take = self._takes.get(call)
        if take is not None and take.paused:
            self._recorder.resume(take)
            self._mark(call, RecordingState.RECORDING)
            self._tell(RecordingResumed(call, take.order.recording))

    def _withdraw_recording(self, call: CallId) -> None:
        """End the take, and begin none in this call until it is permitted again."""
        self._not_to_record.add(call)
        self._stop_recording(call)
        self._mark(call, RecordingState.OFF)

    def _permit_recording(self, call: CallId) -> None:
        self._not_to_record.discard(call)
        known = self._calls.get(call)
        if known is None or known.established_at is None or self._plan is None:
            return
        if self._plan.mode is RecordingMode.AUTOMATIC:
            self._start_recording(call)

    def _stop_recording(self, call: CallId) -> None:
        take = self._takes.pop(call, None)
        if take is None:
            return
        self.stack.calls.detach_recording(call)
        self._recorder.finish(take)

    def _mark(self, call: CallId, state: RecordingState) -> None:
        if call in self._recording:
            _, recording, label = self._recording[call]
            self._recording[call] = (state, recording, label)
            self._publish(call)
