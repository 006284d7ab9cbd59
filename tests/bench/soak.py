"""500 calls of mixed kinds, and a flood of INVITEs during a live one, with the whole program."""

from __future__ import annotations

import json
import queue
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from demo import acts
from demo.customer import customer_account
from demo.peers.processes import Process, free_port
from demo.report import Report
from demo.stage import AGENT, DOMAIN, NUMBER, Stage
from softphone.domain.agent import AgentState
from softphone.domain.call import Availability, CallState
from softphone.domain.call_policy import CallPolicy
from softphone.domain.events import AgentStateChanged, CallChanged
from softphone.domain.ids import AccountId
from softphone.engine.control import send_command, stream_events
from softphone.engine.door import door_file
from softphone.paths import Profile
from tests.bench.result import Figure, percentile
from tests.bench.rig import look, rig
from tests.integration.conftest import Phone
from tests.integration.sipp_peer import Sipp, Step, invite, recv

CALLS = 500
WARM_UP = 60
SETTLE_S = 5.0
FLOOD_S = 30
FLOOD_RATE = 200
REFUSED = Step(
    "send",
    "",
    "ACK sip:anna@phone.example SIP/2.0\n[last_Via:]\nMax-Forwards: 70\n[last_From:]\n[last_To:]\n"
    "[last_Call-ID:]\nCSeq: 1 ACK\nContent-Length: 0\n",
)


