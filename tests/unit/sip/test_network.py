from __future__ import annotations

import pytest

from softphone.sip import network
from softphone.sip.network import NetworkWatch, address_towards, addresses


@pytest.mark.enable_socket
def test_our_own_addresses_are_known():
    assert "127.0.0.1" in addresses()
    assert address_towards("127.0.0.1", 9) == "127.0.0.1"


@pytest.mark.parametrize(
    ("now", "wall", "monotonic", "seen"),
    [
        ({"192.0.2.1"}, 1.0, 1.0, (False, False)),
        ({"192.0.2.1", "192.0.2.2"}, 1.0, 1.0, (True, False)),
        (set(), 1.0, 1.0, (True, False)),
        ({"192.0.2.1"}, 60.0, 1.0, (False, True)),  # Linux, macOS
        ({"192.0.2.1"}, 60.0, 60.0, (False, True)),  # Windows; a process that was stopped
        ({"192.0.2.1"}, -3600.0, 60.0, (False, True)),  # and the wall clock was set meanwhile
        ({"192.0.2.1"}, -3600.0, 1.0, (False, False)),
    ],
)
def test_changes_and_sleep_are_noticed(monkeypatch, now, wall, monotonic, seen):
    clock = [10_000.0, 500.0]
    monkeypatch.setattr(network.time, "time", lambda: clock[0])
    monkeypatch.setattr(network.time, "monotonic", lambda: clock[1])
    monkeypatch.setattr(network, "addresses", lambda: frozenset(now))
    watch = NetworkWatch(frozenset({"192.0.2.1"}))
    clock[:] = clock[0] + wall, clock[1] + monotonic
    assert watch.look() == seen
    assert watch.look() == (False, False)
