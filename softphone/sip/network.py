"""Noticing that the network changed: an address came or went, or the computer slept."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field

import psutil

LOOK_EVERY_S = 1.0
SLEPT_S = 5.0
"""A wall clock this far ahead of the monotonic one means that the computer slept."""


def addresses() -> frozenset[str]:
    """Return the IP addresses of all interfaces that are up."""
    up = {name for name, stats in psutil.net_if_stats().items() if stats.isup}
    return frozenset(
        address.address.partition("%")[0]
        for name, found in psutil.net_if_addrs().items()
        if name in up
        for address in found
        if address.family in (socket.AF_INET, socket.AF_INET6)
    )


@dataclass(slots=True)
class NetworkWatch:
    """Compares the network with how it was; :meth:`look` about every second."""

    known: frozenset[str] = field(default_factory=addresses)
    _offset: float = field(default_factory=lambda: time.time() - time.monotonic())

    def look(self) -> tuple[bool, bool]:
        """Return whether addresses changed, and whether the computer slept in between."""
        now, offset = addresses(), time.time() - time.monotonic()
        changed, slept = now != self.known, offset - self._offset > SLEPT_S
        self.known, self._offset = now, offset
        return changed, slept


def address_towards(host: str, port: int) -> str:
    """Return our own address towards a host, without sending anything. Raises OSError."""
    family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.connect(place)
        return str(probe.getsockname()[0])