class Program:
    """The window and its engine as a person runs them, steered by the command line's door."""

    def __init__(
        self, stage: Stage, rules: CallPolicy | None = None, person: str = AGENT, **registrar: Any
    ) -> None:
        self.stage = stage
        self.profile = Profile(stage.profile)
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        stage.start_display()
        stage.start_registrar(**registrar)
        acts.set_up(stage, Report(), stage.start_server(), locks=False, rules=rules)
        self.window: Process = stage.open_window(person)
        acts.until(stage, self.window, lambda s: s["user"] and acts.registered(s), 60)
        threading.Thread(target=self._listen, daemon=True).start()
        self.call_event(lambda e: e["event"] == "listening")

    def _listen(self) -> None:
        for line in stream_events(self.profile):
            self.events.put(line)

    def do(self, name: str, *arguments: str) -> dict[str, Any]:
        answer = send_command(self.profile, name, list(arguments))
        assert answer["ok"], f"{name}: {answer}"
        return answer

    def call_event(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        seen = []
        while True:
            try:
                line = self.events.get(timeout=20)
            except queue.Empty:
                raise AssertionError(f"not told; the last were {seen[-4:]}") from None
            seen.append(line)
            if fits(line):
                return line

    def in_state(self, state: str) -> dict[str, Any]:
        found = self.call_event(lambda e: e["event"] == "call" and e["call"]["state"] == state)
        return dict(found["call"])

    def memory_mb(self) -> tuple[float, float]:
        """Return what window and engine have written for themselves (private dirty), settled.

        Not USS: pages of the Qt libraries move into and out of that when other programs that use
        them end or start (25 MB at once were seen).
        """
        look(SETTLE_S)
        engine = int(json.loads(door_file(self.profile).read_text())["pid"])
        return tuple(  # type: ignore[return-value]
            sum(m.private_dirty for m in psutil.Process(pid).memory_maps(grouped=True)) / 2**20
            for pid in (self.window.pid, engine)
        )


@contextmanager
def program_and_customer(
    rules: CallPolicy | None = None,
) -> Iterator[tuple[Program, Phone]]:
    stage = Stage()
    try:
        program = Program(stage, rules)
        customer = Phone(stage.folder / "customer", "none")
        stage.stack.callback(customer.close)
        account = customer_account(stage.registrar.server, DOMAIN, stage.authority.ca_file)
        customer.client.set_account(account, stage.passwords["customer"])
        customer.client.set_availability(Availability(auto_answer=True))
        customer.registered(account.id)
        yield program, customer
        program.do("quit")
        program.window.popen.wait(timeout=20)
    finally:
        stage.close()


class Calls:
    """The kinds of calls that are mixed; each returns how long accepting took (s), or None."""

    def __init__(self, program: Program, customer: Phone) -> None:
        self.program, self.customer = program, customer
        self.account: AccountId = customer_account("", DOMAIN, Path()).id

    def run(self, number: int) -> float | None:
        kinds = (self.taken, self.placed, self.declined, self.taken, self.busy, self.held,
                 self.cancelled, self.taken)  # fmt: skip
        return kinds[number % len(kinds)]()

    def _ring(self) -> tuple[str, str]:
        call = self.customer.client.dial(self.account, "marta")
        return call, str(self.program.in_state("incoming")["id"])

    def _over(self) -> None:
        """Wait for the end at both sides: the next call must find both free."""
        self.program.in_state("ended")
        self.customer.in_state(CallState.ENDED)

    def taken(self) -> float:
        call, _ = self._ring()
        began = time.monotonic()
        self.program.do("answer")
        self.customer.in_state(CallState.ESTABLISHED, call)  # type: ignore[arg-type]
        took = time.monotonic() - began
        self.program.in_state("established")
        self.program.do("dtmf", "1")
        self.customer.client.hang_up(call)  # type: ignore[arg-type]
        self._over()
        return took

    def placed(self) -> None:
        self.program.do("dial", NUMBER)
        self.program.in_state("established")
        self.program.do("hangup")
        self._over()

    def held(self) -> None:
        call, _ = self._ring()
        self.program.do("answer")
        self.program.in_state("established")
        self.program.do("hold")
        self.program.in_state("held")
        self.program.do("resume")
        self.program.in_state("established")
        self.customer.client.hang_up(call)  # type: ignore[arg-type]
        self._over()

    def declined(self) -> None:
        self._ring()
        self.program.do("decline", "busy")
        self._over()

    def cancelled(self) -> None:
        call, _ = self._ring()
        self.customer.client.hang_up(call)  # type: ignore[arg-type]
        self._over()

    def busy(self) -> None:
        self._customer_is(AgentState.BREAK)
        self.program.do("dial", NUMBER)
        self.program.in_state("ended")
        self._customer_is(AgentState.AVAILABLE)

    def _customer_is(self, state: AgentState) -> None:
        self.customer.client.set_agent_state(state, "soak")
        self.customer.wait(lambda e: isinstance(e, AgentStateChanged) and e.status.state is state)


def soak_500_growth_mb() -> Figure:
    """Growth of window and engine over 500 calls, and how long accepting takes at the end."""
    with program_and_customer() as (program, customer):
        calls = Calls(program, customer)
        for number in range(WARM_UP):
            calls.run(number)
        before = program.memory_mb()
        times = [calls.run(number) for number in range(CALLS)]
        after = program.memory_mb()
    accepts = [t * 1000 for t in times if t is not None]
    last = accepts[-50:]
    grown = [b - a for a, b in zip(before, after, strict=True)]
    return Figure(
        "soak_500_growth_mb", round(sum(grown), 2), "MB", "goal", 5.0, "lower", CALLS,
        f"window {grown[0]:+.2f} of {before[0]:.0f} MB, engine {grown[1]:+.2f} of {before[1]:.0f} "
        f"MB, private memory; accept (command to established at the far side) median "
        f"{statistics.median(last):.0f}, p95 {percentile(last, 95):.0f} ms in the last 50, "
        f"{statistics.median(accepts[:50]):.0f} in the first 50",
    )  # fmt: skip


def flood_loss_pct() -> Figure:
    """Packets lost in a live call while 200 INVITEs a second come in for 30 s."""
    with rig() as place, place.call(record=True) as (ours, _):
        look(3.0)
        call = next(iter(_live(ours)))
        flood = Sipp(
            place.folder / "flood",
            [invite("anna", "phone.example"), recv(100, optional=True), recv(180, optional=True),
             recv(486), REFUSED],
            proxy_port=place.plain_port, port=free_port(), calls=FLOOD_S * FLOOD_RATE,
            more=("-r", str(FLOOD_RATE), "-l", "2000", "-aa"),
        )  # fmt: skip
        with flood:
            worst, seconds, began = 0.0, 0, time.monotonic()
            while time.monotonic() - began < FLOOD_S:
                event = ours.wait(lambda e: _measured(e, call))
                quality = event.call.quality
                worst = max(worst, quality.loss_percent + quality.late_percent)
                seconds += 1
            began = time.monotonic()
            ours.client.hold(call, True)
            ours.wait(lambda e: isinstance(e, CallChanged) and e.call.held_by_us, 10)
            held = time.monotonic() - began
        answered = flood.messages.count("CSeq: 1 ACK")
    return Figure(
        "flood_loss_pct", round(worst, 2), "% in the worst second", "goal", 0.0, "lower", seconds,
        f"{FLOOD_RATE} INVITE/s for {FLOOD_S} s, {answered} refused as busy meanwhile; a hold took "
        f"{held * 1000:.0f} ms right after",
    )  # fmt: skip


def _measured(event: object, call: str) -> bool:
    return (
        isinstance(event, CallChanged) and event.call.id == call and event.call.quality is not None
    )


def _live(phone: Phone) -> Iterator[str]:
    while True:
        event = phone.wait(lambda e: isinstance(e, CallChanged) and e.call.live)
        yield event.call.id
