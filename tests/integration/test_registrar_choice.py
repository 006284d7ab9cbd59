"""NAPTR and SRV by a name server of the tests: order, weights, failover, and the way back."""

from __future__ import annotations

import asyncio
import queue
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from demo.peers.kamailio import Kamailio
from demo.peers.processes import free_port
from softphone.domain.account import Account, Transport
from softphone.domain.ids import AccountId
from softphone.sip import edge as edge_module
from softphone.sip import udp_flow
from softphone.sip.edge import EdgeDown, EdgeUp
from softphone.sip.edge_thread import EdgeThread
from softphone.sip.locate import locate
from tests.integration.name_server import NameServer

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]

DOMAIN = "pbx.example"


@pytest.fixture
def edges() -> Iterator[EdgeThread]:
    thread = EdgeThread()
    thread.start()
    yield thread
    thread.stop()


def order(server: NameServer, transport: Transport = Transport.TLS) -> list[tuple[str, int]]:
    found = asyncio.run(locate(DOMAIN, server.resolver(), transport))
    assert all(t.verify_as == DOMAIN for t in found)
    return [(t.host, t.port) for t in found]


def test_naptr_names_the_srv_record_and_priorities_decide():
    with NameServer(
        f'{DOMAIN} NAPTR 20 10 "s" "SIPS+D2T" "" _sips._tcp.second.{DOMAIN}.',
        f'{DOMAIN} NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp.first.{DOMAIN}.',
        f'{DOMAIN} NAPTR 1 10 "s" "SIP+D2U" "" _sip._udp.{DOMAIN}.',
        f"_sips._tcp.first.{DOMAIN} SRV 20 0 5063 b.{DOMAIN}.",
        f"_sips._tcp.first.{DOMAIN} SRV 10 0 5062 a.{DOMAIN}.",
        f"_sip._udp.{DOMAIN} SRV 10 0 5060 c.{DOMAIN}.",
        f"a.{DOMAIN} A 192.0.2.1",
        f"b.{DOMAIN} AAAA 2001:db8::2",
    ) as server:
        assert order(server) == [("192.0.2.1", 5062), ("2001:db8::2", 5063)]
        assert order(server, Transport.UDP) == [(f"c.{DOMAIN}", 5060)]


def test_weights_share_the_load():
    with NameServer(
        f"_sips._tcp.{DOMAIN} SRV 10 90 5061 heavy.{DOMAIN}.",
        f"_sips._tcp.{DOMAIN} SRV 10 10 5061 light.{DOMAIN}.",
        f"heavy.{DOMAIN} A 192.0.2.1",
        f"light.{DOMAIN} A 192.0.2.2",
    ) as server:
        first = Counter(order(server)[0][0] for _ in range(200))
    # 180 are expected; 150 would be off by more than six standard deviations.
    assert first["192.0.2.1"] > 150
    assert first["192.0.2.2"] > 0


def test_without_records_the_name_itself_is_tried():
    with NameServer() as server:
        assert order(server) == [(DOMAIN, 5061)]
        assert (f"_sips._tcp.{DOMAIN}", "SRV") in server.asked


def test_failover_to_the_next_and_back_to_the_first(
    edges: EdgeThread, authority, tmp_path, monkeypatch
):
    monkeypatch.setattr(edge_module, "RETURN_EVERY_S", 0.3)
    ports = [free_port(), free_port()]
    files = authority.issue(DOMAIN, label="srv")
    servers = [
        Kamailio(tmp_path / f"k{n}", files, {}, domain=DOMAIN, port=port)
        for n, port in enumerate(ports)
    ]
    busy = [True]
    changes: queue.Queue = queue.Queue()
    account = Account(AccountId("a"), "anna", DOMAIN, DOMAIN, ca_file=str(authority.ca_file))
    with NameServer(
        f"_sips._tcp.{DOMAIN} SRV 10 0 {ports[0]} one.{DOMAIN}.",
        f"_sips._tcp.{DOMAIN} SRV 20 0 {ports[1]} two.{DOMAIN}.",
        f"one.{DOMAIN} A 127.0.0.1",
        f"two.{DOMAIN} A 127.0.0.1",
    ) as names:
        with servers[1]:
            edges.open_edge(
                account, changes.put, resolver=names.resolver(), idle=lambda: not busy[0]
            )
            up = changes.get(timeout=10)
            assert isinstance(up, EdgeUp), up
            assert peer_port(edges, account) == ports[1]
            with servers[0]:
                # A call keeps the connection where it is.
                with pytest.raises(queue.Empty):
                    changes.get(timeout=1.5)
                busy[0] = False
                assert isinstance(changes.get(timeout=10), EdgeDown)
                assert isinstance(changes.get(timeout=10), EdgeUp)
                assert peer_port(edges, account) == ports[0]
            assert isinstance(changes.get(timeout=10), EdgeDown)
            assert isinstance(changes.get(timeout=10), EdgeUp)
            assert peer_port(edges, account) == ports[1]
        edges.close_edge(account.id)


