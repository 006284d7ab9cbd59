"""Noticing that the network changed: an address came or went, or the computer slept."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field

import psutil

LOOK_EVERY_S = 1.0
SLEPT_S = 5.0
"""That much more between two looks than there should be means that the computer slept.

Either clock tells: in a sleep the monotonic one stands still on Linux and macOS, and goes on on
Windows, as it does where this process alone was stopped. To a registrar all of these are the same.
"""


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
    """Compares the network with how it was; :meth:`look` every ``LOOK_EVERY_S``."""

    known: frozenset[str] = field(default_factory=addresses)
    _clocks: tuple[float, float] = field(default_factory=lambda: _clocks())

    def look(self) -> tuple[bool, bool]:
        """Return whether addresses changed, and whether the computer slept in between."""
        now, clocks = addresses(), _clocks()
        passed = max(b - a for a, b in zip(self._clocks, clocks, strict=True))
        changed, slept = now != self.known, passed > LOOK_EVERY_S + SLEPT_S
        self.known, self._clocks = now, clocks
        return changed, slept


def _clocks() -> tuple[float, float]:
    return time.time(), time.monotonic()


def address_towards(host: str, port: int) -> str:
    """Return our own address towards a host, without sending anything. Raises OSError."""
    family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.connect(place)
        return str(probe.getsockname()[0])
