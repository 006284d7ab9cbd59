from __future__ import annotations

import pytest

from softphone.app.command_context import Context
from softphone.app.commands import run_command
from softphone.app.state import PhoneState
from softphone.domain.agent import AgentState
from softphone.domain.call import Availability
from softphone.domain.errors import InvalidInput
from tests.unit.app.rig import ADMIN, AGENT, DeskRig


def command(office: DeskRig, who, name: str, *arguments: str):
    desk = office.sign_in(who)
    return run_command(Context(desk, office.phone, PhoneState()), name, list(arguments))


def test_a_break_has_a_reason_that_the_policy_knows(office: DeskRig):
    desk = office.sign_in(AGENT)
    desk.duty.enter(AgentState.BREAK, "Lunch")
    assert office.phone.told[-1] == ("agent", AgentState.BREAK, "Lunch")
    with pytest.raises(InvalidInput) as caught:
        desk.duty.enter(AgentState.BREAK, "Fishing")
    assert "Lunch" in caught.value.do


@pytest.mark.parametrize(
    ("given", "state"),
    [
        (["available"], AgentState.AVAILABLE),
        (["break", "Lunch"], AgentState.BREAK),
        (["after-call-work"], AgentState.AFTER_CALL_WORK),
    ],
)
def test_by_command(office: DeskRig, given: list[str], state: AgentState):
    assert command(office, AGENT, "agent", *given)["ok"]
    assert office.phone.told[-1][:2] == ("agent", state)


@pytest.mark.parametrize("given", [[], ["asleep"], ["break"], ["break", "Fishing"]])
def test_a_wrong_command_is_explained(office: DeskRig, given: list[str]):
    answer = command(office, AGENT, "agent", *given)
    assert not answer["ok"]
    assert answer["why"]


def test_rules_are_changed_by_who_manages_the_policy(office: DeskRig):
    changed = command(office, ADMIN, "call-rules", '{"after_call_work_s": 30}')
    assert changed["rules"]["after_call_work_s"] == 30
    assert command(office, AGENT, "call-rules")["rules"]["after_call_work_s"] == 30
    assert command(office, AGENT, "call-rules", '{"notice": "beep"}')["kind"] == "Refused"
    for bad in (
        '{"session_expires_s": 30}',
        '{"codecs": []}',
        '{"codecs": ["OPUS"]}',
        '{"codecs": ["G722", "G711"]}',
        '{"url_template": "file:///x"}',
        '{"colleagues": [{"name": "A", "address": "x;y@z"}]}',
    ):
        assert command(office, ADMIN, "call-rules", bad)["kind"] == "InvalidInput"


def test_the_rules_survive_in_the_signed_policy(office: DeskRig):
    command(
        office,
        ADMIN,
        "call-rules",
        '{"recording_rules": [{"record": false, "number": "+1*"}], "hook": ["crm", "{number}"]}',
    )
    rules = office.sign_in(AGENT).call_rules.now()
    assert rules.hook == ("crm", "{number}")
    assert [r.number for r in rules.recording_rules] == ["+1*"]


def test_callers_are_sent_to_numbers_as_people_write_them(office: DeskRig):
    desk = office.sign_in(AGENT)
    desk.duty.send_on(Availability(forward_busy=" +49 30 23125 418 ", forward_no_answer="21"))
    kind, wish = office.phone.told[-1][:2]
    assert kind == "availability"
    assert wish == Availability(forward_busy="+493023125418", forward_no_answer="21")
    with pytest.raises(InvalidInput):
        desk.duty.send_on(Availability(forward_always="no number"))
