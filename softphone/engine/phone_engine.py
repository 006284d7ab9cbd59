"""The engine's heart: keeps calls with their recordings, reacts to commands and to the SIP stack.

All state lives on the SIP stack's thread; other threads post to it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from softphone.app.media import AudioDevices, NoticeSounds
from softphone.app.ports import Headsets, RecordingPlan
from softphone.domain.account import Registration
from softphone.domain.call import Call, CallState
from softphone.domain.call_policy import CallPolicy
from softphone.domain.events import (
    AgentStateChanged,
    AudioDevicesChanged,
    CallChanged,
    CallForgotten,
    EngineEvent,
    LineWatched,
    MessagesWaiting,
    PhoneBuilt,
    RecordingFailed,
    RegistrationChanged,
)
from softphone.domain.ids import AccountId, CallId
from softphone.domain.recording import SealedRecording
from softphone.domain.sound import watch_levels
from softphone.engine import wire
from softphone.engine.agent_desk import AgentDesk
from softphone.engine.call_recordings import CallRecordings
from softphone.engine.headset_desk import HeadsetDesk, NoHeadsets
from softphone.engine.recorder import Recorder
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
        notices: NoticeSounds,
        remember: Callable[[CallPolicy], None] = lambda _rules: None,
        headsets: Headsets | None = None,
    ) -> None:
        """``remember`` keeps what the stack must know before it starts the next time."""
        self._remember = remember
        self._notices = notices
        self._recorder = recorder
        self._recordings = CallRecordings(recorder, lambda: self.stack.taps, tell, notices)
        self._agent = AgentDesk(
            lambda status: self._tell(AgentStateChanged(status)),
            lambda availability: self.stack.calls.set_availability(availability),
        )
        self._devices = devices
        self._tell = tell
        self._stack: SipStack | None = None
        self._calls: dict[CallId, Call] = {}
        self._told: dict[CallId, Call] = {}
        self._lines: dict[str, LineWatched] = {}
        self._mail: dict[AccountId, MessagesWaiting] = {}
        self._by_info = False
        self._registrations: dict[AccountId, Registration] = {}
        self._devices_on = False
        self._tones = ToneDirector(devices.sound)
        self._headsets = HeadsetDesk(headsets or NoHeadsets(), self.apply, tell)

    def use(self, stack: SipStack) -> None:
        """Set the stack, once, before anything else."""
        self._stack = stack
        self._devices.tell_to(self.happened_elsewhere)
        self._headsets.start(stack.post)

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
            PhoneBuilt(self.stack.build),
            *(RegistrationChanged(r) for r in self._registrations.values()),
            *(CallChanged(c) for c in self._told.values()),
            AgentStateChanged(self._agent.status),
            *self._lines.values(),
            *self._mail.values(),
            *self._devices.present(),
            *self._headsets.present(),
        ]

    def window_gone(self) -> None:
        """Let go of what only a window looks at (SIP thread): no microphone stays open for it."""
        self._devices.order(watch_levels(False))

    def apply(self, command: wire.AnyCommand) -> None:  # noqa: C901 - one arm a command
        """Carry out a command (SIP thread)."""
        stack = self.stack
        match command:
            case wire.SetAccount(account, password):
                self._recordings.accounts[account.id] = account.address_of_record
                stack.lines.set_account(account, password)
            case wire.RemoveAccount(account_id):
                self._registrations.pop(account_id, None)
                self._mail.pop(account_id, None)
                stack.lines.remove_account(account_id)
            case wire.SetRecordingPlan(plan, key):
                self._use_plan(plan)
                self._recorder.open_journal(key)
            case wire.UseLanguage(call, language):
                self._recordings.use_language(call, language)
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
                stack.calls.send_dtmf(call, digits, by_info=by_info or self._by_info)
                self._devices.key_tone(digits)
            case wire.Transfer(call, target):
                stack.calls.transfer(call, target)
            case wire.TransferToCall(call, other):
                stack.calls.transfer_to_call(call, other)
            case wire.Conference(call, other):
                stack.calls.conference(call, other)
            case wire.SetAvailability(availability):
                self._agent.wish(availability)
            case wire.SetAgentState(state, reason):
                self._agent.enter(state, reason)
            case wire.StartRecording(call):
                self._start_recording(call)
            case wire.PauseRecording(call, pause_reason):
                self._recordings.pause(call, pause_reason)
                self._publish(call)
            case wire.ResumeRecording(call):
                self._recordings.resume(call)
                self._publish(call)
            case wire.StopRecording(call):
                self._recordings.withdraw(call)
                self._publish(call)
            case wire.PermitRecording(call):
                self._permit_recording(call)
            case wire.ForgetRecording(recording):
                self._recorder.forget(recording)
            case wire.ForgetCall(call):
                self._forget(call)
            case wire.Sound(order):
                self._devices.order(order)
                self._headsets.order(order)
            case _:
                log.error("a command without an effect: %s", type(command).__name__)

    def tick(self) -> None:
        """Do what is due; called about every second (SIP thread)."""
        self._agent.tick()
        self._recordings.tick()
        self._headsets.tick()

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
                self._recordings.failed(call_id)
                self._publish(call_id)
            case LineWatched(address):
                self._lines[address] = event
            case MessagesWaiting(account):
                self._mail[account] = event
            case AudioDevicesChanged(microphone, speaker):
                self._headsets.sound(microphone, speaker)
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
            self._recordings.established(call)
            if call.replaces is not None:
                # Its recording has moved on: the call before must not say that it is recorded.
                self._publish(call.replaces)
        if not call.live:
            self._recordings.ended(call, self._calls)
            self._use_devices()
            if before is None or before.live:
                self._agent.call_ended(call, self._calls.values())
        elif call.early_media:
            self._use_devices()
        if call.live:
            self._recordings.changed(call, self._calls)
        self._tones.follow(tuple(self._calls.values()))
        self._headsets.follow(tuple(self._calls.values()))
        self._publish(call.id)

    def _use_plan(self, plan: RecordingPlan) -> None:
        self._recordings.plan = plan
        self._agent.after_call_work_s = plan.calls.after_call_work_s
        self._by_info = plan.calls.dtmf_by_info
        watched = {colleague.address for colleague in plan.calls.colleagues}
        self._lines = {k: v for k, v in self._lines.items() if k in watched}
        self._headsets.permit(plan.calls.headset_buttons)
        self.stack.set_policy(plan.calls)
        self._devices.rule(plan.calls.voice)
        self._notices.prepare(plan.announcements)
        self._remember(plan.calls)

    def _start_recording(self, call: CallId) -> None:
        known = self._calls.get(call)
        if known is not None:
            self._recordings.start(known)
            self._publish(call)

    def _publish(self, call_id: CallId) -> None:
        call = self._calls.get(call_id)
        if call is None:
            return
        state, recording, label = self._recordings.shown(call)
        shown = replace(call, recording=state, recording_id=recording, sealed_for=label)
        if self._told.get(call_id) != shown:
            self._told[call_id] = shown
            self._tell(CallChanged(shown))

    def _forget(self, call: CallId) -> None:
        known = self._calls.get(call)
        if known is not None and not known.live:
            del self._calls[call]
            self._told.pop(call, None)
            self._recordings.forget(call)
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
        names = self._devices.names
        self._headsets.sound(*names)
        for event in self._devices.present():
            if isinstance(event, AudioDevicesChanged):
                self._tell(event)

    def _permit_recording(self, call: CallId) -> None:
        known = self._calls.get(call)
        if known is not None:
            self._recordings.permit(known)
            self._publish(call)
