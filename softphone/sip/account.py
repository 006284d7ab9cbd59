"""One PJSIP account behind its edge."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pjsua2 as pj

from softphone.domain.account import Account
from softphone.sip.srtp_keys import SUITES, fresh_key

SRTP_MANDATORY = 2


class SipAccount(pj.Account):
    """Wraps ``pj.Account``; callbacks copy and post."""

    def __init__(
        self,
        account: Account,
        edge_port: int,
        registered: Callable[[SipAccount, int, int], None],
        incoming: Callable[[SipAccount, int, str, str], None],
    ) -> None:
        super().__init__()
        self.account = account
        self.edge_port = edge_port
        self._registered = registered
        self._incoming = incoming

    def onRegState(self, prm: pj.OnRegStateParam) -> None:
        """The registrar answered, or did not."""
        self._registered(self, int(prm.code), int(prm.expiration))

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:
        """An INVITE arrived."""
        self._incoming(self, int(prm.callId), str(prm.rdata.srcAddress), str(prm.rdata.wholeMsg))


def account_config(
    account: Account, password: str, edge_port: int, local_ip: str
) -> pj.AccountConfig:
    """Return PJSIP's configuration: everything through the edge, SRTP mandatory."""
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
    config.sipConfig.proxies.append(f"sip:127.0.0.1:{edge_port};transport=tcp;lr;hide")
    nat = config.natConfig
    nat.sipOutboundUse = 1
    # RFC 5626 section 4.1: the same over restarts, another on every workstation.
    instance = uuid.uuid5(uuid.UUID(int=uuid.getnode()), f"{account.id} {config.idUri}")
    nat.sipOutboundInstanceId = f"<{instance.urn}>"
    nat.contactRewriteUse = 0
    nat.viaRewriteUse = 0
    nat.sdpNatRewriteUse = 0
    media = config.mediaConfig
    media.srtpUse = SRTP_MANDATORY
    # PJSIP sees TCP; the edge guarantees TLS behind it (see docs/security.md).
    media.srtpSecureSignaling = 0
    media.transportConfig.boundAddress = local_ip
    media.transportConfig.port = 0
    rotate_srtp_keys(config)
    return config


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
