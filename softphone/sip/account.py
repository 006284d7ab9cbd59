"""One PJSIP account behind its edge."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from ipaddress import ip_address

import pjsua2 as pj

from softphone.domain.account import Account, Transport
from softphone.domain.call_policy import CallPolicy
from softphone.sip.library import has_ipv6_sound
from softphone.sip.network import address_towards
from softphone.sip.srtp_keys import SUITES, fresh_key

SRTP_MANDATORY = 2
SOMEWHERE = "192.0.2.1"
"""An address of nobody (RFC 5737): the way to it is the default route."""
LEAST_SESSION_S = 90
"""RFC 4028 section 4."""


class SipAccount(pj.Account):
    """Wraps ``pj.Account``; callbacks copy and post."""

    def __init__(
        self,
        account: Account,
        source: str,
        registered: Callable[[SipAccount, int, int], None],
        incoming: Callable[[SipAccount, int, str, str], None],
    ) -> None:
        """``source`` is where requests must come from: the edge. Over UDP see ``hosts``."""
        super().__init__()
        self.account = account
        self._source = source
        self.hosts: frozenset[str] = frozenset()
        """Over UDP: the addresses of the registrar's hosts."""
        self.sound_over_ipv6 = False
        """Whether that is where our sound is sent and taken."""
        self._registered = registered
        self._incoming = incoming

    def trusts(self, source: str) -> bool:
        """Whether a request from ``host:port`` came the only way it may."""
        if self.account.transport is Transport.UDP:
            return source.rpartition(":")[0].strip("[]") in self.hosts
        return source == self._source

    def onRegState(self, prm: pj.OnRegStateParam) -> None:
        """The registrar answered, or did not."""
        self._registered(self, int(prm.code), int(prm.expiration))

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:
        """An INVITE arrived."""
        self._incoming(self, int(prm.callId), str(prm.rdata.srcAddress), str(prm.rdata.wholeMsg))


def account_config(
    account: Account, password: str, route: str, local_ip: str, policy: CallPolicy
) -> pj.AccountConfig:
    """Return PJSIP's configuration: everything along ``route``, SRTP mandatory."""
    config = pj.AccountConfig()
    shown = f'"{_quoted(account.display_name)}" ' if account.display_name else ""
    config.idUri = f"{shown}<{account.address_of_record}>"
    registration = config.regConfig
    registration.registrarUri = f"sip:{account.domain}"
    registration.timeoutSec = account.expires_s
    registration.registerOnAdd = True
    registration.disableRegOnModify = True
    registration.retryIntervalSec = 20
    registration.firstRetryIntervalSec = 2
    registration.randomRetryIntervalSec = 5
    registration.proxyUse = 3
    registration.unregWaitMsec = 1500
    config.sipConfig.authCreds.append(
        pj.AuthCredInfo("digest", "*", account.auth_user or account.user, 0, password)
    )
    use_route(config, route)
    nat = config.natConfig
    nat.sipOutboundUse = 1
    # RFC 5626 section 4.1: the same over restarts, another on every workstation.
    instance = uuid.uuid5(uuid.UUID(int=uuid.getnode()), f"{account.id} {config.idUri}")
    nat.sipOutboundInstanceId = f"<{instance.urn}>"
    nat.contactRewriteUse = 0
    nat.viaRewriteUse = 0
    nat.sdpNatRewriteUse = 0
    _let_media_pass_nat(nat, account, password)
    media = config.mediaConfig
    media.srtpUse = SRTP_MANDATORY
    # PJSIP sees TCP; the edge guarantees TLS behind it (see docs/security.md).
    media.srtpSecureSignaling = 0
    media.transportConfig.port = 0
    bind_media(config, local_ip)
    use_policy(config, policy)
    rotate_srtp_keys(config)
    return config


def use_route(config: pj.AccountConfig, route: str) -> None:
    """Send everything along this route and no other."""
    routes = pj.StringVector()
    routes.append(route)
    config.sipConfig.proxies = routes


def bind_media(config: pj.AccountConfig, local_ip: str) -> None:
    """Send and take sound at the address that leads to the registrar, one kind of it a line."""
    address = media_address(local_ip, ipv6=has_ipv6_sound())
    media = config.mediaConfig
    media.transportConfig.boundAddress = address
    media.ipv6Use = (
        pj.PJSUA_IPV6_ENABLED_USE_IPV6_ONLY if ":" in address else pj.PJSUA_IPV6_DISABLED
    )


def sounds_over_ipv6(config: pj.AccountConfig) -> bool:
    """Whether sound is sent and taken at an IPv6 address."""
    return ":" in config.mediaConfig.transportConfig.boundAddress


def media_address(local_ip: str, *, ipv6: bool) -> str:
    """Return the address for sound: IPv4 where this host has it, as every phone takes that.

    Signalling over IPv6 is the edge's; on a host that has nothing else sound needs a PJSIP that was
    built for it (``ipv6``).
    """
    if ":" not in local_ip:
        return local_ip
    if ip_address(local_ip).is_loopback:
        return "127.0.0.1"
    try:
        return address_towards(SOMEWHERE, 9)
    except OSError:
        return local_ip if ipv6 else "0.0.0.0"  # noqa: S104 - PJSIP's word for any interface


def use_policy(config: pj.AccountConfig, policy: CallPolicy) -> None:
    """Apply what the policy says of session timers; reliable provisional answers where offered."""
    call = config.callConfig
    call.prackUse = pj.PJSUA_100REL_OPTIONAL
    call.timerUse = (
        pj.PJSUA_SIP_TIMER_OPTIONAL if policy.session_expires_s else pj.PJSUA_SIP_TIMER_INACTIVE
    )
    call.timerMinSESec = LEAST_SESSION_S
    call.timerSessExpiresSec = max(policy.session_expires_s, LEAST_SESSION_S)


def _let_media_pass_nat(nat: pj.AccountNatConfig, account: Account, password: str) -> None:
    """ICE (RFC 8445) where the account names a STUN or TURN server."""
    nat.iceEnabled = bool(account.stun_server or account.turn_server)
    nat.sipStunUse = pj.PJSUA_STUN_USE_DISABLED
    nat.mediaStunUse = (
        pj.PJSUA_STUN_USE_DEFAULT if account.stun_server else pj.PJSUA_STUN_USE_DISABLED
    )
    if account.turn_server:
        nat.turnEnabled = True
        nat.turnServer = account.turn_server
        nat.turnConnType = pj.PJ_TURN_TP_UDP
        nat.turnUserName = account.auth_user or account.user
        nat.turnPasswordType = 0
        nat.turnPassword = password


def rotate_srtp_keys(config: pj.AccountConfig) -> None:
    """Put fresh SRTP keys into a configuration, so that no two calls share one."""
    cryptos = pj.SrtpCryptoVector()
    for name, octets in SUITES:
        crypto = pj.SrtpCrypto()
        crypto.name = name
        crypto.key = fresh_key(octets)
        cryptos.append(crypto)
    config.mediaConfig.srtpOpt.cryptos = cryptos


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
