"""Child processes that are ended by the one who started them, and only they."""

from __future__ import annotations

import os
import secrets
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self


class PeerFailed(Exception):
    """A peer did not start or ended early; carries the end of its output."""


class Process:
    """A child process with its output in a file; ended with TERM, then KILL."""

    def __init__(
        self,
        arguments: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        said: str = "",
    ) -> None:
        """Start it; ``said`` is what it reads from its standard input."""
        self.log = log
        self._file = log.open("ab")
        self.popen = subprocess.Popen(
            list(arguments),
            stdin=subprocess.PIPE,
            stdout=self._file,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            start_new_session=True,
        )
        assert self.popen.stdin is not None  # noqa: S101 - PIPE was asked for
        self.popen.stdin.write(said.encode())
        self.popen.stdin.close()

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def output(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def kill(self) -> None:
        """Kill at once (the `kill -9` of the crash tests)."""
        self.popen.kill()
        self.popen.wait(timeout=10)

    def stop(self, within_s: float = 5.0) -> int | None:
        """End the process and everything it started; again changes nothing."""
        if self._file.closed:
            return self.popen.returncode
        if self.alive:
            self._signal(signal.SIGTERM)
            try:
                self.popen.wait(timeout=within_s)
            except subprocess.TimeoutExpired:
                self._signal(signal.SIGKILL)
                self.popen.wait(timeout=5)
        self._signal(signal.SIGKILL)  # children that outlived it, in its own session only
        self._file.close()
        return self.popen.returncode

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self.popen.pid, number)
        except ProcessLookupError:
            return


class RegistrarProcess:
    """What every registrar of the demo has: a port, a process, and an end."""

    port: int
    process: Process | None = None

    @property
    def server(self) -> str:
        """What an account's ``server`` field says."""
        return f"localhost:{self.port}"

    def start(self) -> Self:
        raise PeerFailed("a registrar says how it starts")

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()
            self.process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def wait_gone(pid: int, within_s: float = 15.0) -> bool:
    """Wait for the end of a process that is not our child (a pidfd tells); whether it ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(handle, selectors.EVENT_READ)
            return bool(selector.select(within_s))
    finally:
        os.close(handle)


_SERVED = range(20_000, 32_000)
"""Below the ports that connections are given by themselves (Linux: 32768 and up), so that none of
those takes a port between the look and the listening."""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Return a loopback port that was free a moment ago."""
    while True:
        port = secrets.choice(_SERVED)
        with socket.socket(socket.AF_INET, kind) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_for_port(
    port: int, process: Process, within_s: float = 15.0, host: str = "127.0.0.1"
) -> None:
    """Wait until something accepts on a loopback port. Raises PeerFailed."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not process.alive:
            break
        try:
            with socket.create_connection((host, port), timeout=0.5):
                return
        except OSError:
            # No event tells that another program listens: look again in a moment.
            selectors.DefaultSelector().select(0.05)
    raise PeerFailed(f"nothing listens on port {port}:\n{process.output()[-2000:]}")


def wait_for_text(process: Process, text: str, within_s: float = 15.0, count: int = 1) -> str:
    """Wait until the process has printed a text. Raises PeerFailed."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        output = process.output()
        if output.count(text) >= count:
            return output
        if not process.alive:
            break
        selectors.DefaultSelector().select(0.05)
    raise PeerFailed(f"{text!r} was not seen:\n{process.output()[-3000:]}")
