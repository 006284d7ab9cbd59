"""Headsets, the real desk that follows them, and a phone that does what it is told."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from pathlib import Path

from softphone.audio.headset.devices import HidSystem
from softphone.audio.headset.headsets import HidHeadsets
from softphone.domain.call import Call, CallState
from softphone.domain.events import CallChanged, EngineEvent, HeadsetPressed, HeadsetsListed
from softphone.domain.headset_switch import PULSE_S
from softphone.domain.ids import AccountId, CallId
from softphone.engine import wire
from softphone.engine.headset_desk import HeadsetDesk
from tests.fakes.stack import FakeStack

ACCOUNT = AccountId("a")
FIRST, SECOND = CallId("first"), CallId("second")
WITHIN_S = 15.0


class HeadsetRig:
    """Everything happens on the test's thread, in :meth:`wait`; the headsets have their own."""

    def __init__(self, system: HidSystem, preference: Path | None = None) -> None:
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.told: list[EngineEvent] = []
        self.commands: list[wire.AnyCommand] = []
        self.stack = FakeStack(self._emit)
        self.headsets = HidHeadsets(system, preference, look_every_s=0.1)
        self.desk = HeadsetDesk(self.headsets, self.act, self.told.append)
        self.desk.start(self._work.put)

    def _emit(self, event: EngineEvent) -> None:
        assert isinstance(event, CallChanged)
        self.stack.known[event.call.id] = event.call
        self.desk.follow(tuple(self.stack.known.values()))

    def act(self, command: wire.AnyCommand) -> None:
        """As the engine does: one command, at once."""
        self.commands.append(command)
        match command:
            case wire.Answer(call):
                self.answer(call)
            case wire.HangUp(call):
                self.stack.hang_up(call)
            case wire.Mute(call, on):
                self.stack.mute(call, on)
            case wire.Hold(call, on):
                self.hold(call, on)
            case wire.SendDtmf(call, digits):
                self.stack.send_dtmf(call, digits)

    def ring(self, call: CallId = FIRST) -> None:
        self.stack.ring(ACCOUNT, call, "+4930")

    def answer(self, call: CallId = FIRST) -> None:
        """Answer (from the window); what is on is held, as the SIP side does."""
        self._hold_others(call)
        self.stack.answer(call)

    def hold(self, call: CallId, on: bool) -> None:
        if not on:
            self._hold_others(call)
        self.stack.hold(call, on)

    def _hold_others(self, kept: CallId) -> None:
        for other in tuple(self.stack.known.values()):
            if other.id != kept and other.state is CallState.ESTABLISHED:
                self.stack.hold(other.id, True)

    def call(self, call: CallId = FIRST) -> Call:
        return self.stack.known[call]

    @property
    def listed(self) -> HeadsetsListed:
        told = [event for event in self.told if isinstance(event, HeadsetsListed)]
        return told[-1] if told else HeadsetsListed()

    @property
    def usable(self) -> int:
        return sum(not headset.problem for headset in self.listed.headsets)

    @property
    def presses(self) -> list[str]:
        return [e.digit or e.button.value for e in self.told if isinstance(e, HeadsetPressed)]

    def wait(self, condition: Callable[[], bool]) -> None:
        """Let things happen until the condition holds."""
        end = time.monotonic() + WITHIN_S
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"{self.listed} {self.commands} {self.stack.known}")
            try:
                self._work.get(timeout=0.02)()
            except queue.Empty:
                self.desk.tick()

    def take_a_while(self) -> None:
        """Let pass what a person takes at least between answering and hanging up."""
        end = time.monotonic() + PULSE_S
        self.wait(lambda: time.monotonic() > end)

    def close(self) -> None:
        self.headsets.close()
