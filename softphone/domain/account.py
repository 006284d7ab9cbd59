"""SIP accounts and their registration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from softphone.domain.ids import AccountId


class Transport(StrEnum):
    """How SIP travels to the registrar; anything but TLS needs the policy's consent as well."""

    TLS = "tls"
    TCP = "tcp"
    UDP = "udp"


class RegistrationState(StrEnum):
    """Where the binding to the registrar stands."""

    UNREGISTERED = "unregistered"
    REGISTERING = "registering"
    REGISTERED = "registered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Account:
    """One address of record at one registrar, over TLS with mandatory SRTP.

    ``server`` is ``host`` or ``host:port``; a bare host is looked up by NAPTR/SRV (RFC 3263).
    ``ca_file`` adds one authority to the system's trust store (PEM), for own PKIs. ``stun_server``
    and ``turn_server`` (``host:port``) let media pass NAT (RFC 8445); TURN uses the account's own
    name and password.
    """

    id: AccountId
    user: str
    domain: str
    server: str
    display_name: str = ""
    auth_user: str = ""
    ca_file: str = ""
    expires_s: int = 300
    transport: Transport = Transport.TLS
    stun_server: str = ""
    turn_server: str = ""

    @property
    def address_of_record(self) -> str:
        """The ``sip:`` address of record."""
        return f"sip:{self.user}@{self.domain}"


@dataclass(frozen=True, slots=True)
class Registration:
    """A snapshot of a registration. ``since`` is when this state began (UTC)."""

    account: AccountId
    state: RegistrationState
    since: datetime
    tls: str = ""
    """For example ``TLS 1.3``; empty while there is no connection."""
    status: int = 0
    what: str = ""
    why: str = ""
    next_try_s: float = 0.0
    plain: str = ""
    """``TCP`` or ``UDP`` where account and policy permit signalling without encryption."""
