"""What is posted to the SIP thread wakes it where something can; where not, it looks more often."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from demo.peers.processes import free_port
from softphone.domain.account import Account, Transport
from softphone.sip.edge_thread import EdgeThread
from softphone.sip.message import PONG
from tests.integration.conftest import ANNA, DOMAIN

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
def edges() -> Iterator[EdgeThread]:
    made = EdgeThread()
    made.start()
    yield made
    made.stop()


def account(**more: object) -> Account:
    plain = Account(ANNA, "anna", DOMAIN, f"127.0.0.1:{free_port()}", transport=Transport.TCP)
    return replace(plain, **more)  # type: ignore[arg-type]


def settled(edges: EdgeThread, fits: Callable[[], bool]) -> bool:
    """Give the edges' thread its turns, until something is so."""
    for _ in range(2000):
        if fits():
            return True
        turn = threading.Event()
        edges.post(turn.set)
        assert turn.wait(5)
    return False


def test_nothing_wakes_it_before_it_has_connected_and_after_it_has_left(edges: EdgeThread):
    port = edges.open_edge(account(), lambda _change: None)
    assert not edges.wakes
    edges.wake()  # reaches nobody
    with socket.create_connection(("127.0.0.1", port)) as stack:
        stack.settimeout(5)
        assert settled(edges, lambda: edges.wakes)
        other = threading.Thread(target=edges.wake)
        other.start()
        assert stack.recv(16) == PONG
        other.join()
    assert settled(edges, lambda: not edges.wakes)


def test_a_line_over_udp_wakes_nothing_but_another_may(edges: EdgeThread):
    edges.open_edge(account(transport=Transport.UDP), lambda _change: None)
    assert not edges.wakes
    port = edges.open_edge(account(id="other"), lambda _change: None)
    with socket.create_connection(("127.0.0.1", port)):
        assert settled(edges, lambda: edges.wakes)
