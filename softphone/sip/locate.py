"""Finding a registrar: NAPTR, SRV, then the name itself (RFC 3263), TLS only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import dns.asyncresolver
import dns.exception
import dns.resolver

from softphone.sip.uri import split_host_port

SIPS_PORT = 5061
_random = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Target:
    """One place to try; certificates are checked against ``verify_as`` (RFC 5922 section 4)."""

    host: str
    port: int
    verify_as: str


async def locate(server: str, resolver: dns.asyncresolver.Resolver | None = None) -> list[Target]:
    """Return targets in the order to try them; ``server`` is ``host`` or ``host:port``."""
    host, port = split_host_port(server)
    bare = host.strip("[]")
    if port is not None:
        return [Target(bare, port, bare)]
    found = await _srv(bare, resolver or dns.asyncresolver.get_default_resolver())
    return found or [Target(bare, SIPS_PORT, bare)]


async def _srv(domain: str, resolver: dns.asyncresolver.Resolver) -> list[Target]:
    name = await _naptr(domain, resolver) or f"_sips._tcp.{domain}"
    try:
        answer = await resolver.resolve(name, "SRV", lifetime=3)
    except (dns.exception.DNSException, OSError):
        return []
    targets: list[Target] = []
    for priority in sorted({record.priority for record in answer}):
        same = [r for r in answer if r.priority == priority]
        # RFC 2782: a record comes first with a chance in proportion to its weight.
        same.sort(key=lambda r: _random.random() ** (1 / max(r.weight, 0.01)), reverse=True)
        targets += [Target(r.target.to_text(omit_final_dot=True), r.port, domain) for r in same]
    return targets


async def _naptr(domain: str, resolver: dns.asyncresolver.Resolver) -> str:
    try:
        answer = await resolver.resolve(domain, "NAPTR", lifetime=3)
    except (dns.exception.DNSException, OSError):
        return ""
    usable = [r for r in answer if r.service.decode().upper() == "SIPS+D2T"]
    usable.sort(key=lambda r: (r.order, r.preference))
    return usable[0].replacement.to_text(omit_final_dot=True) if usable else ""
