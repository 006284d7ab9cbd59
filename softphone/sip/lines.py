"""Accounts: one edge and one PJSIP account each, and the state of their registration."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

import pjsua2 as pj

from softphone.domain.account import Account, Registration, RegistrationState, Transport
from softphone.domain.agent import LineState
from softphone.domain.call_policy import CallPolicy
from softphone.domain.events import EngineEvent, LineWatched, RegistrationChanged
from softphone.domain.ids import AccountId
from softphone.sip.account import (
    SipAccount,
    account_config,
    bind_media,
    rotate_srtp_keys,
    sounds_over_ipv6,
    use_policy,
    use_route,
)
from softphone.sip.edge import Change, EdgeDown, EdgeUp
from softphone.sip.edge_thread import EdgeThread
from softphone.sip.graveyard import Graveyard, attempt
from softphone.sip.registration import SILENT, registration_after
from softphone.sip.watcher import Watcher, Way


class Line:
    """One account: its settings, its edge, and its PJSIP account once there is an address."""

    def __init__(self, account: Account, password: str) -> None:
        self.account = account
        self.password = password
        self.sip: SipAccount | None = None
        self.config: pj.AccountConfig | None = None
        self.watcher: Watcher | None = None
        self.tls = ""
        self.plain = ""
        self.local_ip = ""
        self.came_back = False
        self.last = Registration(account.id, RegistrationState.UNREGISTERED, datetime.now(UTC))

    @property
    def connected(self) -> bool:
        """Whether there is a way to the registrar."""
        return bool(self.tls or self.plain)


class Network(Protocol):
    """What accounts ask of the stack's endpoint."""

    def udp_transport(self, local_ip: str) -> int:
        """Return the identifier of a UDP transport at an address of ours."""
        ...

    def use_stun(self, server: str) -> None:
        """Learn our outside address from this server."""
        ...


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
        came_back: Callable[[AccountId], None],
        network: Network,
        idle: Callable[[], bool],
    ) -> None:
        """``came_back``: a connection was replaced, calls must tell their new address.

        ``idle`` is asked from the edges' thread.
        """
        self._edges = edges
        self._graveyard = graveyard
        self._emit = emit
        self._post = post
        self._incoming = incoming
        self._leaving = leaving
        self._came_back = came_back
        self._network = network
        self._idle = idle
        self._policy = CallPolicy()
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

    def set_policy(self, policy: CallPolicy) -> None:
        """Use these rules from now on; an account that they no longer permit is left."""
        before, self._policy = self._policy, policy
        for line in tuple(self._lines.values()):
            if self._refused(line.account) or before.plain_signalling != policy.plain_signalling:
                account, password = line.account, line.password
                if account.transport is not Transport.TLS:
                    self.remove_account(account.id)
                    self.set_account(account, password)
                    continue
            if line.config is not None and line.sip is not None:
                use_policy(line.config, policy)
                line.sip.modify(line.config)
            if before.colleagues != policy.colleagues:
                self._watch(line)

    def set_account(self, account: Account, password: str) -> None:
        """Register an account (PJ thread); repeating the same settings changes nothing."""
        known = self._lines.get(account.id)
        if known is not None and (known.account, known.password) == (account, password):
            self._emit(RegistrationChanged(known.last))
            return
        if known is not None:
            self.remove_account(account.id)
        line = self._lines[account.id] = Line(account, password)
        if self._refused(account):
            self._tell(
                account.id,
                RegistrationState.FAILED,
                what="This account is not used.",
                why=f"It asks for {account.transport.value.upper()} without encryption, which "
                "your organisation's policy does not permit.",
            )
            return
        if account.stun_server:
            self._network.use_stun(account.stun_server)
        self._tell(account.id, RegistrationState.REGISTERING)

        def changed(change: Change) -> None:
            self._post(lambda: self._edge_changed(account.id, change))

        def own(way: Way) -> Watcher:
            line.watcher = Watcher(account, password, way, self._emit_elsewhere)
            return line.watcher

        self._edges.open_edge(account, changed, idle=self._idle, own=own)

    def remove_account(self, account: AccountId) -> None:
        """Unregister and forget (PJ thread)."""
        line = self._lines.pop(account, None)
        if line is None:
            return
        self._leaving(account)
        if line.watcher is not None:
            self._edges.post(line.watcher.forget)
        if line.sip is not None:
            attempt(line.sip.shutdown)
            self._graveyard.bury(line.sip)
        self._edges.close_edge(account)

    # --- inside ---------------------------------------------------------------------------------

    def _refused(self, account: Account) -> bool:
        return account.transport is not Transport.TLS and not self._policy.plain_signalling

    def _emit_elsewhere(self, event: EngineEvent) -> None:
        self._post(lambda: self._emit(event))

    def _edge_changed(self, account: AccountId, change: Change) -> None:
        line = self._lines.get(account)
        if line is None:
            return
        if isinstance(change, EdgeDown):
            line.tls = line.plain = ""
            line.came_back = line.sip is not None
            self._tell(
                account,
                RegistrationState.FAILED,
                what=change.problem.what,
                why=change.problem.why,
                next_try_s=change.retry_s,
            )
            return
        line.tls, line.plain = change.tls, change.plain
        if change.registrar:
            # Over UDP a call needs no way through the registrar, but our address must be known.
            line.came_back = line.came_back and change.local_ip != line.local_ip
        line.local_ip = change.local_ip
        self._tell(account, RegistrationState.REGISTERING)
        self._register(line, change)

    def _register(self, line: Line, up: EdgeUp) -> None:
        if up.registrar:
            route = f"sip:{up.registrar};lr;hide"
        else:
            route = f"sip:127.0.0.1:{up.edge_port};transport=tcp;lr;hide"
        known = line.config is not None
        if line.config is None:
            line.config = account_config(
                line.account, line.password, route, up.local_ip, self._policy
            )
        bind_media(line.config, up.local_ip)
        if up.registrar:
            use_route(line.config, route)
            line.config.sipConfig.transportId = self._network.udp_transport(up.local_ip)
        if line.sip is None:
            source = f"127.0.0.1:{up.edge_port}"
            line.sip = SipAccount(line.account, source, self._registered, self._incoming)
        line.sip.hosts = up.hosts
        line.sip.sound_over_ipv6 = sounds_over_ipv6(line.config)
        if known:
            line.sip.modify(line.config)
            line.sip.setRegistration(True)
        else:
            line.sip.create(line.config)

    def _registered(self, sip: SipAccount, code: int, expires_s: int) -> None:
        line = self._lines.get(sip.account.id)
        if line is None or not line.connected:
            return
        before = line.last.state
        line.last = registration_after(
            line.last, code, expires_s, line.tls, datetime.now(UTC), line.plain
        )
        self._emit(RegistrationChanged(line.last))
        if code in SILENT:
            self._edges.registrar_failed(sip.account.id)
        if line.last.state is RegistrationState.REGISTERED:
            if before is not RegistrationState.REGISTERED:
                self._watch(line)
            if line.came_back:
                line.came_back = False
                self._came_back(sip.account.id)

    def _watch(self, line: Line) -> None:
        addresses = tuple(c.address for c in self._policy.colleagues)
        if line.watcher is not None and line.last.state is RegistrationState.REGISTERED:
            self._edges.post(functools.partial(line.watcher.watch, addresses))
        elif line.watcher is None:
            for address in addresses:
                self._emit(LineWatched(address, LineState.UNKNOWN))

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
            account,
            state,
            since,
            tls=line.tls,
            what=what,
            why=why,
            next_try_s=next_try_s,
            plain=line.plain,
        )
        self._emit(RegistrationChanged(line.last))
