"""What a caller meets who is not simply put through, and a session that we cannot take; by SIPp."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.agent import AgentState
from softphone.domain.call import Availability, CallState, Disposition
from softphone.domain.call_policy import CallPolicy
from softphone.domain.events import AgentStateChanged
from tests.integration.conftest import ANNA, DOMAIN, Phone
from tests.integration.sipp_bench import ACK, NACK, Bench, first_invite
from tests.integration.sipp_peer import Step, answer_sdp, invite, recv, request, respond, sdp_at

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]
SENT_ON = [
    invite("anna", DOMAIN),
    recv(100, optional=True),
    recv(180, optional=True),
    recv(302, check=f"Contact: .*sip:other@{DOMAIN}"),
    NACK,
]
IPV6_ONLY = sdp_at().replace("IN IP4 127.0.0.1", "IN IP6 2001:db8::1")


@pytest.fixture
def bench(phone: Phone, tmp_path: Path, authority) -> Iterator[Bench]:
    with Bench(phone, tmp_path, authority) as made:
        yield made


@pytest.mark.parametrize(
    "wish",
    [
        Availability(forward_always="other"),
        Availability(do_not_disturb=True, forward_busy="other"),
        Availability(forward_no_answer="other", no_answer_s=1),
    ],
    ids=["always", "busy", "no answer"],
)
def test_a_caller_is_sent_on(bench: Bench, wish: Availability):
    bench.phone.set_availability(wish)
    with bench.caller(*SENT_ON) as sipp:
        sipp.finish()


@pytest.mark.parametrize("permitted", [True, False])
@pytest.mark.parametrize(
    "header", ["Call-Info: <sip:x>;answer-after=0", "Alert-Info: <http://x>;info=alert-autoanswer"]
)
def test_a_call_that_asks_for_it_is_answered_only_by_policy(bench: Bench, header, permitted):
    bench.phone.use(CallPolicy(auto_answer_by_header=permitted))
    taken = [recv(200), ACK, request("BYE", 2, calling=True), recv(200)]
    declined = [recv(180), recv(603), NACK]
    steps = [invite("anna", DOMAIN, header), recv(100, optional=True)]
    with bench.caller(*steps, *(taken if permitted else declined)) as sipp:
        if not permitted:
            bench.phone.client.hang_up(bench.phone.in_state(CallState.INCOMING).id)
        sipp.finish()


def test_nobody_is_put_through_in_the_work_after_a_call(bench: Bench):
    phone = bench.phone
    phone.use(CallPolicy(after_call_work_s=4))
    refused = [invite("anna", DOMAIN), recv(100, optional=True), recv(486), NACK]
    with bench.caller(
        invite("anna", DOMAIN), recv(100, optional=True), recv(180), recv(200), ACK,
        request("BYE", 2, calling=True), recv(200),
    ) as sipp:  # fmt: skip
        phone.client.answer(phone.in_state(CallState.INCOMING).id)
        sipp.finish()
    told = phone.wait(lambda e: isinstance(e, AgentStateChanged)).status
    assert told.state is AgentState.AFTER_CALL_WORK
    assert told.until is not None
    with bench.caller(*refused) as sipp:
        sipp.finish()
    back = phone.wait(lambda e: isinstance(e, AgentStateChanged)).status
    assert back.state is AgentState.AVAILABLE
    phone.client.set_agent_state(AgentState.BREAK, "Lunch")
    phone.wait(lambda e: isinstance(e, AgentStateChanged) and e.status.reason == "Lunch")
    with bench.caller(*refused) as sipp:
        sipp.finish()


def test_an_offer_of_sound_over_ipv6_alone_is_refused(bench: Bench):
    """The library is built without IPv6 sound: 488 at once, and nothing rings."""
    with bench.caller(
        invite("anna", DOMAIN, sdp=IPV6_ONLY), recv(100, optional=True), recv(488), NACK
    ) as sipp:
        sipp.finish()


def test_an_answer_with_sound_over_ipv6_alone_is_a_sentence(bench: Bench):
    ipv6 = answer_sdp().replace("IN IP4 127.0.0.1", "IN IP6 2001:db8::1")
    steps: list[Step] = [
        first_invite(),
        respond("180 Ringing", tag="fork1"),
        respond("200 OK", tag="fork1", sdp=ipv6),
        recv("ACK", optional=True),  # the library leaves it out
        recv("BYE"),
        respond("200 OK"),
    ]
    with bench.callee(*steps) as sipp:
        call = bench.phone.client.dial(ANNA, "sipp")
        ended = bench.phone.in_state(CallState.ENDED, call)
        assert "IPv6" in ended.reason
        assert ended.disposition is Disposition.FAILED
        sipp.finish()
