"""What an agent may do to calls in any order: shared by the machines over a fake and a real stack.

``give`` hands a command to the engine, ``calls`` are its calls as it told them.
"""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from softphone.domain.call import Call, CallState
from softphone.domain.recording import GapReason
from softphone.engine import wire

pick = st.integers(0, 99)
REASONS = st.sampled_from([GapReason.CARD_PAYMENT, GapReason.AGENT_PAUSED])
TALKING = (CallState.ESTABLISHED, CallState.HELD)


class CallCommands(RuleBasedStateMachine):
    """Rules of the agent; each does nothing where no call fits."""

    def give(self, command: wire.AnyCommand) -> None:
        raise NotImplementedError

    def known(self) -> Iterable[Call]:
        raise NotImplementedError

    def calls(self, *states: CallState) -> list[Call]:
        return [c for c in self.known() if c.state in states]

    def one(self, number: int, *states: CallState) -> Call | None:
        found = self.calls(*states)
        return found[number % len(found)] if found else None

    @rule(number=pick)
    def answer(self, number: int) -> None:
        call = self.one(number, CallState.INCOMING)
        if call is not None:
            self.give(wire.Answer(call.id))

    @rule(number=pick, on=st.booleans())
    def hold(self, number: int, on: bool) -> None:
        call = self.one(number, *TALKING)
        if call is not None:
            self.give(wire.Hold(call.id, on))

    @rule(number=pick, reason=REASONS)
    def pause(self, number: int, reason: GapReason) -> None:
        call = self.one(number, *CallState)
        if call is not None:
            self.give(wire.PauseRecording(call.id, reason))

    @rule(number=pick)
    def resume(self, number: int) -> None:
        call = self.one(number, *CallState)
        if call is not None:
            self.give(wire.ResumeRecording(call.id))

    @rule(number=pick)
    def hang_up(self, number: int) -> None:
        call = self.one(number, *(set(CallState) - {CallState.ENDED}))
        if call is not None:
            self.give(wire.HangUp(call.id))

    @rule(one=pick, two=pick)
    def conference(self, one: int, two: int) -> None:
        first, second = self.one(one, *TALKING), self.one(two, *TALKING)
        if first is not None and second is not None and first is not second:
            self.give(wire.Conference(first.id, second.id))
