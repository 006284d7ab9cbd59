"""An engine without sound or network: commands are kept, outcomes are told as events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from softphone.app.ports import Clock, RecordingPlan
from softphone.domain.account import Account, Registration, RegistrationState
from softphone.domain.agent import AgentState, AgentStatus
from softphone.domain.call import (
    Availability,
    Call,
    CallState,
    Direction,
    Disposition,
    RecordingState,
)
from softphone.domain.events import (
    AgentStateChanged,
    CallChanged,
    CallForgotten,
    EngineEvent,
    RecordingPaused,
    RecordingResumed,
    RecordingStopped,
    RegistrationChanged,
)
from softphone.domain.ids import AccountId, CallId, RecordingId, new_id
from softphone.domain.recording import GapReason, SealedRecording
from softphone.domain.sound import SoundOrder


class FakePhone:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._agent = AgentStatus()
        self._listeners: list[Callable[[EngineEvent], None]] = []
        self.commands: list[tuple[object, ...]] = []
        self.accounts: dict[AccountId, Account] = {}
        self.calls: dict[CallId, Call] = {}
        self.sealed: list[SealedRecording] = []
        self.plan: RecordingPlan | None = None
        self.orders: list[SoundOrder] = []
        self.languages: dict[CallId, str] = {}

    # what tests do to it
    def tell(self, event: EngineEvent) -> None:
        if isinstance(event, CallChanged):
            self.calls[event.call.id] = event.call
        for listener in self._listeners:
            listener(event)

    def ring(self, number: str, display_name: str = "") -> Call:
        account = next(iter(self.accounts), AccountId("account"))
        call = Call(
            CallId(new_id()),
            account,
            Direction.INCOMING,
            CallState.INCOMING,
            number,
            display_name,
            started_at=self._clock.now(),
            encrypted=True,
        )
        self.tell(CallChanged(call))
        return call

    def change(self, call: CallId, **changes: object) -> Call:
        changed = replace(self.calls[call], **changes)  # type: ignore[arg-type]
        self.tell(CallChanged(changed))
        return changed

    # the port
    def set_account(self, account: Account, password: str) -> None:
        self.commands.append(("set_account", account.id))
        self.accounts[account.id] = account
        self.tell(
            RegistrationChanged(
                Registration(
                    account.id, RegistrationState.REGISTERED, self._clock.now(), tls="TLS 1.3"
                )
            )
        )

    def remove_account(self, account: AccountId) -> None:
        self.commands.append(("remove_account", account))
        self.accounts.pop(account, None)

    def set_recording_plan(self, plan: RecordingPlan, journal_key: bytes) -> None:
        self.plan = plan

    def use_language(self, call: CallId, language: str) -> None:
        self.languages[call] = language

    def dial(self, account: AccountId, target: str) -> CallId:
        self.commands.append(("dial", target))
        call = Call(
            CallId(new_id()),
            account,
            Direction.OUTGOING,
            CallState.DIALLING,
            target,
            started_at=self._clock.now(),
        )
        self.tell(CallChanged(call))
        return call.id

    def answer(self, call: CallId) -> None:
        self.commands.append(("answer", call))
        self.change(
            call,
            state=CallState.ESTABLISHED,
            established_at=self._clock.now(),
            recording=RecordingState.RECORDING,
            recording_id=RecordingId(new_id()),
            sealed_for="Team North supervisors",
        )

    def transfer(self, call: CallId, target: str) -> None:
        self.commands.append(("transfer", call, target))

    def transfer_to_call(self, call: CallId, other: CallId) -> None:
        self.commands.append(("transfer_to_call", call, other))

    def conference(self, call: CallId, other: CallId) -> None:
        self.commands.append(("conference", call, other))
        for one in (call, other):
            self.change(one, conference=True)

    def set_availability(self, availability: Availability) -> None:
        self.commands.append(("set_availability", availability))
        self._agent = replace(self._agent, wish=availability)
        self.tell(AgentStateChanged(self._agent))

    def set_agent_state(self, state: AgentState, reason: str = "") -> None:
        self.commands.append(("set_agent_state", state, reason))
        now = self._clock.now()
        self._agent = AgentStatus(state, reason, now, wish=self._agent.wish)
        self.tell(AgentStateChanged(self._agent))

    def hang_up(self, call: CallId, status: int = 0) -> None:
        self.commands.append(("hang_up", call, status) if status else ("hang_up", call))
        known = self.calls[call]
        self.change(
            call,
            state=CallState.ENDED,
            ended_at=self._clock.now(),
            recording=RecordingState.OFF,
            disposition=Disposition.ANSWERED if known.established_at else Disposition.DECLINED,
        )

    def hold(self, call: CallId, on: bool) -> None:
        self.commands.append(("hold", call, on))
        self.change(call, held_by_us=on, state=CallState.HELD if on else CallState.ESTABLISHED)

    def mute(self, call: CallId, on: bool) -> None:
        self.commands.append(("mute", call, on))
        self.change(call, muted=on)

    def send_dtmf(self, call: CallId, digits: str) -> None:
        self.commands.append(("send_dtmf", call, digits))

    def sound(self, order: SoundOrder) -> None:
        self.orders.append(order)

    def start_recording(self, call: CallId) -> None:
        self.commands.append(("start_recording", call))
        self.change(
            call,
            recording=RecordingState.RECORDING,
            recording_id=RecordingId(new_id()),
            sealed_for="Team North supervisors",
        )

    def pause_recording(self, call: CallId, reason: GapReason) -> None:
        self.commands.append(("pause_recording", call, reason))
        recording = self.change(call, recording=RecordingState.PAUSED).recording_id
        self.tell(RecordingPaused(call, recording or RecordingId(""), reason))

    def resume_recording(self, call: CallId) -> None:
        self.commands.append(("resume_recording", call))
        recording = self.change(call, recording=RecordingState.RECORDING).recording_id
        self.tell(RecordingResumed(call, recording or RecordingId("")))

    def stop_recording(self, call: CallId) -> None:
        self.commands.append(("stop_recording", call))
        if call in self.calls:
            recording = self.change(call, recording=RecordingState.OFF).recording_id
            if recording:
                self.tell(RecordingStopped(call, recording))

    def permit_recording(self, call: CallId) -> None:
        self.commands.append(("permit_recording", call))

    def sealed_recordings(self) -> Sequence[SealedRecording]:
        return tuple(self.sealed)

    def forget_recording(self, recording: RecordingId) -> None:
        self.sealed = [s for s in self.sealed if s.manifest.recording != recording]

    def forget_call(self, call: CallId) -> None:
        self.calls.pop(call, None)
        self.tell(CallForgotten(call))

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> None:
        self._listeners.append(listener)
