"""``softphone transfer`` and ``complete`` carried out: three phones and Kamailio."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from demo.stage import DOMAIN, NUMBER
from softphone.domain.account import Account
from softphone.domain.call import CallState
from softphone.domain.events import CallChanged
from softphone.domain.ids import AccountId, CallId
from tests.bench.soak import Program, program_and_customer
from tests.e2e.test_command_line import softphone
from tests.integration.conftest import Phone

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
COLLEAGUE = f"jonas@{DOMAIN}"


class Room:
    """The running program, steered by the command itself; a customer and a colleague."""

    def __init__(self, program: Program, customer: Phone, colleague: Phone) -> None:
        self.program, self.customer, self.colleague = program, customer, colleague

    def run(self, *words: str) -> dict[str, Any]:
        code, answer = softphone(self.program, *words)
        assert code == 0, answer
        return answer

    def told(self, call: str, **wanted: object) -> dict[str, Any]:
        """Wait until the program tells these values of a call."""
        event = self.program.call_event(
            lambda e: (
                e["event"] == "call"
                and e["call"]["id"] == call
                and all(e["call"][name] == value for name, value in wanted.items())
            )
        )
        return dict(event["call"])

    def over(self, calls: set[str]) -> None:
        """Wait for the end of all of these, in whatever order."""
        left = set(calls)
        while left:
            left.discard(str(self.program.in_state("ended")["id"]))

    def call_customer(self) -> tuple[str, CallId]:
        """Dial the customer, who answers by itself; returns both ends."""
        began = datetime.now(UTC)  # what is told yet of earlier calls is not meant
        ours = str(self.run("dial", NUMBER)["call"])
        theirs = self.customer.wait(
            lambda e: (
                isinstance(e, CallChanged)
                and e.call.state is CallState.ESTABLISHED
                and e.call.started_at >= began
            )
        ).call.id
        self.told(ours, state="established")
        return ours, theirs

    def colleague_answers(self) -> CallId:
        ringing = self.colleague.in_state(CallState.INCOMING).id
        self.colleague.client.answer(ringing)
        self.colleague.in_state(CallState.ESTABLISHED, ringing)
        return ringing


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    with program_and_customer() as (program, customer):
        stage = program.stage
        colleague = Phone(stage.folder / "colleague", f"file:{stage.agent_voice}")
        stage.stack.callback(colleague.close)
        account = Account(
            AccountId("jonas"), "jonas", DOMAIN, stage.registrar.server,
            ca_file=str(stage.authority.ca_file),
        )  # fmt: skip
        colleague.client.set_account(account, stage.passwords["colleague"])
        colleague.registered(account.id)
        yield Room(program, customer, colleague)


def heard(call: CallId):
    """Whether a call is established and has sound."""
    return lambda e: is_heard(e) and e.call.id == call


def heard_in_place_of(call: CallId):
    """Whether the call that took this one's place is established and has sound."""
    return lambda e: is_heard(e) and e.call.replaces == call


def is_heard(event: object) -> bool:
    return (
        isinstance(event, CallChanged)
        and event.call.state is CallState.ESTABLISHED
        and event.call.quality is not None
    )


def test_a_caller_is_sent_on(room: Room):
    ours, theirs = room.call_customer()
    room.run("transfer", COLLEAGUE)
    taken = room.colleague_answers()
    assert room.told(ours, state="ended")["transfer"] == "transferred"
    joined = room.customer.wait(heard_in_place_of(theirs)).call
    room.colleague.wait(heard(taken))
    room.colleague.client.hang_up(taken)
    room.customer.in_state(CallState.ENDED, joined.id)
    room.colleague.in_state(CallState.ENDED, taken)


def test_a_caller_whom_nobody_takes_comes_back(room: Room):
    ours, theirs = room.call_customer()
    room.run("transfer", f"nobody@{DOMAIN}")
    failed = room.told(ours, transfer="The transfer failed: This number does not exist.")
    assert failed["state"] in ("established", "held")
    room.run("hangup")
    room.told(ours, state="ended")
    room.customer.in_state(CallState.ENDED, theirs)


def test_two_calls_are_connected_and_nobody_answers_twice(room: Room):
    first, _ = room.call_customer()
    second = str(room.run("dial", COLLEAGUE)["call"])
    at_colleague = room.colleague_answers()
    room.told(second, state="established")
    assert room.run("complete") == {"ok": True, "call": first, "to": second}
    room.over({first, second})
    joined = room.colleague.wait(heard_in_place_of(at_colleague)).call
    assert joined.encrypted
    assert joined.number == f"anna@{DOMAIN}", "the customer, whom the agent handed over"
    assert not [c for c in room.run("state")["calls"] if c["state"] != "ended"]
    room.colleague.client.hang_up(joined.id)
    room.colleague.in_state(CallState.ENDED, joined.id)
