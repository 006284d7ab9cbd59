"""Registering with Kamailio: several accounts, digests, restarts, IPv6, and plain transports."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from demo.peers.kamailio import Kamailio
from demo.peers.processes import free_port
from softphone.domain.account import RegistrationState, Transport
from softphone.domain.call import CallState
from softphone.domain.call_policy import CallPolicy
from softphone.domain.ids import AccountId
from tests.integration.cable import Cable
from tests.integration.conftest import ANNA, DOMAIN, Phone

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]
SECOND = AccountId("second")
ACCOUNTS = {"anna": "pw-anna", "customer": "pw-customer", "other": "pw-other"}


def test_several_accounts_at_once_and_a_call_out_of_each(phone: Phone, registrar, authority):
    phone.register(registrar.server, authority.ca_file)
    phone.register(registrar.server, authority.ca_file, "other", SECOND)
    seen: set[AccountId] = set()
    while seen != {ANNA, SECOND}:
        event = phone.wait(lambda e: hasattr(e, "registration"))
        if event.registration.state is RegistrationState.REGISTERED:
            seen.add(event.registration.account)
    call = phone.client.dial(SECOND, "anna")
    incoming = phone.in_state(CallState.INCOMING)
    assert incoming.account == ANNA
    assert incoming.number == f"other@{DOMAIN}"
    phone.client.answer(incoming.id)
    phone.in_state(CallState.ESTABLISHED, call)


def test_digest_with_sha_256(phone: Phone, authority, tmp_path):
    files = authority.issue("localhost", label="sha")
    with Kamailio(tmp_path / "k", files, ACCOUNTS, domain=DOMAIN, digest="SHA-256") as registrar:
        phone.register(registrar.server, authority.ca_file)
        assert phone.registered().tls == "TLS 1.3"


def test_a_restarted_registrar_is_found_again(phone: Phone, authority, tmp_path):
    files = authority.issue("localhost", label="restart")
    port = free_port()
    with Kamailio(tmp_path / "k1", files, ACCOUNTS, domain=DOMAIN, port=port) as registrar:
        phone.register(registrar.server, authority.ca_file)
        phone.registered()
    assert phone.not_registered().why
    with Kamailio(tmp_path / "k2", files, ACCOUNTS, domain=DOMAIN, port=port):
        phone.registered()


@pytest.mark.skipif(not socket.has_ipv6, reason="this system has no IPv6")
def test_a_call_over_ipv6(phone: Phone, authority, voices, tmp_path):
    files = authority.issue("::1", label="v6")
    with Kamailio(tmp_path / "k", files, ACCOUNTS, domain=DOMAIN, host="[::1]") as registrar:
        customer = Phone(tmp_path / "customer", f"file:{voices['customer']}")
        try:
            for one, user in ((phone, "anna"), (customer, "customer")):
                one.register(f"[::1]:{registrar.port}", authority.ca_file, user)
                one.registered()
            call = phone.client.dial(ANNA, "customer")
            customer.client.answer(customer.in_state(CallState.INCOMING).id)
            phone.in_state(CallState.ESTABLISHED, call)
            quality = phone.measured().quality
            assert quality.loss_percent == 0.0
            assert quality.estimated_mos > 3.5
        finally:
            customer.close()


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.UDP])
def test_plain_signalling_needs_the_policys_consent(
    phone: Phone, authority, voices, tmp_path, transport
):
    files = authority.issue("localhost", label="plain")
    plain = free_port()
    with Kamailio(tmp_path / "k", files, ACCOUNTS, domain=DOMAIN, plain_port=plain) as registrar:
        phone.register(f"127.0.0.1:{plain}", authority.ca_file, transport=transport)
        refused = phone.not_registered()
        assert "does not permit" in refused.why
        phone.use(CallPolicy(plain_signalling=True))
        accepted = phone.registered()
        assert (accepted.tls, accepted.plain) == ("", transport.value.upper())
        customer = Phone(tmp_path / "customer", f"file:{voices['customer']}")
        try:
            customer.register(registrar.server, authority.ca_file, "customer")
            customer.registered()
            call = customer.client.dial(ANNA, "anna")
            phone.client.answer(phone.in_state(CallState.INCOMING).id)
            customer.in_state(CallState.ESTABLISHED, call)
            # The keys of its sound went in the clear: it must not be shown as encrypted.
            assert not phone.in_state(CallState.ESTABLISHED).encrypted
            customer.client.hang_up(call)
            phone.in_state(CallState.ENDED)
        finally:
            customer.close()
        phone.use(CallPolicy())
        assert "does not permit" in phone.not_registered().why


def test_a_call_outlives_its_connection(phone: Phone, registrar, authority, voices, tmp_path):
    """After the cut the far side learns our new address: its hang-up still reaches us."""
    cable = Cable(registrar.port)
    customer = Phone(tmp_path / "customer", f"file:{voices['customer']}")
    try:
        phone.register(f"localhost:{cable.port}", authority.ca_file)
        phone.registered()
        customer.register(registrar.server, authority.ca_file, "customer")
        customer.registered()
        ours = phone.client.dial(ANNA, "customer")
        theirs = customer.in_state(CallState.INCOMING).id
        customer.client.answer(theirs)
        phone.in_state(CallState.ESTABLISHED, ours)
        phone.measured()
        cable.cut()
        phone.not_registered()
        phone.registered()
        # The session is told our new address by a re-INVITE, which the far side answers.
        phone.measured()
        phone.measured()
        phone.measured()
        customer.client.hang_up(theirs)
        assert phone.in_state(CallState.ENDED, ours).established_at is not None
    finally:
        cable.close()
        customer.close()


def test_dead_registrar_address(phone: Phone, authority, tmp_path: Path):
    phone.register(f"localhost:{free_port()}", authority.ca_file)
    failed = phone.not_registered()
    assert failed.state is RegistrationState.FAILED
    assert failed.next_try_s > 0
