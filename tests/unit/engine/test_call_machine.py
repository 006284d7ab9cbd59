"""Any order of commands and of what the far sides do: state and effect stay one thing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from softphone.domain.agent import AgentState
from softphone.domain.call import Call, CallState, Disposition, RecordingState
from softphone.domain.events import RecordingStarted, RecordingStopped
from softphone.domain.ids import CallId, new_id
from softphone.engine import wire
from tests.call_commands import CallCommands, pick
from tests.unit.engine.test_phone_engine import ACCOUNT, Rig


class CallMachine(CallCommands):
    def __init__(self) -> None:
        super().__init__()
        self.stack_of_things = ExitStack()
        folder = self.stack_of_things.enter_context(tempfile.TemporaryDirectory())
        self.rig = Rig(Path(folder))
        self.stack_of_things.callback(self.rig.recorder.stop)

    def give(self, command: wire.AnyCommand) -> None:
        self.rig.engine.apply(command)

    def known(self) -> Iterable[Call]:
        return self.rig.stack.known.values()

    # --- the agent

    @precondition(lambda self: len(self.calls(*CallState)) < 8)
    @rule()
    def dial(self) -> None:
        self.rig.engine.apply(wire.Dial(ACCOUNT, CallId(new_id()), "+4930"))

    @rule(state=st.sampled_from(AgentState))
    def agent(self, state: AgentState) -> None:
        self.rig.engine.apply(wire.SetAgentState(state, "x"))
        self.rig.engine.tick()

    @rule(number=pick)
    def forget(self, number: int) -> None:
        call = self.one(number, CallState.ENDED)
        if call is not None:
            self.rig.engine.apply(wire.ForgetCall(call.id))
            del self.rig.stack.known[call.id]

    # --- the far sides

    @precondition(lambda self: len(self.calls(*CallState)) < 8)
    @rule()
    def rings(self) -> None:
        self.rig.stack.ring(ACCOUNT, CallId(new_id()), "+4931")

    @rule(number=pick)
    def far_side_answers(self, number: int) -> None:
        call = self.one(number, CallState.RINGING)
        if call is not None:
            self.rig.stack.far_side_answers(call.id)

    @rule(number=pick, on=st.booleans())
    def far_side_holds(self, number: int, on: bool) -> None:
        call = self.one(number, CallState.ESTABLISHED, CallState.HELD)
        if call is not None:
            self.rig.stack._change(replace(call, held_by_them=on))

    @rule(number=pick)
    def far_side_transfers_us(self, number: int) -> None:
        call = self.one(number, CallState.ESTABLISHED)
        if call is not None and len(self.calls(*CallState)) < 8:
            heir = replace(
                call, id=CallId(new_id()), state=CallState.RINGING, established_at=None,
                replaces=call.id, conference=False,
            )  # fmt: skip
            self.rig.stack._change(heir)

    @rule(number=pick)
    def far_side_ends(self, number: int) -> None:
        call = self.one(number, *(set(CallState) - {CallState.ENDED}))
        if call is not None:
            ended = replace(call, state=CallState.ENDED, disposition=Disposition.ANSWERED)
            self.rig.stack._change(ended)

    @rule()
    def sound(self) -> None:
        for agent, customer in tuple(self.rig.stack.attached.values()):
            agent.put_frame(b"\x01\x00" * 320)
            customer.put_frame(b"\x01\x00" * 320)

    # --- what holds always

    @invariant()
    def what_is_shown_is_what_is_done(self) -> None:
        for call in self.rig.stack.known.values():
            shown = self.rig.engine._told[call.id].recording
            attached = call.id in self.rig.stack.attached
            assert (shown in (RecordingState.RECORDING, RecordingState.PAUSED)) is attached
            if shown is RecordingState.RECORDING:
                held = call.held_by_us or call.held_by_them
                assert not held, "recorded while on hold"

    @invariant()
    def no_ended_call_has_ears(self) -> None:
        live = {c.id for c in self.rig.stack.known.values() if c.live}
        assert set(self.rig.stack.attached) <= live

    def teardown(self) -> None:
        for call in tuple(self.rig.stack.known.values()):
            if call.live:
                self.rig.engine.apply(wire.HangUp(call.id))
        begun = self._count(RecordingStarted)
        while self._count(RecordingStopped) < begun:
            self.rig.wait_for(RecordingStopped)
            begun = self._count(RecordingStarted)
        for sealed in self.rig.sealed():
            places = [gap.at_ms for gap in sealed.manifest.gaps]
            assert places == sorted(places)
            assert sealed.manifest.complete
        assert self.rig.engine._recordings._takes == {}
        self.stack_of_things.close()

    def _count(self, kind: type) -> int:
        while not self.rig.events.empty():
            self.rig.seen.append(self.rig.events.get())
        return sum(isinstance(e, kind) for e in self.rig.seen)


CallMachine.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestCalls = CallMachine.TestCase
