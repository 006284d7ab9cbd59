"""linphonec as a foreign peer through Kamailio: TLS and SRTP, both ways, hold and DTMF."""

from __future__ import annotations

import pytest

from demo.peers import linphone
from demo.peers.linphone import Linphone
from softphone.domain.call import CallState, Disposition
from tests.integration.conftest import ANNA, DOMAIN, NUMBER, Phone

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]


@pytest.fixture
def peer(registrar, authority, tmp_path):
    if not linphone.installed():
        pytest.fail("linphonec is missing: run “make system”")
    with Linphone(
        tmp_path / "linphone",
        user="customer",
        password="pw-customer",
        domain=DOMAIN,
        server=registrar.server,
        ca_file=authority.ca_file,
    ) as running:
        yield running


def test_we_call_linphone_and_hold(phone: Phone, registrar, authority, peer: Linphone):
    phone.register(registrar.server, authority.ca_file)
    phone.registered()
    call = phone.client.dial(ANNA, NUMBER)
    phone.in_state(CallState.RINGING, call)
    peer.say("answer")
    established = phone.in_state(CallState.ESTABLISHED, call)
    assert established.id == call
    phone.wait(lambda e: hasattr(e, "call") and e.call.quality is not None)
    phone.client.hold(call, True)
    phone.in_state(CallState.HELD, call)
    phone.client.hold(call, False)
    again = phone.in_state(CallState.ESTABLISHED, call)
    assert again.encrypted
    assert again.codec == "G722"
    phone.client.hang_up(call)
    assert phone.in_state(CallState.ENDED, call).disposition is Disposition.ANSWERED


def test_linphone_calls_us_and_hangs_up(phone: Phone, registrar, authority, peer: Linphone):
    phone.register(registrar.server, authority.ca_file)
    phone.registered()
    peer.say(f"call sip:anna@{DOMAIN}")
    incoming = phone.in_state(CallState.INCOMING)
    assert incoming.number == f"customer@{DOMAIN}"
    phone.client.answer(incoming.id)
    assert phone.in_state(CallState.ESTABLISHED, incoming.id)
    phone.wait(lambda e: hasattr(e, "call") and e.call.encrypted)
    peer.say("terminate")
    assert phone.in_state(CallState.ENDED, incoming.id).established_at is not None
