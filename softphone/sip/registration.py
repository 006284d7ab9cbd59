"""What a registrar's answer means."""

from __future__ import annotations

from datetime import datetime

from softphone.domain.account import Registration, RegistrationState

SILENT = frozenset({0, 408, 502, 503, 504})
"""Answers, or none at all, after which another target is tried (RFC 3263 section 4.3)."""


def registration_after(
    last: Registration, code: int, expires_s: int, tls: str, now: datetime, plain: str = ""
) -> Registration:
    """Return the registration after a final answer to REGISTER (RFC 3261 section 10.3)."""
    if code // 100 == 2:
        state = RegistrationState.REGISTERED if expires_s > 0 else RegistrationState.UNREGISTERED
        since = last.since if last.state is state else now
        return Registration(last.account, state, since, tls=tls, status=code, plain=plain)
    what, why = _words(code)
    since = last.since if last.why == why else now
    return Registration(
        last.account,
        RegistrationState.FAILED,
        since,
        tls=tls,
        status=code,
        what=what,
        why=why,
        plain=plain,
    )


def _words(code: int) -> tuple[str, str]:
    if code in (401, 403, 407):
        return "The registrar refused this account.", "The account's name or password is wrong."
    if code == 404:
        return "The registrar refused this account.", "It does not know this address."
    if code in SILENT:
        return "The registrar does not answer.", "It is overloaded or down."
    return "The registrar refused this account.", f"It answered with code {code}."
