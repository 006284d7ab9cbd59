"""RFC 5118: the edge reads IPv6 addresses where they stand, and leaves the rest as it was."""

from __future__ import annotations

import pytest

from softphone.sip.message import Framer, Message
from softphone.sip.rewrite import Rewriter
from softphone.sip.uri import parse_uri, split_host_port
from tests.integration.ipv6_torture import MESSAGES


@pytest.mark.parametrize("name", MESSAGES)
def test_each_message(name: str):
    data, valid = MESSAGES[name]
    [taken] = list(Framer().feed(data))
    assert isinstance(taken, Message)
    assert (parse_uri(taken.uri) is not None) is valid
    before = [v for v in taken.values("Via")]
    rewriter = Rewriter(5060, "[2001:db8::10]:5061", "127.0.0.1:4000", "127.0.0.1:4000")
    [again] = list(Framer().feed(rewriter.inbound(taken).encode()))
    assert isinstance(again, Message)
    assert again.values("Via") == before


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("[2001:db8::10]", "[2001:db8::10]", None),
        ("[2001:db8::10:5070]", "[2001:db8::10:5070]", None),
        ("[2001:db8::10]:5070", "[2001:db8::10]", 5070),
        ("[::ffff:192.0.2.10]:19823", "[::ffff:192.0.2.10]", 19823),
        ("[2001:db8::10", "", -1),
        ("[2001:db8::10]5070", "", -1),
    ],
)
def test_where_the_port_begins(text: str, host: str, port: int | None):
    assert split_host_port(text) == (host, port)


def test_our_own_ipv6_address_is_found_in_a_request():
    rewriter = Rewriter(5060, "[2001:db8::10]:40000", inner_contact="127.0.0.1:4000")
    request = Message("INVITE sip:anna@[2001:db8::10]:40000;transport=tls SIP/2.0", [])
    assert rewriter.inbound(request).start == (
        "INVITE sip:anna@127.0.0.1:4000;transport=tcp SIP/2.0"
    )
