from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.sip.message import (
    PING,
    PONG,
    Framer,
    MalformedMessage,
    Message,
    parse_datagram,
    parse_head,
    split_outside,
)

INVITE = (
    b"INVITE sip:bob@biloxi.example SIP/2.0\r\n"
    b"v: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bK1,\r\n"
    b" SIP/2.0/TLS 10.0.0.1;branch=z9hG4bK2\r\n"
    b'f: "Smith, ""Al"" <x>" <sip:al@atlanta.example>;tag=1\r\n'
    b"t: <sip:bob@biloxi.example>\r\n"
    b"i: call@host\r\nCSeq: 1 INVITE\r\nl: 4\r\n\r\nbody"
)


def test_compact_names_folding_and_lists_are_understood():
    [message] = list(Framer().feed(INVITE))
    assert isinstance(message, Message)
    assert message.method == "INVITE"
    assert message.first("Call-ID") == "call@host"
    assert [v.split(";")[0] for v in message.values("Via")] == [
        "SIP/2.0/TCP 127.0.0.1:5060",
        "SIP/2.0/TLS 10.0.0.1",
    ]
    assert message.body == b"body"


@given(st.lists(st.integers(1, len(INVITE) - 1), max_size=8))
def test_framing_does_not_depend_on_how_bytes_arrive(cuts):
    data = INVITE + PING + INVITE
    places = [0, *sorted(cuts), len(data)]
    framer = Framer()
    items = [item for a, b in itertools.pairwise(places) for item in framer.feed(data[a:b])]
    messages = [i for i in items if isinstance(i, Message)]
    assert [m.encode() for m in messages] == [messages[0].encode()] * 2
    assert messages[0].body == b"body"


def test_keep_alives_are_told_apart():
    assert list(Framer().feed(PING)) == [PING]
    assert list(Framer().feed(PONG)) == [PONG]


def test_encode_computes_the_length_afresh():
    message = Message("SIP/2.0 200 OK", [("Content-Length", "99"), ("X", "1")], b"abc")
    assert message.encode().endswith(b"X: 1\r\nContent-Length: 3\r\n\r\nabc")


@pytest.mark.parametrize(
    ("data", "fatal"),
    [
        (b"INVITE sip:a SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n", True),
        (b"INVITE sip:a SIP/2.0\r\nl: 1\r\nl: 2\r\n\r\nxx", True),
        (b"INVITE sip:a SIP/2.0\r\nl: -1\r\n\r\n", True),
        (b"INVITE sip:a SIP/2.0\r\nl: 99999999\r\n\r\n", True),
        (b"HELLO\r\nContent-Length: 0\r\n\r\n", False),
        (b"SIP/2.0 1000 X\r\nl: 0\r\n\r\n", False),
        (b"INVITE sip:a SIP/2.0\r\nBad Name: x\r\nl: 0\r\n\r\n", False),
        (b"INVITE sip:a SIP/2.0\r\n folded: first\r\nl: 0\r\n\r\n", False),
        (b"INVITE sip:a SIP/2.0\r\nX: a\nb\r\nl: 0\r\n\r\n", False),
        (b"\rX", True),
    ],
)
def test_malformed_messages_are_named(data, fatal):
    with pytest.raises(MalformedMessage) as caught:
        list(Framer().feed(data))
    assert caught.value.fatal is fatal


def test_the_stream_goes_on_behind_a_malformed_message():
    framer = Framer()
    bad = b"HELLO\r\nContent-Length: 3\r\n\r\nabc"
    with pytest.raises(MalformedMessage):
        list(framer.feed(bad + INVITE))
    assert [m.method for m in framer.feed(b"") if isinstance(m, Message)] == ["INVITE"]


def test_a_header_that_never_ends_is_cut():
    with pytest.raises(MalformedMessage):
        list(Framer().feed(b"A" * 70_000))


@given(st.binary(max_size=400))
def test_garbage_never_raises_anything_else(data):
    try:
        list(Framer().feed(data))
    except MalformedMessage:
        return


@given(st.lists(st.text('abc;<>"\\, ', max_size=10), min_size=1, max_size=4))
def test_splitting_never_loses_quoted_separators(parts):
    quoted = ['"' + p.replace("\\", "").replace('"', "") + '"' for p in parts]
    assert split_outside(",".join(quoted), ",") == quoted


def test_set_values_keeps_the_place():
    message = parse_head(b"ACK sip:a SIP/2.0\r\nVia: 1\r\nRoute: <a>\r\nRoute: <b>\r\nTo: x")
    message.set_values("Route", ["<c>"])
    assert [k for k, _ in message.headers] == ["Via", "Route", "To"]
    message.set_values("Record-Route", ["<r>"], at_top=True)
    assert message.headers[0] == ("Record-Route", "<r>")


def test_a_message_that_comes_alone_ends_with_its_datagram():
    assert parse_datagram(INVITE).body == b"body"
    assert parse_datagram(INVITE + b"and more").body == b"body"
    without = INVITE.replace(b"l: 4\r\n", b"")
    assert parse_datagram(b"\r\n" + without).body == b"body"


@pytest.mark.parametrize(
    "data", [b"", b"\r\n\r\n", b"\x00", INVITE[:40], INVITE[:-1], INVITE.replace(b"l: 4", b"l: x")]
)
def test_a_datagram_that_is_none_of_sip_is_refused(data: bytes):
    with pytest.raises(MalformedMessage):
        parse_datagram(data)


def test_an_answer_names_the_transaction_of_its_request():
    via = ("Via", "SIP/2.0/TCP 127.0.0.1:5;rport;branch=z9hG4bKa;alias")
    asked = Message("REGISTER sip:x SIP/2.0", [via, ("CSeq", "1 REGISTER")])
    answered = Message("SIP/2.0 200 OK", [via, ("CSeq", "1 REGISTER")])
    assert asked.transaction == answered.transaction == "z9hG4bKa REGISTER"
    assert Message("SIP/2.0 200 OK", []).transaction == ""
