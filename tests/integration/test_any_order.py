"""Any order of commands and of a SIP peer's doings: what both ends say of a call agrees.

The engine is the real one; between it and the peer stands Kamailio.
"""

from __future__ import annotations

import itertools
import queue
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from demo.peers.kamailio import Kamailio
from demo.peers.processes import free_port
from softphone.domain.call import Call, CallState
from softphone.domain.events import CallChanged, EngineEvent
from softphone.domain.ids import CallId
from softphone.engine import wire
from tests.call_commands import TALKING, CallCommands, pick
from tests.integration.conftest import ANNA, DOMAIN, Phone
from tests.integration.sip_peer import Leg, SipPeer, Stage

pytestmark = [pytest.mark.peer, pytest.mark.timeout(180)]
CALLED = 200
"""As many calls may go out over all examples; each to a user of its own."""
MOST = 3
"""Calls at once: fewer than there are lines. One that is not given back is missed after a while."""
AGREE_WITHIN_S = 15.0
"""Both may change a session at once, and then try again after up to 4 s (RFC 3261 section 14.1)."""
STAGES = {
    CallState.DIALLING: {Stage.RINGING_HERE},
    CallState.RINGING: {Stage.RINGING_HERE},
    CallState.INCOMING: {Stage.RINGING_THERE},
    CallState.ESTABLISHED: {Stage.TALKING},
    CallState.HELD: {Stage.TALKING},
    CallState.ENDED: {Stage.OVER},
}


class Line:
    """The phone, the peer, and what the phone told of its calls."""

    def __init__(self, phone: Phone, peer: SipPeer) -> None:
        self.phone, self.peer = phone, peer
        self.numbers = itertools.count()
        self.told: dict[CallId, Call] = {}

    def take(self, wait_s: float = 0.0) -> None:
        """Take in what was told, waiting for the first of it."""
        try:
            event: EngineEvent = self.phone.events.get(wait_s > 0, wait_s or None)
            while True:
                if isinstance(event, CallChanged):
                    self.told[event.call.id] = event.call
                event = self.phone.events.get_nowait()
        except queue.Empty:
            return

    def pairs(self) -> Iterator[tuple[Call | None, Leg | None]]:
        legs = self.peer.stages()
        calls = {c.number.partition("@")[0]: c for c in self.told.values()}
        for key in calls.keys() | legs.keys():
            yield calls.get(key), legs.get(key)

    def disagreement(self) -> str:
        """Return what phone and peer see differently, or nothing."""
        self.take()
        for call, leg in self.pairs():
            if not agree(call, leg):
                return f"{call}\n{leg}"
        return "two hear the agent and not each other" if len(self.talks()) > 1 else ""

    def settle(self, *, over: bool = False) -> None:
        """Wait until both agree, and if wanted until nothing is left."""
        deadline = time.monotonic() + AGREE_WITHIN_S
        while wrong := self.disagreement() or (over and self.live() and "calls are left"):
            assert time.monotonic() < deadline, f"phone and peer do not agree:\n{wrong}"
            self.take(0.1)

    def appears(self, call: CallId) -> None:
        deadline = time.monotonic() + AGREE_WITHIN_S
        while call not in self.told:
            assert time.monotonic() < deadline, "the engine does not know what it was told to dial"
            self.take(0.1)

    def talks(self) -> list[Call]:
        """Return the calls at which the agent is heard; those of a conference count once."""
        heard = [c for c in self.told.values() if c.state is CallState.ESTABLISHED]
        together = [c for c in heard if c.conference]
        return [c for c in heard if not c.conference] + together[:1]

    def live(self) -> int:
        self.take()
        return sum(
            (call is not None and call.live) or (leg is not None and leg.stage is not Stage.OVER)
            for call, leg in self.pairs()
        )


def agree(call: Call | None, leg: Leg | None) -> bool:
    if call is None:
        return leg is None or leg.stage is Stage.OVER  # it gave up before the phone knew
    if leg is None:
        return not call.live
    if leg.stage not in STAGES[call.state] or leg.changing:
        return False
    if leg.stage is not Stage.TALKING:
        return True
    # On hold by us, the library does not say whether they hold as well.
    theirs = call.held_by_us or call.held_by_them is leg.holding
    return call.held_by_us is leg.held and theirs


