"""Session timers, PRACK, UPDATE, glare, forks, early media, redirects and odd callers, by SIPp."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.call import CallState, Disposition
from softphone.domain.call_policy import CallPolicy, Redirects
from tests.integration.conftest import ANNA, DOMAIN, Phone
from tests.integration.sipp_bench import ACK, NACK, Bench, established
from tests.integration.sipp_peer import (
    Step,
    answer_sdp,
    invite,
    pause,
    recv,
    request,
    respond,
    sdp_at,
)

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]


@pytest.fixture
def bench(phone: Phone, tmp_path: Path, authority) -> Iterator[Bench]:
    with Bench(phone, tmp_path, authority) as made:
        yield made


def test_an_answer_in_reliable_steps(bench: Bench):
    """100rel (RFC 3262): our PRACK names the 183; early media is told; then the answer."""
    with bench.callee(
        recv("INVITE", check="Supported:.*100rel"),
        respond(
            "183 Session Progress", "Require: 100rel", "RSeq: 7", tag="fork1", sdp=answer_sdp()
        ),
        recv("PRACK", check="RAck: 7 [0-9]+ INVITE"),
        respond("200 OK"),
    ) as sipp:
        call = bench.phone.client.dial(ANNA, "sipp")
        early = bench.phone.wait(lambda e: hasattr(e, "call") and e.call.early_media).call
        assert early.id == call
        assert early.state is CallState.RINGING
        sipp.finish()
        bench.phone.client.hang_up(call)


def test_we_offer_reliable_ringing_and_a_session_timer(bench: Bench):
    """As callee: Session-Expires agreed (RFC 4028) and refreshed by UPDATE (RFC 3311)."""
    with bench.caller(
        invite("anna", DOMAIN, "Supported: 100rel, timer", "Session-Expires: 90;refresher=uac",
               "Min-SE: 90", "Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE"),
        recv(100, optional=True),
        recv(180),
        recv(200, check="Session-Expires: 90;refresher=uac"),
        ACK,
        request("UPDATE", 2, "Supported: timer", "Session-Expires: 90;refresher=uac", "Min-SE: 90",
                calling=True),
        recv(200, check="Session-Expires: 90"),
        request("BYE", 3, calling=True),
        recv(200),
    ) as sipp:  # fmt: skip
        incoming = bench.phone.in_state(CallState.INCOMING)
        bench.phone.client.answer(incoming.id)
        bench.phone.in_state(CallState.ESTABLISHED)
        sipp.finish()
        assert bench.phone.in_state(CallState.ENDED).disposition is Disposition.ANSWERED


def test_a_session_interval_that_is_too_small_is_refused(bench: Bench):
    """422 with Min-SE (RFC 4028 section 6)."""
    with bench.caller(
        invite("anna", DOMAIN, "Supported: timer", "Session-Expires: 30"),
        recv(100, optional=True),
        recv(422, check="Min-SE: 90"),
        NACK,
    ) as sipp:
        sipp.finish()


def test_both_sides_change_the_session_at_once(bench: Bench):
    """Glare: our re-INVITE is answered 491 and comes again (RFC 3261 section 14.1)."""
    with bench.callee(
        *established(),
        recv("INVITE", check="a=sendonly"),
        respond("491 Request Pending"),
        recv("ACK"),
        recv("INVITE", check="a=sendonly"),
        respond("200 OK", sdp=sdp_at("recvonly", 2)),
        recv("ACK"),
        recv("BYE"),
        respond("200 OK"),
    ) as sipp:
        call = bench.phone.client.dial(ANNA, "sipp")
        bench.phone.in_state(CallState.ESTABLISHED, call)
        bench.phone.client.hold(call, True)
        assert bench.phone.in_state(CallState.HELD, call).held_by_us
        bench.phone.client.hang_up(call)
        sipp.finish()


def test_two_phones_of_a_fork_answer(bench: Bench):
    """Both 200s are acknowledged; the second dialog is ended at once (RFC 3261 13.2.2.4)."""
    with bench.callee(
        recv("INVITE"),
        respond("180 Ringing", tag="one"),
        respond("180 Ringing", tag="two"),
        respond("200 OK", tag="one", sdp=answer_sdp()),
        recv("ACK"),
    ) as sipp:
        call = bench.phone.client.dial(ANNA, "sipp")
        bench.phone.in_state(CallState.RINGING, call)
        bench.phone.in_state(CallState.ESTABLISHED, call)
        sipp.finish()
        bench.phone.client.hang_up(call)


@pytest.mark.parametrize(
    ("status", "words", "disposition"),
    [
        ("486 Busy Here", "Busy.", Disposition.BUSY),
        ("488 Not Acceptable Here", "no encryption", Disposition.FAILED),
        ("404 Not Found", "does not exist", Disposition.FAILED),
        ("480 Temporarily Unavailable", "cannot be reached", Disposition.NO_ANSWER),
        ("603 Decline", "declined", Disposition.DECLINED),
        ("500 Server Internal Error", "internal error", Disposition.FAILED),
    ],
)
def test_a_refusal_in_words(bench: Bench, status, words, disposition):
    with bench.callee(recv("INVITE"), respond(status, tag="no"), recv("ACK")) as sipp:
        call = bench.phone.client.dial(ANNA, "sipp")
        ended = bench.phone.in_state(CallState.ENDED, call)
        assert words in ended.reason
        assert ended.disposition is disposition
        sipp.finish()


@pytest.mark.parametrize(
    ("policy", "where", "followed"),
    [
        (Redirects.OWN_DOMAIN, DOMAIN, True),
        (Redirects.OWN_DOMAIN, "elsewhere.example", False),
        (Redirects.NEVER, DOMAIN, False),
    ],
)
def test_redirections_follow_the_policy(bench: Bench, policy, where, followed):
    bench.phone.use(CallPolicy(redirects=policy))
    steps = [
        recv("INVITE"),
        Step(
            "send", "",
            "SIP/2.0 302 Moved Temporarily\n[last_Via:]\n[last_From:]\n[last_To:];tag=no\n"
            f"[last_Call-ID:]\n[last_CSeq:]\nContact: <sip:nobody@{where}>\nContent-Length: 0\n",
        ),
        recv("ACK"),
    ]  # fmt: skip
    with bench.callee(*steps) as sipp:
        call = bench.phone.client.dial(ANNA, "sipp")
        ended = bench.phone.in_state(CallState.ENDED, call)
        # Followed, it reaches nobody; not followed, it has moved.
        assert ended.status == (404 if followed else 302)
        sipp.finish()


@pytest.mark.parametrize("trusted", [False, True])
def test_an_asserted_identity_counts_only_by_policy(bench: Bench, trusted):
    bench.phone.use(CallPolicy(trust_asserted_identity=trusted))
    with bench.caller(
        invite("anna", DOMAIN, 'P-Asserted-Identity: "Bank" <tel:+441632960083>'),
        recv(100, optional=True),
        recv(180),
        recv(603),
        NACK,
    ) as sipp:
        incoming = bench.phone.in_state(CallState.INCOMING)
        if trusted:
            assert (incoming.number, incoming.display_name) == ("+441632960083", "Bank")
        else:
            assert (incoming.number, incoming.display_name) == (f"sipp@{DOMAIN}", "")
        bench.phone.client.hang_up(incoming.id)
        sipp.finish()


@pytest.mark.parametrize(("status", "sent"), [(486, 486), (480, 480), (0, 603)])
def test_a_call_is_declined_with_a_reason(bench: Bench, status, sent):
    with bench.caller(
        invite("anna", DOMAIN),
        recv(100, optional=True),
        recv(180),
        recv(sent),
        NACK,
    ) as sipp:
        bench.phone.client.hang_up(bench.phone.in_state(CallState.INCOMING).id, status)
        sipp.finish()


def test_keys_by_info_where_the_policy_says_so(bench: Bench):
    bench.phone.use(CallPolicy(dtmf_by_info=True))
    with bench.callee(
        *established(),
        recv("INFO", check="Signal=5"),
        respond("200 OK"),
        recv("BYE"),
        respond("200 OK"),
    ) as sipp:
        call = bench.phone.client.dial(ANNA, "sipp")
        bench.phone.in_state(CallState.ESTABLISHED, call)
        bench.phone.client.send_dtmf(call, "5")
        bench.phone.measured()
        bench.phone.client.hang_up(call)
        sipp.finish()


def test_a_call_without_encryption_is_refused_both_ways(bench: Bench):
    plain = sdp_at().replace("RTP/SAVP", "RTP/AVP").rpartition("a=crypto")[0]
    with bench.caller(
        invite("anna", DOMAIN, sdp=plain),
        recv(100, optional=True),
        recv(488),
        NACK,
    ) as sipp:
        sipp.finish()


def test_held_by_the_other_side(bench: Bench):
    with bench.caller(
        invite("anna", DOMAIN),
        recv(100, optional=True),
        recv(180),
        recv(200),
        ACK,
        pause(300),
        request("INVITE", 2, sdp=sdp_at("sendonly", 2), calling=True),
        recv(100, optional=True),
        recv(200, check="a=recvonly"),
        Step("send", "", ACK.text.replace("CSeq: 1", "CSeq: 2")),
        pause(500),
        request("BYE", 3, calling=True),
        recv(200),
    ) as sipp:
        bench.phone.client.answer(bench.phone.in_state(CallState.INCOMING).id)
        held = bench.phone.wait(lambda e: hasattr(e, "call") and e.call.held_by_them).call
        assert not held.held_by_us
        sipp.finish()
