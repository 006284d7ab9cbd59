"""Messages with IPv6 addresses, written after what RFC 5118 section 4 describes of each."""

from __future__ import annotations

SDP6 = (
    "v=0\no=u 1 1 IN IP6 2001:db8::20\ns=-\nc=IN IP6 2001:db8::20\nt=0 0\nm=audio 9000 RTP/SAVP 9\n"
)
SDP_BOTH = (
    "v=0\no=u 1 1 IN IP6 2001:db8::20\ns=-\nt=0 0\n"
    "m=audio 9000 RTP/SAVP 9\nc=IN IP6 2001:db8::1\nm=audio 9002 RTP/SAVP 9\nc=IN IP4 192.0.2.30\n"
)


def message(
    start: str, *headers: str, body: str = "", via: str = "[2001:db8::9:1];branch=z9hG4bKas3"
) -> bytes:
    method = start.split()[0]
    lines = [
        start, f"Via: SIP/2.0/TLS {via}", "Max-Forwards: 70", "From: <sip:u@example.com>;tag=81",
        "To: <sip:anna@example.com>", f"Call-ID: {abs(hash((start, via, body)))}",
        f"CSeq: 98176 {method}", *headers,
    ]  # fmt: skip
    body = body.replace("\n", "\r\n")
    if body:
        lines.append("Content-Type: application/sdp")
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


CONTACT = "Contact: <sip:u@[2001:db8::9:1]>"
MESSAGES: dict[str, tuple[bytes, bool]] = {
    "4.1 an IPv6 reference": (message("REGISTER sip:[2001:db8::10] SIP/2.0", CONTACT), True),
    "4.2 an address without its brackets": (
        message("REGISTER sip:2001:db8::10 SIP/2.0", CONTACT), False,
    ),
    "4.3 a port that belongs to the address": (
        message("REGISTER sip:[2001:db8::10:5070] SIP/2.0", CONTACT), True,
    ),
    "4.4 a port behind the brackets": (
        message("REGISTER sip:[2001:db8::10]:5070 SIP/2.0", CONTACT), True,
    ),
    "4.5 received with brackets": (
        message("BYE sip:[2001:db8::10] SIP/2.0",
                via="[2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111"), True,
    ),
    "4.5 received without brackets": (
        message("OPTIONS sip:[2001:db8::10] SIP/2.0",
                via="[2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3-112"), True,
    ),
    "4.6 addresses in the session": (
        message("INVITE sip:anna@[2001:db8::10] SIP/2.0", CONTACT, body=SDP6), True,
    ),
    "4.7 both kinds of address in headers": (
        message("BYE sip:anna@host.example.net SIP/2.0", "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4b",
                "Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200"),
        True,
    ),
    "4.8 both kinds of address in the session": (
        message("INVITE sip:anna@[2001:db8::10] SIP/2.0", CONTACT, body=SDP_BOTH), True,
    ),
    "4.9 IPv4-mapped addresses": (
        message("INVITE sip:anna@example.com SIP/2.0", "Contact: <sip:u@[::ffff:192.0.2.10]:19823>",
                body=SDP6.replace("2001:db8::20", "::ffff:192.0.2.2"),
                via="[::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19"), True,
    ),
    "4.10 one colon too many, from the grammar's bug": (
        message("OPTIONS sip:anna@[2001:db8:::192.0.2.1] SIP/2.0", CONTACT), True,
    ),
}  # fmt: skip
"""By section: the message, and whether a reader of URIs has to accept its Request-URI."""
