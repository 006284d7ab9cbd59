"""Accounts over UDP with the whole engine: failover by SRV, watched lines, a vanished address."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from demo.peers.kamailio import Kamailio
from demo.peers.processes import free_port
from softphone.domain.account import Account, Transport
from softphone.domain.agent import LineState
from softphone.domain.call import CallState
from softphone.domain.call_policy import CallPolicy, Colleague
from softphone.domain.events import LineWatched, MessagesWaiting
from tests.integration.conftest import ANNA, DOMAIN, Phone
from tests.integration.name_server import NameServer
from tests.integration.namespaces import SERVER, Place, available, engine_asking, serve
from tests.integration.test_watching import leave_message

pytestmark = [
    pytest.mark.peer,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not available(), reason="network namespaces need root"),
]
USERS = {"anna": "pw-anna", "customer": "pw-customer"}
NAMES = f"127.0.53.{1 + os.getpid() % 250}"
RULES = CallPolicy(plain_signalling=True, colleagues=(Colleague("Customer desk", "customer"),))
UDP = Account(ANNA, "anna", DOMAIN, DOMAIN, "Anna", transport=Transport.UDP)


@pytest.fixture
def ports() -> list[int]:
    return [free_port(), free_port()]


@pytest.fixture
def phone_over_udp(ports, voices, tmp_path) -> Iterator[Phone]:
    with ExitStack() as stack:
        names = stack.enter_context(
            NameServer(
                f"_sip._udp.{DOMAIN} SRV 10 0 {ports[0]} one.{DOMAIN}.",
                f"_sip._udp.{DOMAIN} SRV 20 0 {ports[1]} one.{DOMAIN}.",
                f"one.{DOMAIN} A 127.0.0.1",
                host=NAMES,
                port=53,
            )
        )
        audio = f"file:{voices['agent']}"
        stack.callback(engine_asking(names, tmp_path / "agent", audio).stop)
        phone = Phone(tmp_path / "agent", audio)
        stack.callback(phone.close)
        phone.use(RULES)
        yield phone


@pytest.fixture
def customer(voices, tmp_path) -> Iterator[Phone]:
    made = Phone(tmp_path / "customer", f"file:{voices['customer']}")
    yield made
    made.close()


def kamailio(folder: Path, authority, port: int, **more) -> Kamailio:
    files = authority.issue("localhost", label=folder.name)
    return Kamailio(folder, files, USERS, domain=DOMAIN, plain_port=port, **more)


def talk(phone: Phone, customer: Phone) -> None:
    """Call, be heard, and be hung up on."""
    call = phone.client.dial(ANNA, "customer")
    theirs = customer.in_state(CallState.INCOMING).id
    customer.client.answer(theirs)
    phone.in_state(CallState.ESTABLISHED, call)
    phone.measured()
    customer.client.hang_up(theirs)
    phone.in_state(CallState.ENDED, call)


def test_a_full_registrar_is_left_and_lines_are_watched_at_the_next(
    phone_over_udp: Phone, customer: Phone, ports, authority, tmp_path
):
    phone = phone_over_udp
    with (
        kamailio(tmp_path / "k1", authority, ports[0], full=True),
        kamailio(tmp_path / "k2", authority, ports[1], presence=True) as second,
    ):
        phone.client.set_account(UDP, "pw-anna")
        phone.registered()
        customer.register(second.server, authority.ca_file, "customer")
        customer.registered()
        leave_message(second, ports[1], "Messages-Waiting: yes\nVoice-Message: 2/8 (0/1)\n")
        told = phone.wait(lambda e: isinstance(e, MessagesWaiting) and e.new > 0)
        assert (told.new, told.old) == (2, 8)
        call = phone.client.dial(ANNA, "customer")
        customer.client.answer(customer.in_state(CallState.INCOMING).id)
        line = phone.wait(lambda e: isinstance(e, LineWatched) and e.state is LineState.BUSY)
        assert line.address == "customer"
        phone.client.hang_up(call)
        phone.wait(lambda e: isinstance(e, LineWatched) and e.state is LineState.FREE)


def test_a_silent_registrar_is_left_in_mid_call(
    phone_over_udp: Phone, customer: Phone, ports, authority, tmp_path
):
    phone = phone_over_udp
    with kamailio(tmp_path / "k2", authority, ports[1]) as second:
        with kamailio(tmp_path / "k1", authority, ports[0]) as first:
            phone.client.set_account(UDP, "pw-anna")
            phone.registered()
            customer.register(first.server, authority.ca_file, "customer")
            customer.registered()
            call = phone.client.dial(ANNA, "customer")
            customer.client.answer(customer.in_state(CallState.INCOMING).id)
            phone.in_state(CallState.ESTABLISHED, call)
        assert phone.not_registered(within_s=60).why
        phone.registered(within_s=60)
        fresh = phone.hears_for(100)
        assert fresh.state is CallState.ESTABLISHED, "the call goes on without its registrar"
        phone.client.hang_up(call)
        customer.register(second.server, authority.ca_file, "customer")
        customer.registered()
        talk(phone, customer)


def test_a_call_over_udp_goes_on_over_the_other_interface(customer, authority, voices, tmp_path):
    plain = free_port()
    with ExitStack() as stack:
        serve(stack)
        place = Place("a", cables=2)
        place.build(stack)
        files = authority.issue(SERVER, label="netns-udp")
        registrar = stack.enter_context(
            Kamailio(tmp_path / "k", files, USERS, domain=DOMAIN, host=SERVER, plain_port=plain)
        )
        audio = f"file:{voices['agent']}"
        stack.callback(place.engine(tmp_path / "agent", audio).stop)
        phone = Phone(tmp_path / "agent", audio)
        stack.callback(phone.close)
        phone.use(RULES)
        phone.register(f"{SERVER}:{plain}", authority.ca_file, transport=Transport.UDP)
        phone.registered()
        customer.register(f"{SERVER}:{registrar.port}", authority.ca_file, "customer")
        customer.registered()
        ours = phone.client.dial(ANNA, "customer")
        theirs = customer.in_state(CallState.INCOMING).id
        customer.client.answer(theirs)
        phone.in_state(CallState.ESTABLISHED, ours)
        phone.measured()
        customer.measured()
        place.inside("link", "set", f"{place.cables[0]}i", "down")
        phone.not_registered()
        phone.registered()
        for one in (phone, customer):
            one.hears_for(150)
        customer.client.hang_up(theirs)
        assert phone.in_state(CallState.ENDED, ours).established_at is not None
