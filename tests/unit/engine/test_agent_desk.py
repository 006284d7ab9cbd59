from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from softphone.domain.agent import AgentState, AgentStatus
from softphone.domain.call import Availability, Call, CallState, Direction
from softphone.domain.ids import AccountId, CallId
from softphone.engine.agent_desk import AgentDesk

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TALKED = Call(
    CallId("c"), AccountId("a"), Direction.INCOMING, CallState.ENDED, "+4930",
    established_at=NOW, ended_at=NOW,
)  # fmt: skip


class Place:
    def __init__(self) -> None:
        self.now = NOW
        self.told: list[AgentStatus] = []
        self.applied: list[Availability] = []
        self.desk = AgentDesk(self.told.append, self.applied.append, lambda: self.now)


@pytest.fixture
def place() -> Place:
    return Place()


def test_a_break_refuses_calls_and_keeps_what_was_wished(place: Place):
    place.desk.wish(Availability(forward_busy="other"))
    place.desk.enter(AgentState.BREAK, "Lunch")
    assert place.applied[-1] == Availability(do_not_disturb=True, forward_busy="other")
    place.desk.enter(AgentState.AVAILABLE)
    assert place.applied[-1] == Availability(forward_busy="other")
    assert [s.state for s in place.told[1:]] == [AgentState.BREAK, AgentState.AVAILABLE]
    assert {s.wish for s in place.told} == {Availability(forward_busy="other")}
    place.desk.wish(Availability(forward_busy="other"))
    assert len(place.told) == 3, "the same wish is told once"


def test_the_same_state_is_told_once(place: Place):
    place.desk.enter(AgentState.BREAK, "Lunch")
    place.desk.enter(AgentState.BREAK, "Lunch")
    assert len(place.told) == 1


def test_work_after_a_call_ends_by_itself(place: Place):
    place.desk.after_call_work_s = 20
    place.desk.call_ended(TALKED, [TALKED])
    assert place.told[-1].state is AgentState.AFTER_CALL_WORK
    assert place.told[-1].until == NOW + timedelta(seconds=20)
    assert place.applied[-1].do_not_disturb
    place.now += timedelta(seconds=19)
    place.desk.tick()
    assert len(place.told) == 1
    place.now += timedelta(seconds=1)
    place.desk.tick()
    assert place.told[-1].state is AgentState.AVAILABLE
    assert not place.applied[-1].do_not_disturb


@pytest.mark.parametrize("case", ["no time", "never answered", "another call", "on a break"])
def test_no_work_after_a_call(place: Place, case: str):
    place.desk.after_call_work_s = 0 if case == "no time" else 20
    call = TALKED
    if case == "never answered":
        call = Call(CallId("c"), AccountId("a"), Direction.INCOMING, CallState.ENDED, "+4930")
    others = [TALKED]
    if case == "another call":
        others.append(
            Call(CallId("d"), AccountId("a"), Direction.INCOMING, CallState.HELD, "+4931")
        )
    if case == "on a break":
        place.desk.enter(AgentState.BREAK, "Lunch")
    before = len(place.told)
    place.desk.call_ended(call, others)
    assert len(place.told) == before
