"""A SIP stack that does what it is told and remembers it."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from softphone.app.media import FrameSink, FrameSource
from softphone.domain.account import Account, Registration, RegistrationState
from softphone.domain.call import Availability, Call, CallState, Direction, Disposition
from softphone.domain.call_policy import CallPolicy
from softphone.domain.events import CallChanged, EngineEvent, RegistrationChanged
from softphone.domain.ids import AccountId, CallId
from softphone.domain.phone_build import PLAIN_BUILD


class FakeStack:
    """Calls ring at once; the test answers for the far side."""

    def __init__(self, emit: Callable[[EngineEvent], None]) -> None:
        self._emit = emit
        self.build = PLAIN_BUILD
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self.known: dict[CallId, Call] = {}
        self.attached: dict[CallId, tuple[FrameSink, FrameSink]] = {}
        self.notices: dict[CallId, FrameSource] = {}
        self.policy = CallPolicy()
        self.tones: list[tuple[CallId, str]] = []
        self.availability = Availability()
        self.transfers: list[tuple[CallId, str]] = []

    # The fake is its own lines and calls.
    @property
    def lines(self) -> FakeStack:
        return self

    @property
    def calls(self) -> FakeStack:
        return self

    @property
    def taps(self) -> FakeStack:
        return self

    def post(self, work: Callable[[], None]) -> None:
        self._work.put(work)

    def run(self) -> None:
        while (work := self._work.get()) is not None:
            work()

    def stop(self) -> None:
        self._work.put(None)

    def drain(self) -> None:
        """Run what was posted, on the test's own thread."""
        while not self._work.empty():
            work = self._work.get()
            if work is not None:
                work()

    def set_account(self, account: Account, password: str) -> None:
        now = datetime.now(UTC)
        state = RegistrationState.REGISTERED
        self._emit(RegistrationChanged(Registration(account.id, state, now, tls="TLS 1.3")))

    def remove_account(self, account: AccountId) -> None:
        self.known = {k: v for k, v in self.known.items() if v.account != account}

    def dial(self, account: AccountId, call_id: CallId, target: str) -> None:
        call = Call(
            call_id,
            account,
            Direction.OUTGOING,
            CallState.RINGING,
            target,
            started_at=datetime.now(UTC),
        )
        self._change(call)

    def ring(self, account: AccountId, call_id: CallId, number: str) -> None:
        self._change(Call(call_id, account, Direction.INCOMING, CallState.INCOMING, number))

    def far_side_answers(self, call: CallId) -> None:
        self.answer(call)

    def answer(self, call: CallId) -> None:
        self._change(
            replace(
                self.known[call],
                state=CallState.ESTABLISHED,
                established_at=datetime.now(UTC),
                encrypted=True,
            )
        )

    def hang_up(self, call: CallId, status: int = 0) -> None:
        self._change(
            replace(
                self.known[call],
                state=CallState.ENDED,
                ended_at=datetime.now(UTC),
                disposition=Disposition.ANSWERED,
                status=status,
            )
        )

    def transfer(self, call: CallId, target: str) -> None:
        self.transfers.append((call, target))

    def transfer_to_call(self, call: CallId, other: CallId) -> None:
        self.transfers.append((call, other))

    def conference(self, call: CallId, other: CallId) -> None:
        for one in (call, other):
            self._change(replace(self.known[one], conference=True))

    def set_availability(self, availability: Availability) -> None:
        self.availability = availability

    def hold(self, call: CallId, on: bool) -> None:
        state = CallState.HELD if on else CallState.ESTABLISHED
        self._change(replace(self.known[call], state=state, held_by_us=on))

    def mute(self, call: CallId, on: bool) -> None:
        self._change(replace(self.known[call], muted=on))

    def send_dtmf(self, call: CallId, digits: str, *, by_info: bool = False) -> None:
        self.tones.append((call, digits))

    def attach_recording(self, call: CallId, agent: FrameSink, customer: FrameSink) -> None:
        self.attached[call] = (agent, customer)

    def detach_recording(self, call: CallId) -> None:
        self.attached.pop(call, None)

    def attach_notice(self, call: CallId, notice: FrameSource) -> None:
        self.notices[call] = notice

    def detach_notice(self, call: CallId) -> None:
        self.notices.pop(call, None)

    def set_policy(self, policy: CallPolicy) -> None:
        self.policy = policy

    def _change(self, call: Call) -> None:
        self.known[call.id] = call
        self._emit(CallChanged(call))
