from __future__ import annotations

import pytest

from softphone.domain.call import Availability
from softphone.sip.incoming import (
    AnswerNow,
    Forward,
    Refuse,
    Ring,
    ipv6_sound_only,
    read_invite,
    treat,
)
from softphone.sip.message import parse_head

PLAIN = parse_head(b"INVITE sip:a@b SIP/2.0\r\nTo: x")
ASKS = [
    b"Call-Info: <sip:pbx.example>;answer-after=0",
    b"Alert-Info: <http://pbx.example>;info=alert-autoanswer",
    b"Alert-Info: Ring-Answer",
]


@pytest.mark.parametrize(
    ("availability", "live", "treatment"),
    [
        (Availability(), 0, Ring()),
        (Availability(), 8, Refuse(486)),
        (Availability(do_not_disturb=True), 0, Refuse(486)),
        (Availability(do_not_disturb=True, forward_busy="+4930"), 0, Forward("+4930")),
        (Availability(forward_always="12", do_not_disturb=True), 0, Forward("12")),
        (Availability(forward_no_answer="12", no_answer_s=9), 0, Ring("12", 9)),
        (Availability(auto_answer=True), 0, AnswerNow()),
        (Availability(auto_answer=True), 1, Ring()),
    ],
)
def test_treatment(availability, live, treatment):
    assert treat(availability, PLAIN, live, 8) == treatment


@pytest.mark.parametrize("header", ASKS)
def test_auto_answer_by_header_needs_permission(header: bytes):
    invite = parse_head(b"INVITE sip:a@b SIP/2.0\r\n" + header)
    assert treat(Availability(), invite, 0, 8) == Ring()
    assert treat(Availability(auto_answer_by_header=True), invite, 0, 8) == AnswerNow()
    assert treat(Availability(auto_answer_by_header=True), PLAIN, 0, 8) == Ring()


def test_an_unreadable_request_only_rings():
    assert read_invite("nonsense") is None
    assert read_invite("INVITE sip:a SIP/2.0\r\nTo: x\r\n\r\nbody") is not None
    assert treat(Availability(auto_answer_by_header=True), None, 0, 8) == Ring()


@pytest.mark.parametrize(
    ("session", "only"),
    [
        ("c=IN IP4 192.0.2.1\nm=audio 4 RTP/SAVP 0", False),
        ("c=IN IP6 2001:db8::1\nm=audio 4 RTP/SAVP 0", True),
        ("m=audio 4 RTP/SAVP 0\nc=IN IP6 ::1\na=candidate:1 1 UDP 9 192.0.2.1 5 typ host", False),
        ("m=audio 4 RTP/SAVP 0\nc=IN IP6 ::1\na=candidate:1 1 UDP 9 2001:db8::1 5 typ host", True),
        ("", False),
    ],
)  # fmt: skip
def test_sound_over_ipv6_alone(session: str, only: bool):
    text = f"INVITE sip:a@x SIP/2.0\nVia: SIP/2.0/TLS [2001:db8::1]\n\n{session}\n"
    assert ipv6_sound_only(text) is only
    assert ipv6_sound_only(text.replace("\n", "\r\n")) is only
