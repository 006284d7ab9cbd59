"""Client-initiated connections (RFC 5626): who we are, keep-alive, a dead flow; refreshing."""

from __future__ import annotations

import queue
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.peers.kamailio import Kamailio
from demo.peers.processes import free_port
from softphone.domain.account import Account, Transport
from softphone.domain.call_policy import CallPolicy
from softphone.sip import edge as edge_module
from softphone.sip.edge import EdgeDown, EdgeUp
from softphone.sip.edge_thread import EdgeThread
from tests.integration.cable import Cable
from tests.integration.conftest import ANNA, DOMAIN, Phone

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]


@pytest.fixture
def cable(authority, tmp_path: Path) -> Iterator[Cable]:
    """What goes over it can be read, for it is plain TCP."""
    plain = free_port()
    files = authority.issue("localhost", label="outbound")
    users = {"anna": "pw-anna"}
    with Kamailio(tmp_path / "k", files, users, domain=DOMAIN, plain_port=plain):
        made = Cable(plain)
        yield made
        made.close()


def test_a_registration_names_this_phone_and_is_refreshed(phone: Phone, cable: Cable, authority):
    phone.use(CallPolicy(plain_signalling=True))
    phone.register(
        f"127.0.0.1:{cable.port}", authority.ca_file, transport=Transport.TCP, expires_s=12
    )
    phone.registered()
    phone.registered(within_s=30)
    said = cable.said.decode()
    contacts = re.findall(r"^REGISTER .*?^Contact: (.*?)$", said, re.M | re.S)
    assert len(contacts) >= 3, "asked, answered the challenge, refreshed"
    for contact in contacts:
        assert re.search(r'\+sip\.instance="<urn:uuid:[0-9a-f-]{36}>"', contact)
        assert "reg-id=1" in contact
    assert len({re.search(r"urn:uuid:[^>]*", c)[0] for c in contacts}) == 1  # type: ignore[index]
    assert re.search(r"^Supported: .*outbound", said, re.M)


def test_the_flow_is_kept_open_and_a_dead_one_is_left(cable: Cable, monkeypatch):
    monkeypatch.setattr(edge_module, "PING_EVERY_S", 0.2)
    monkeypatch.setattr(edge_module, "PONG_WITHIN_S", 1.0)
    changes: queue.Queue = queue.Queue()
    edges = EdgeThread()
    edges.start()
    try:
        server = f"127.0.0.1:{cable.port}"
        account = Account(ANNA, "anna", DOMAIN, server, transport=Transport.TCP)
        edges.open_edge(account, changes.put)
        assert isinstance(changes.get(timeout=10), EdgeUp)
        with pytest.raises(queue.Empty):  # Kamailio answers each of them
            changes.get(timeout=2)
        assert cable.said.count(b"\r\n\r\n") >= 3
        cable.swallow = True
        down = changes.get(timeout=10)
        assert isinstance(down, EdgeDown)
        cable.swallow = False
        assert isinstance(changes.get(timeout=10), EdgeUp)
    finally:
        edges.stop()
