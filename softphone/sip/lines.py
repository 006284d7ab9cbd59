"""Accounts: one edge and one PJSIP account each, and the state of their registration."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime

import pjsua2 as pj

from softphone.domain.account import Account, Registration, RegistrationState
from softphone.domain.events import EngineEvent, RegistrationChanged
from softphone.domain.ids import AccountId
from softphone.sip.account import SipAccount, account_config, rotate_srtp_keys
from softphone.sip.edge import Change, EdgeDown, EdgeUp
from softphone.sip.edge_thread import EdgeThread
from softphone.sip.graveyard import Graveyard, attempt
from softphone.sip.registration import registration_after


class Line:
    """One account: its settings, its edge, and its PJSIP account once there is an address."""

    def __init__(self, account: Account, password: str) -> None:
        self.account = account
        self.password = password
        self.sip: SipAccount | None = None
        self.config: pj.AccountConfig | None = None
        self.tls = ""
        self.last = Registration(account.id, RegistrationState.UNREGISTERED, datetime.now(UTC))


class Lines:
    """All accounts; used on the PJ thread."""

    def __init__(
        self,
        edges: EdgeThread,
        graveyard: Graveyard,
        emit: Callable[[EngineEvent], None],
        post: Callable[[Callable[[], None]], None],
        incoming: Callable[[SipAccount, int, str, str], None],
        leaving: Callable[[AccountId], None],
    ) -> None:
        self._edges = edges
        self._graveyard = graveyard
        self._emit = emit
        self._post = post
        self._incoming = incoming
        self._leaving = leaving
        self._lines: dict[AccountId, Line] = {}

    def get(self, account: AccountId) -> Line | None:
        """Return a line."""
        return self._lines.get(account)

    @property
    def registered(self) -> bool:
        """Whether any account is registered."""
        return any(line.last.state is RegistrationState.REGISTERED for line in self._lines.values())

    def unregister(self) -> None:
        """Take all bindings away."""
        for line in self._lines.values():
            if line.sip is not None:
                attempt(functools.partial(line.sip.setRegistration, False))

    def clear(self) -> None:
        """Drop all PJSIP accounts (they must be unregistered and without calls)."""
        for line in self._lines.values():
            if line.sip is not None:
                attempt(line.sip.shutdown)
                line.sip = None
                line.config = None
        self._lines.clear()

    def fresh_keys(self, line: Line) -> None:
        """Give the account new SRTP keys, so that no two calls share one."""
        if line.sip is not None and line.config is not None:
            rotate_srtp_keys(line.config)
            line.sip.modify(line.config)

    def set_account(self, account: Account, password: str) -> None:
        """Register an account (PJ thread); repeating the same settings changes nothing."""
        known = self._lines.get(account.id)
        if known is not None and (known.account, known.password) == (account, password):
            self._emit(RegistrationChanged(known.last))
            return
        if known is not None:
            self.remove_account(account.id)
        self._lines[account.id] = Line(account, password)
        self._tell(account.id, RegistrationState.REGISTERING)

        def changed(change: Change) -> None:
            self._post(lambda: self._edge_changed(account.id, change))

        self._edges.open_edge(account.id, account.server, account.ca_file, changed)

    def remove_account(self, account: AccountId) -> None:
        """Unregister and forget (PJ thread)."""
        line = self._lines.pop(account, None)
        if line is None:
            return
        self._leaving(account)
        if line.sip is not None:
            attempt(line.sip.shutdown)
            self._graveyard.bury(line.sip)
        self._edges.close_edge(account)

    def _edge_changed(self, account: AccountId, change: Change) -> None:
        line = self._lines.get(account)
        if line is None:
            return
        if isinstance(change, EdgeDown):
            line.tls = ""
            self._tell(
                account,
                RegistrationState.FAILED,
                what=change.problem.what,
                why=change.problem.why,
                next_try_s=change.retry_s,
            )
            return
        line.tls = change.tls
        self._tell(account, RegistrationState.REGISTERING)
        self._register(line, change)

    def _register(self, line: Line, up: EdgeUp) -> None:
        if line.sip is not None and line.config is not None:
            if line.config.mediaConfig.transportConfig.boundAddress != up.local_ip:
                line.config.mediaConfig.transportConfig.boundAddress = up.local_ip
                line.sip.modify(line.config)
            line.sip.setRegistration(True)
            return
        line.config = account_config(line.account, line.password, up.edge_port, up.local_ip)
        line.sip = SipAccount(line.account, up.edge_port, self._registered, self._incoming)
        line.sip.create(line.config)

    def _registered(self, sip: SipAccount, code: int, expires_s: int) -> None:
        line = self._lines.get(sip.account.id)
        if line is None or not line.tls:
            return
        line.last = registration_after(line.last, code, expires_s, line.tls, datetime.now(UTC))
        self._emit(RegistrationChanged(line.last))

    def _tell(
        self,
        account: AccountId,
        state: RegistrationState,
        what: str = "",
        why: str = "",
        next_try_s: float = 0.0,
    ) -> None:
        line = self._lines[account]
        # "Since when" survives retries: a failing registrar fails since the first failure.
        same = line.last.state is state and line.last.why == why
        retrying = state is RegistrationState.REGISTERING and line.last.why
        since = line.last.since if same else datetime.now(UTC)
        if retrying:
            return
        line.last = Registration(
            account, state, since, tls=line.tls, what=what, why=why, next_try_s=next_try_s
        )
        self._emit(RegistrationChanged(line.last))
