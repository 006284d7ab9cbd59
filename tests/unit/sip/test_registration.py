from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from softphone.domain.account import Registration, RegistrationState
from softphone.domain.ids import AccountId
from softphone.sip.registration import registration_after

T0 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
START = Registration(AccountId("a"), RegistrationState.REGISTERING, T0)


def test_success_keeps_since_over_refreshes():
    first = registration_after(START, 200, 300, "TLS 1.3", T0 + timedelta(seconds=1))
    again = registration_after(first, 200, 300, "TLS 1.3", T0 + timedelta(seconds=300))
    assert first.state is RegistrationState.REGISTERED
    assert again.since == first.since == T0 + timedelta(seconds=1)


def test_no_expiry_means_unregistered():
    assert registration_after(START, 200, 0, "TLS 1.3", T0).state is RegistrationState.UNREGISTERED


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (401, "password"),
        (403, "password"),
        (404, "address"),
        (503, "down"),
        (0, "down"),
        (499, "499"),
    ],
)
def test_failures_say_why_and_since_when(code, word):
    first = registration_after(START, code, 0, "TLS 1.3", T0)
    later = registration_after(first, code, 0, "TLS 1.3", T0 + timedelta(minutes=5))
    assert first.state is RegistrationState.FAILED
    assert word in first.why
    assert later.since == T0
