"""Finding a registrar: NAPTR, SRV, then the name itself (RFC 3263)."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

import dns.asyncresolver
import dns.exception
import dns.resolver

from softphone.domain.account import Transport
from softphone.sip.uri import split_host_port

DNS_WITHIN_S = 3.0
AVOID_S = 300.0
"""How long a target that took no registration comes after all others (RFC 3263 section 4.3)."""
_PORTS = {Transport.TLS: 5061, Transport.TCP: 5060, Transport.UDP: 5060}
_NAPTR = {Transport.TLS: "SIPS+D2T", Transport.TCP: "SIP+D2T", Transport.UDP: "SIP+D2U"}
_SRV = {Transport.TLS: "_sips._tcp", Transport.TCP: "_sip._tcp", Transport.UDP: "_sip._udp"}
_random = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Target:
    """One place to try; certificates are checked against ``verify_as`` (RFC 5922 section 4).

    ``rank`` is its SRV priority: a lower one is wanted more.
    """

    host: str
    port: int
    verify_as: str
    rank: int = 0


class Targets:
    """The targets of one account, looked up anew each time, and those to come last for a while."""

    def __init__(
        self, server: str, resolver: dns.asyncresolver.Resolver | None, transport: Transport
    ) -> None:
        self._server = server
        self._resolver = resolver
        self._transport = transport
        self._known: list[Target] = []
        self._avoided: dict[tuple[str, int], float] = {}

    async def in_order(self) -> list[Target]:
        """Return all targets, those that failed lately last."""
        self._known = await locate(self._server, self._resolver, self._transport)
        now = time.monotonic()
        self._avoided = {k: until for k, until in self._avoided.items() if until > now}
        return sorted(self._known, key=self._is_avoided)

    async def better_than(self, rank: int) -> list[Target]:
        """Return targets that are wanted more than one of this rank and did not fail lately."""
        found = await self.in_order()
        return [t for t in found if t.rank < rank and not self._is_avoided(t)]

    def avoid(self, target: Target) -> bool:
        """Let a target come last for a while; False, and no change, if there is no other to try."""
        others = [t for t in self._known if (t.host, t.port) != (target.host, target.port)]
        if all(self._is_avoided(t) for t in others):
            return False
        self._avoided[target.host, target.port] = time.monotonic() + AVOID_S
        return True

    def _is_avoided(self, target: Target) -> bool:
        return (target.host, target.port) in self._avoided


async def locate(
    server: str,
    resolver: dns.asyncresolver.Resolver | None = None,
    transport: Transport = Transport.TLS,
) -> list[Target]:
    """Return targets in the order to try them; ``server`` is ``host`` or ``host:port``."""
    host, port = split_host_port(server)
    bare = host.strip("[]")
    if port is not None:
        return [Target(bare, port, bare)]
    if host.startswith("["):
        return [Target(bare, _PORTS[transport], bare)]
    asked = resolver or dns.asyncresolver.get_default_resolver()
    return await _srv(bare, asked, transport) or [Target(bare, _PORTS[transport], bare)]


async def _srv(
    domain: str, resolver: dns.asyncresolver.Resolver, transport: Transport
) -> list[Target]:
    name = await _naptr(domain, resolver, transport) or f"{_SRV[transport]}.{domain}"
    try:
        answer = await resolver.resolve(name, "SRV", lifetime=DNS_WITHIN_S)
    except (dns.exception.DNSException, OSError):
        return []
    targets: list[Target] = []
    for priority in sorted({record.priority for record in answer}):
        same = [r for r in answer if r.priority == priority]
        # RFC 2782: a record comes first with a chance in proportion to its weight.
        same.sort(key=lambda r: _random.random() ** (1 / max(r.weight, 0.01)), reverse=True)
        targets += [
            Target(await _address(r.target, resolver), r.port, domain, priority) for r in same
        ]
    return targets


async def _address(name: dns.name.Name, resolver: dns.asyncresolver.Resolver) -> str:
    """Return an address of a target by the same resolver, or its name for the system to find."""
    text = name.to_text(omit_final_dot=True)
    for kind in ("A", "AAAA"):
        try:
            answer = await resolver.resolve(name, kind, lifetime=DNS_WITHIN_S)
        except (dns.exception.DNSException, OSError):
            continue
        return str(answer[0])
    return text


async def _naptr(domain: str, resolver: dns.asyncresolver.Resolver, transport: Transport) -> str:
    try:
        answer = await resolver.resolve(domain, "NAPTR", lifetime=DNS_WITHIN_S)
    except (dns.exception.DNSException, OSError):
        return ""
    usable = [r for r in answer if r.service.decode().upper() == _NAPTR[transport]]
    usable.sort(key=lambda r: (r.order, r.preference))
    return usable[0].replacement.to_text(omit_final_dot=True) if usable else ""
