"""An interface vanishes in mid-call: the phone lives in a network namespace with two ways out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_socket

from demo.peers.kamailio import Kamailio
from demo.peers.processes import Process, wait_for_text
from softphone.domain.call import CallState
from softphone.paths import Profile
from tests.integration.conftest import ANNA, DOMAIN, Phone

pytestmark = [
    pytest.mark.peer,
    pytest.mark.timeout(120),
    pytest.mark.skipif(
        os.geteuid() != 0 or shutil.which("ip") is None, reason="network namespaces need root"
    ),
]
NET = f"10.{200 + os.getpid() % 50}"
SERVER = f"{NET}.9.1"


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=20)


class Place:
    """A namespace with two cables to this host, on which ``SERVER`` answers."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cables = [f"{name}{letter}" for letter in "ab"]

    def build(self, stack: ExitStack) -> None:
        ip("netns", "add", self.name)
        stack.callback(ip, "netns", "del", self.name)
        ip("addr", "add", f"{SERVER}/32", "dev", "lo")
        stack.callback(ip, "addr", "del", f"{SERVER}/32", "dev", "lo")
        self.inside("link", "set", "lo", "up")
        for number, cable in enumerate(self.cables, start=1):
            ip("link", "add", cable, "type", "veth", "peer", "name", f"{cable}i")
            ip("link", "set", f"{cable}i", "netns", self.name)
            ip("addr", "add", f"{NET}.{number}.1/24", "dev", cable)
            ip("link", "set", cable, "up")
            self.inside("addr", "add", f"{NET}.{number}.2/24", "dev", f"{cable}i")
            self.inside("link", "set", f"{cable}i", "up")
            self.inside("route", "add", f"{SERVER}/32", "via", f"{NET}.{number}.1",
                        "metric", str(number * 10))  # fmt: skip

    def inside(self, *words: str) -> None:
        ip("-n", self.name, *words)

    def engine(self, folder: Path, audio: str) -> Process:
        profile = Profile(folder).prepare()
        process = Process(
            ["ip", "netns", "exec", self.name, sys.executable, "-m", "softphone", "engine",
             "--profile", str(profile.root), "--audio", audio],
            folder.parent / "engine.log",
        )  # fmt: skip
        wait_for_text(process, "ready")
        return process


@pytest.fixture
def place() -> Iterator[Place]:
    with ExitStack() as stack:
        made = Place(f"sp{os.getpid() % 100000}")
        try:
            made.build(stack)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no network namespaces here: {error.stderr.decode()}")
        # Still this machine alone: the address is one of our own, behind no cable.
        pytest_socket.socket_allow_hosts(["127.0.0.1", SERVER], allow_unix_socket=True)
        yield made


def test_a_call_goes_on_over_the_other_interface(place: Place, authority, voices, tmp_path):
    files = authority.issue(SERVER, label="netns")
    users = {"anna": "pw-anna", "customer": "pw-customer"}
    with ExitStack() as stack:
        registrar = stack.enter_context(
            Kamailio(tmp_path / "k", files, users, domain=DOMAIN, host=SERVER)
        )
        server = f"{SERVER}:{registrar.port}"
        engine = place.engine(tmp_path / "agent", f"file:{voices['agent']}")
        stack.callback(engine.stop)
        phone = Phone(tmp_path / "agent", f"file:{voices['agent']}")
        customer = Phone(tmp_path / "customer", f"file:{voices['customer']}")
        stack.callback(customer.close)
        stack.callback(phone.close)
        for one, user in ((phone, "anna"), (customer, "customer")):
            one.register(server, authority.ca_file, user)
            one.registered()
        ours = phone.client.dial(ANNA, "customer")
        theirs = customer.in_state(CallState.INCOMING).id
        customer.client.answer(theirs)
        phone.in_state(CallState.ESTABLISHED, ours)
        heard(phone)
        heard(customer)
        place.inside("link", "set", f"{place.cables[0]}i", "down")
        phone.not_registered()
        phone.registered()
        for one in (phone, customer):
            fresh = [heard(one) for _ in range(4)][-1]
            assert fresh.quality.loss_percent < 5, "sound flows both ways again"
        customer.client.hang_up(theirs)
        assert phone.in_state(CallState.ENDED, ours).established_at is not None


def heard(phone: Phone):
    return phone.wait(lambda e: hasattr(e, "call") and e.call.quality is not None).call