class PeerMachine(CallCommands):
    line: Line

    def give(self, command: wire.AnyCommand) -> None:
        self.line.phone.client._send(command)

    def known(self) -> Iterable[Call]:
        self.line.take()
        return self.line.told.values()

    def legs(self, *stages: Stage) -> list[str]:
        return [leg.key for leg in self.line.peer.stages().values() if leg.stage in stages]

    def leg(self, number: int, *stages: Stage) -> str:
        found = self.legs(*stages)
        return found[number % len(found)] if found else ""

    # --- the agent

    # Rules that cannot apply do nothing: what is drawn must not depend on when an answer came.

    @initialize(calls=st.lists(st.sampled_from(["dial", "ring"]), max_size=MOST))
    def begin(self, calls: list[str]) -> None:
        for one in calls:
            self.dial() if one == "dial" else self.far_side_calls()

    @rule()
    def dial(self) -> None:
        if self.line.live() >= MOST:
            return
        call = self.line.phone.client.dial(ANNA, f"out{next(self.line.numbers) % CALLED}")
        self.line.appears(call)

    @rule(number=pick, on=st.booleans())
    def mute(self, number: int, on: bool) -> None:
        call = self.one(number, *TALKING)
        if call is not None:
            self.give(wire.Mute(call.id, on))

    # --- the far sides

    @rule()
    def far_side_calls(self) -> None:
        if self.line.live() < MOST:
            self.line.peer.call(f"in{next(self.line.numbers)}")

    @rule(number=pick)
    def far_side_answers(self, number: int) -> None:
        if key := self.leg(number, Stage.RINGING_HERE):
            self.line.peer.answer(key)

    @rule(number=pick)
    def far_side_declines(self, number: int) -> None:
        if key := self.leg(number, Stage.RINGING_HERE):
            self.line.peer.decline(key)

    @rule(number=pick)
    def far_side_ends(self, number: int) -> None:
        if key := self.leg(number, Stage.RINGING_THERE, Stage.TALKING):
            self.line.peer.end(key)

    @rule(number=pick, on=st.booleans())
    def far_side_holds(self, number: int, on: bool) -> None:
        if key := self.leg(number, Stage.TALKING):
            self.line.peer.hold(key, on)

    # --- what holds

    @invariant()
    def the_engine_lives(self) -> None:
        assert psutil.Process(self.line.phone.client.pid).is_running()
        assert self.line.peer.failures == []

    @rule()
    def both_agree(self) -> None:
        self.line.settle()

    def teardown(self) -> None:
        """Everything ends, at both sides and whoever hangs up; every line is free again."""
        self.line.settle()
        for number, (call, leg) in enumerate(list(self.line.pairs())):
            if number % 2 and leg is not None:
                self.line.peer.end(leg.key)
            elif call is not None and call.live:
                self.line.phone.client.hang_up(call.id)
        self.line.settle(over=True)
        for call in self.line.told.values():
            assert call.reason != "All lines are in use."
            self.line.phone.client.forget_call(call.id)
        self.line.told.clear()
        self.line.peer.legs.clear()


@pytest.fixture
def line(phone: Phone, authority, tmp_path: Path) -> Iterator[Line]:
    plain, port = free_port(), free_port()
    with Kamailio(
        tmp_path / "kamailio", authority.issue("localhost", label="order"), {"anna": "pw-anna"},
        domain=DOMAIN, plain_port=plain, routes={f"out{n}": port for n in range(CALLED)},
    ) as registrar:  # fmt: skip
        phone.register(registrar.server, authority.ca_file)
        phone.registered()
        peer = SipPeer(plain, port, DOMAIN, "anna")
        yield Line(phone, peer)
        peer.close()


def test_of_two_who_were_dialled_and_answer_one_is_held(line: Line):
    for key in ("out0", "out1"):
        line.appears(line.phone.client.dial(ANNA, key))
    line.settle()
    for key in ("out0", "out1"):
        line.peer.answer(key)
        line.settle()
    legs = line.peer.stages()
    assert (legs["out0"].held, legs["out1"].held) == (True, False)


def test_phone_and_peer_agree_whatever_is_done(line: Line):
    def machine() -> PeerMachine:
        made = PeerMachine()
        made.line = line
        return made

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40, stateful_step_count=25, deadline=None, database=None,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
