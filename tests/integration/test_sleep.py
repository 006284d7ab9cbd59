"""A phone that sleeps: its process is stopped while the registrar forgets it, and wakes again.

A computer of the tests cannot sleep. To registrar and far side a stopped process is the same: it
says nothing, answers nothing, and on waking has a connection that nobody carries any more.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.peers.kamailio import Kamailio
from softphone.domain.call import CallState
from softphone.domain.events import CallChanged
from softphone.sip.edge import PING_EVERY_S, PONG_WITHIN_S
from tests.bench.rig import look
from tests.integration.cable import Cable
from tests.integration.conftest import ANNA, Phone

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]
EXPIRES_S = 15
NOT_REGISTERED = "This number does not exist."
AWAKE_WITHIN_S = 8.0
"""Less than the keep-alive needs to find out (RFC 5626): the sleep itself was noticed."""


@contextmanager
def asleep(phone: Phone) -> Iterator[None]:
    os.kill(phone.client.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(phone.client.pid, signal.SIGCONT)


@pytest.fixture
def customer(tmp_path: Path, voices: dict[str, Path]) -> Iterator[Phone]:
    made = Phone(tmp_path / "customer", f"file:{voices['customer']}")
    yield made
    made.close()


def test_a_phone_that_slept_through_its_registration_is_back_and_no_call_hangs(
    phone: Phone, customer: Phone, registrar: Kamailio, authority
):
    assert AWAKE_WITHIN_S < PONG_WITHIN_S < PING_EVERY_S
    cable = Cable(registrar.port)
    try:
        phone.register(f"localhost:{cable.port}", authority.ca_file, expires_s=EXPIRES_S)
        phone.registered()
        customer.register(registrar.server, authority.ca_file, "customer")
        customer.registered()
        ours = phone.client.dial(ANNA, "customer")
        theirs = customer.in_state(CallState.INCOMING).id
        customer.client.answer(theirs)
        phone.in_state(CallState.ESTABLISHED, ours)
        phone.wait(lambda e: isinstance(e, CallChanged) and e.call.quality is not None)
        with asleep(phone):
            cable.forget()
            customer.client.hang_up(theirs)  # nobody hears it
            customer.in_state(CallState.ENDED, theirs)
            look(EXPIRES_S + 5.0)
            missed = customer.client.dial(ANNA, "anna")
            assert customer.in_state(CallState.ENDED, missed).reason == NOT_REGISTERED
        phone.not_registered(within_s=AWAKE_WITHIN_S)
        phone.registered(within_s=AWAKE_WITHIN_S)
        assert phone.in_state(CallState.ENDED, ours).established_at is not None, "no call hangs"
        again = customer.client.dial(ANNA, "anna")
        phone.client.answer(phone.in_state(CallState.INCOMING).id)
        customer.in_state(CallState.ESTABLISHED, again)
        customer.wait(lambda e: isinstance(e, CallChanged) and e.call.quality is not None)
    finally:
        cable.close()
