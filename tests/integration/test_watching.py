"""Watched lines (RFC 4235) and messages waiting (RFC 3842) with Kamailio's presence server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.peers.kamailio import Kamailio
from demo.peers.processes import free_port
from softphone.domain.agent import LineState
from softphone.domain.call import CallState
from softphone.domain.call_policy import CallPolicy, Colleague
from softphone.domain.events import LineWatched, MessagesWaiting
from tests.integration.conftest import ANNA, DOMAIN, Phone

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]
WATCHED = CallPolicy(colleagues=(Colleague("Customer desk", "customer"),))


@pytest.fixture
def presence(authority, tmp_path: Path) -> Iterator[Kamailio]:
    files = authority.issue("localhost", label="presence")
    users = {"anna": "pw-anna", "customer": "pw-customer", "other": "pw-other"}
    with Kamailio(
        tmp_path / "kamailio", files, users, domain=DOMAIN, plain_port=free_port(), presence=True
    ) as running:
        yield running


def line(state: LineState):
    return lambda e: isinstance(e, LineWatched) and e.state is state


def test_a_colleagues_line_is_free_rings_and_is_busy(
    phone: Phone, presence: Kamailio, authority, voices, tmp_path
):
    phones = {name: Phone(tmp_path / name, f"file:{voices['customer']}")
              for name in ("customer", "other")}  # fmt: skip
    try:
        phone.use(WATCHED)
        phone.register(presence.server, authority.ca_file)
        phone.registered()
        for name, one in phones.items():
            one.register(presence.server, authority.ca_file, name)
            one.registered()
        customer, other = phones["customer"], phones["other"]
        call = other.client.dial(ANNA, "customer")
        ringing = customer.in_state(CallState.INCOMING).id
        told = phone.wait(line(LineState.RINGING))
        assert told.address == "customer"
        customer.client.answer(ringing)
        phone.wait(line(LineState.BUSY))
        other.client.hang_up(call)
        phone.wait(line(LineState.FREE))
    finally:
        for one in phones.values():
            one.close()


PUBLISH = """PUBLISH sip:anna@{domain} SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{number}
Max-Forwards: 70
From: <sip:anna@{domain}>;tag=mailbox
To: <sip:anna@{domain}>
Call-ID: mailbox{number}
CSeq: 1 PUBLISH
Event: message-summary
Expires: 60
Content-Type: application/simple-message-summary
Content-Length: {length}

{body}"""


def leave_message(registrar: Kamailio, plain_port: int, body: str) -> None:
    """Do what a voice mail server does when somebody spoke."""
    body = body.replace("\n", "\r\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mailbox:
        mailbox.bind(("127.0.0.1", 0))
        mailbox.settimeout(10)
        port = mailbox.getsockname()[1]
        text = PUBLISH.format(domain=DOMAIN, port=port, number=port, length=len(body), body="")
        mailbox.sendto((text.replace("\n", "\r\n") + body).encode(), ("127.0.0.1", plain_port))
        assert b"SIP/2.0 200" in mailbox.recv(4096)


def test_messages_wait_and_are_gone(phone: Phone, presence: Kamailio, authority):
    phone.register(presence.server, authority.ca_file)
    phone.registered()
    leave_message(
        presence, presence.plain_port, "Messages-Waiting: yes\nVoice-Message: 2/8 (0/1)\n"
    )
    told = phone.wait(lambda e: isinstance(e, MessagesWaiting) and e.new > 0)
    assert (told.account, told.new, told.old) == (ANNA, 2, 8)
