"""Network namespaces: several hosts on one machine, joined by virtual cables. Needs root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest_socket

from demo.peers.processes import Process, wait_for_text
from softphone.paths import Profile
from tests.integration.name_server import NameServer

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
NET = f"10.{200 + (os.getpid() * 2 + WORKER % 2) % 50}"
"""Another one for each of two that run side by side."""
SERVER = f"{NET}.9.1"


def available() -> bool:
    """Whether this user may make namespaces here."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"sptry{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
    if made.returncode == 0:
        ip("netns", "del", name)
    return made.returncode == 0


def serve(stack: ExitStack) -> None:
    """Give this host the address that namespaces reach."""
    ip("addr", "add", f"{SERVER}/32", "dev", "lo")
    stack.callback(ip, "addr", "del", f"{SERVER}/32", "dev", "lo")
    # Still this machine alone: the address is one of our own, behind no cable.
    pytest_socket.socket_allow_hosts(["127.0.0.1", SERVER], allow_unix_socket=True)


def ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], check=False, capture_output=True, text=True, timeout=20)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()}")


def _remove_cable(cable: str) -> None:
    """Take a cable away, unless the test pulled it."""
    subprocess.run(["ip", "link", "del", cable], check=False, capture_output=True, timeout=20)


class Ipv6Place:
    """A namespace with one cable to this host and no IPv4 but its loopback."""

    def __init__(self) -> None:
        self.name = f"sp{os.getpid() % 100000}v"
        prefix = f"fd00:5:{os.getpid() % 0xFFFF:x}"
        self.ours, self.inside = f"{prefix}::1", f"{prefix}::2"

    def build(self, stack: ExitStack) -> None:
        ip("netns", "add", self.name)
        stack.callback(ip, "netns", "del", self.name)
        cable = f"{self.name}0"
        ip("link", "add", cable, "type", "veth", "peer", "name", f"{cable}i", "netns", self.name)
        stack.callback(_remove_cable, cable)
        ends = (((), cable, self.ours), (("-n", self.name), f"{cable}i", self.inside))
        for where, one, address in ends:
            ip(*where, "addr", "add", f"{address}/64", "dev", one, "nodad")
            ip(*where, "link", "set", one, "up")
        ip("-n", self.name, "link", "set", "lo", "up")
        pytest_socket.socket_allow_hosts(["127.0.0.1", self.ours], allow_unix_socket=True)

    def engine(self, folder: Path, audio: str) -> Process:
        return engine_in(self.name, folder, audio)


class Place:
    """A namespace with cables to this host, of which it can reach ``SERVER`` and nothing else."""

    def __init__(self, letter: str, cables: int = 1) -> None:
        self.name = f"sp{os.getpid() % 100000}{letter}"
        self._first = 1 + 2 * "abcd".index(letter)
        self.cables = [f"{self.name}{n}" for n in range(cables)]

    def build(self, stack: ExitStack) -> None:
        ip("netns", "add", self.name)
        stack.callback(ip, "netns", "del", self.name)
        self.inside("link", "set", "lo", "up")
        for number, cable in enumerate(self.cables, start=self._first):
            ip("link", "add", cable, "type", "veth", "peer", "name", f"{cable}i")
            # A deleted namespace gives its end of the cable up some time later, and until then
            # the next test could not lay one of that name: the cable is taken away itself.
            stack.callback(_remove_cable, cable)
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
        return engine_in(self.name, folder, audio)


def engine_in(namespace: str, folder: Path, audio: str) -> Process:
    """Start an engine in a namespace."""
    profile = Profile(folder).prepare()
    process = Process(
        ["ip", "netns", "exec", namespace, sys.executable, "-m", "softphone", "engine",
         "--profile", str(profile.root), "--audio", audio],
        folder.parent / f"{folder.name}.log",
    )  # fmt: skip
    wait_for_text(process, "ready")
    return process


def engine_asking(names: NameServer, folder: Path, audio: str) -> Process:
    """Start an engine to which this name server, on port 53, is that of the system."""
    profile = Profile(folder).prepare()
    resolv = folder.parent / f"{folder.name}.resolv"
    resolv.write_text(f"nameserver {names.host}\n")
    process = Process(
        ["unshare", "--mount", "sh", "-c",
         'mount --bind "$0" "$(readlink -f /etc/resolv.conf)" && exec "$@"', str(resolv),
         sys.executable, "-m", "softphone", "engine", "--profile", str(profile.root),
         "--audio", audio],
        folder.parent / f"{folder.name}.log",
    )  # fmt: skip
    wait_for_text(process, "ready")
    return process