def test_a_registrar_that_takes_nobody_is_left_for_the_next(edges: EdgeThread, authority, tmp_path):
    """It accepts connections and refuses registrations: only who registers can tell."""
    ports = [free_port(), free_port()]
    files = authority.issue(DOMAIN, label="full")
    changes: queue.Queue = queue.Queue()
    account = Account(AccountId("a"), "anna", DOMAIN, DOMAIN, ca_file=str(authority.ca_file))
    with ExitStack() as stack:
        for n, port in enumerate(ports):
            stack.enter_context(Kamailio(tmp_path / f"k{n}", files, {}, domain=DOMAIN, port=port))
        names = stack.enter_context(
            NameServer(
                f"_sips._tcp.{DOMAIN} SRV 10 0 {ports[0]} one.{DOMAIN}.",
                f"_sips._tcp.{DOMAIN} SRV 20 0 {ports[1]} one.{DOMAIN}.",
                f"one.{DOMAIN} A 127.0.0.1",
            )
        )
        edges.open_edge(account, changes.put, resolver=names.resolver())
        for port in ports:
            assert isinstance(changes.get(timeout=10), EdgeUp)
            assert peer_port(edges, account) == port
            edges.registrar_failed(account.id)
            if port == ports[0]:
                assert isinstance(changes.get(timeout=10), EdgeDown)
        # The first failed a moment ago as well: there is nothing better to go to.
        with pytest.raises(queue.Empty):
            changes.get(timeout=1.5)
        edges.close_edge(account.id)


def test_over_udp_too(edges: EdgeThread, authority, tmp_path, monkeypatch):
    """OPTIONS tell which target lives; its silence is noticed, and the first is returned to."""
    monkeypatch.setattr(udp_flow, "RETURN_EVERY_S", 0.3)
    monkeypatch.setattr(udp_flow, "ASK_EVERY_S", 0.3)
    ports = [free_port(), free_port()]
    files = authority.issue(DOMAIN, label="udp")
    servers = [
        Kamailio(tmp_path / f"k{n}", files, {}, domain=DOMAIN, plain_port=port)
        for n, port in enumerate(ports)
    ]
    busy = [True]
    changes: queue.Queue = queue.Queue()
    account = Account(AccountId("a"), "anna", DOMAIN, DOMAIN, transport=Transport.UDP)
    with NameServer(
        f'{DOMAIN} NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.{DOMAIN}.',
        f"_sip._udp.{DOMAIN} SRV 10 0 {ports[0]} one.{DOMAIN}.",
        f"_sip._udp.{DOMAIN} SRV 20 0 {ports[1]} two.{DOMAIN}.",
        f"one.{DOMAIN} A 127.0.0.1",
        f"two.{DOMAIN} A 127.0.0.1",
    ) as names:

        def serving(port: int) -> None:
            up = changes.get(timeout=15)
            assert isinstance(up, EdgeUp), up
            assert (up.registrar, up.plain, up.tls) == (f"127.0.0.1:{port}", "UDP", "")
            assert up.hosts == {"127.0.0.1"}

        with servers[1]:
            edges.open_edge(
                account, changes.put, resolver=names.resolver(), idle=lambda: not busy[0]
            )
            serving(ports[1])
            with servers[0]:
                with pytest.raises(queue.Empty):  # a call keeps the target
                    changes.get(timeout=1.5)
                busy[0] = False
                assert isinstance(changes.get(timeout=10), EdgeDown)
                serving(ports[0])
            assert isinstance(changes.get(timeout=15), EdgeDown)
            serving(ports[1])
        assert isinstance(changes.get(timeout=15), EdgeDown)
        # Nobody is left: it is told, and tried again.
        gone = changes.get(timeout=15)
        assert isinstance(gone, EdgeDown)
        assert gone.retry_s > 0
        edges.close_edge(account.id)


def peer_port(edges: EdgeThread, account: Account) -> int:
    outer = edges._edges[account.id]._outer
    assert outer is not None
    return int(outer.get_extra_info("peername")[1])
