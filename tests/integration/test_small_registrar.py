"""The demo's own registrar carries a call between two engines, where Kamailio is missing."""

from __future__ import annotations

import pytest

from demo.peers.registrar import SmallRegistrar
from softphone.domain.account import RegistrationState
from softphone.domain.call import CallState
from softphone.domain.events import CallChanged, RegistrationChanged
from tests.integration.conftest import ANNA, DOMAIN, NUMBER, Phone

pytestmark = pytest.mark.timeout(120)


def test_two_engines_call_each_other(phone: Phone, authority, voices, tmp_path):
    files = authority.issue("localhost", "127.0.0.1", label="small")
    accounts = {"anna": "pw-anna", "customer": "pw-customer"}
    with SmallRegistrar(
        tmp_path / "registrar", files, accounts, domain=DOMAIN, numbers={NUMBER: "customer"}
    ) as registrar:
        customer = Phone(tmp_path / "customer", f"file:{voices['customer']}")
        try:
            for one, user in ((phone, "anna"), (customer, "customer")):
                one.register(registrar.server, authority.ca_file, user)
                one.wait(
                    lambda e: (
                        isinstance(e, RegistrationChanged)
                        and e.registration.state is RegistrationState.REGISTERED
                    )
                )
            call = phone.client.dial(ANNA, NUMBER)
            incoming = customer.wait(
                lambda e: isinstance(e, CallChanged) and e.call.state is CallState.INCOMING
            ).call
            customer.client.answer(incoming.id)
            phone.wait(lambda e: isinstance(e, CallChanged) and e.call.quality is not None)
            phone.client.hang_up(call)
            ended = customer.wait(
                lambda e: isinstance(e, CallChanged) and e.call.state is CallState.ENDED
            ).call
            assert ended.encrypted
            assert ended.established_at is not None
        finally:
            customer.close()


def test_a_wrong_password_is_refused_in_words(phone: Phone, authority, tmp_path):
    files = authority.issue("localhost", "127.0.0.1", label="small2")
    with SmallRegistrar(
        tmp_path / "registrar", files, {"anna": "another"}, domain=DOMAIN
    ) as registrar:
        phone.register(registrar.server, authority.ca_file)
        failed = phone.wait(
            lambda e: (
                isinstance(e, RegistrationChanged)
                and e.registration.state is RegistrationState.FAILED
            )
        )
        assert "password is wrong" in failed.registration.why
