from __future__ import annotations

from softphone.sip.message import parse_head
from softphone.sip.rewrite import Rewriter


def head(text: str):
    return parse_head("\r\n".join(line.strip() for line in text.strip().splitlines()).encode())


def outbound_invite():
    return head(
        """INVITE sip:bob@x.example SIP/2.0
        Via: SIP/2.0/TCP 127.0.0.1:41000;rport;branch=z9hG4bK1
        Route: <sip:127.0.0.1:7000;transport=tcp;lr>
        Route: <sip:far.example;lr>
        Contact: <sip:anna@127.0.0.1:41000;transport=TCP;ob>"""
    )


def test_a_request_leaves_as_tls_without_our_route():
    rewriter = Rewriter(7000, "10.1.2.3:52000")
    message = rewriter.outbound(outbound_invite())
    assert message.values("Via") == ["SIP/2.0/TLS 10.1.2.3:52000;rport;branch=z9hG4bK1"]
    assert message.values("Route") == ["<sip:far.example;lr>"]
    assert message.values("Contact") == ["<sip:anna@10.1.2.3:52000;transport=tls;ob>"]


def test_a_response_comes_back_as_pjsip_sent_the_request():
    rewriter = Rewriter(7000, "10.1.2.3:52000")
    rewriter.outbound(outbound_invite())
    message = rewriter.inbound(
        head(
            """SIP/2.0 200 OK
            Via: SIP/2.0/TLS 10.1.2.3:52000;rport=1;received=9.9.9.9;branch=z9hG4bK1
            Record-Route: <sip:proxy.example;lr>
            Contact: <sip:bob@7.7.7.7:5061;transport=tls>
            CSeq: 1 INVITE"""
        )
    )
    assert message.values("Via") == [
        "SIP/2.0/TCP 127.0.0.1:41000;rport=1;received=9.9.9.9;branch=z9hG4bK1"
    ]
    assert message.values("Record-Route") == [
        "<sip:proxy.example;lr>",
        "<sip:127.0.0.1:7000;transport=tcp;lr>",
    ]
    assert message.values("Contact") == ["<sip:bob@7.7.7.7:5061;transport=tls>"]


def test_bindings_of_ours_come_back_as_pjsip_knows_them():
    rewriter = Rewriter(7000, "10.1.2.3:52000")
    rewriter.outbound(outbound_invite())
    message = rewriter.inbound(
        head(
            """SIP/2.0 200 OK
            Via: SIP/2.0/TLS 10.1.2.3:52000
            Contact: <sip:anna@10.1.2.3:52000;transport=tls;ob>;expires=60, <sip:a@8.8.8.8>
            CSeq: 1 REGISTER"""
        )
    )
    assert message.values("Contact") == [
        "<sip:anna@127.0.0.1:41000;transport=tcp;ob>;expires=60",
        "<sip:a@8.8.8.8>",
    ]
    assert message.values("Record-Route") == []


def test_an_incoming_request_routes_back_through_the_edge_first():
    rewriter = Rewriter(7000, "10.1.2.3:52000")
    rewriter.outbound(outbound_invite())
    message = rewriter.inbound(
        head(
            """INVITE sip:anna@10.1.2.3:52000;transport=tls;ob SIP/2.0
            Via: SIP/2.0/TLS proxy.example;branch=z9hG4bK9
            Record-Route: <sip:proxy.example;lr>
            Contact: <sip:bob@7.7.7.7>"""
        )
    )
    assert message.uri == "sip:anna@127.0.0.1:41000;transport=tcp;ob"
    assert message.values("Record-Route")[0] == "<sip:127.0.0.1:7000;transport=tcp;lr>"
    assert message.values("Via") == ["SIP/2.0/TLS proxy.example;branch=z9hG4bK9"]


def test_our_record_route_does_not_leave():
    rewriter = Rewriter(7000, "10.1.2.3:52000")
    message = rewriter.outbound(
        head(
            """SIP/2.0 200 OK
            Via: SIP/2.0/TLS proxy.example
            Record-Route: <sip:127.0.0.1:7000;transport=tcp;lr>, <sip:proxy.example;lr>
            Contact: <sip:anna@127.0.0.1:41000;transport=TCP>
            CSeq: 1 INVITE"""
        )
    )
    assert message.values("Record-Route") == ["<sip:proxy.example;lr>"]
    assert message.values("Contact") == ["<sip:anna@10.1.2.3:52000;transport=tls>"]


def test_a_redirection_elsewhere_and_a_star_stay():
    rewriter = Rewriter(7000, "10.1.2.3:52000")
    message = head("SIP/2.0 302 Moved\nContact: <sip:c@other.example>\nCSeq: 1 INVITE")
    assert rewriter.outbound(message).values("Contact") == ["<sip:c@other.example>"]
    star = head("REGISTER sip:x SIP/2.0\nVia: SIP/2.0/TCP 127.0.0.1:1\nContact: *")
    assert rewriter.outbound(star).values("Contact") == ["*"]
