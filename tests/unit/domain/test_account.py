from __future__ import annotations

from softphone.domain.account import Account, Registration, RegistrationState
from tests.fakes.clock import START


def test_the_address_of_record():
    account = Account("a1", "201", "example.org", "sip.example.org")
    assert account.address_of_record == "sip:201@example.org"
    assert account.expires_s == 300


def test_a_registration_has_no_problem_at_first():
    registration = Registration("a1", RegistrationState.REGISTERING, START)
    assert (registration.tls, registration.what, registration.next_try_s) == ("", "", 0.0)
