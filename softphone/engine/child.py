"""The engine's process, as whoever starts it sees it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence

from softphone.domain.errors import EngineLost
from softphone.engine.door import door_file
from softphone.paths import Profile

READY = b"ready\n"
READY_WITHIN_S = 20.0


def program() -> list[str]:
    """Return how this program is called: the package is one of its own, else Python runs it."""
    packaged = getattr(sys, "frozen", False)
    return [sys.executable] if packaged else [sys.executable, "-m", "softphone"]


class EngineChild:
    """An engine that was just started. It needs nothing of its parent: it outlives it."""

    def __init__(self, profile: Profile, arguments: Sequence[str] = ()) -> None:
        """Start it; ``wait_ready`` tells when it can be attached to."""
        profile.prepare()
        self._process = subprocess.Popen(
            [*program(), "engine", "--profile", str(profile.root), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
        )
        self._ready = threading.Event()
        self._said_something = threading.Event()
        threading.Thread(target=self._listen, name="engine-child", daemon=True).start()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def wait_ready(self) -> None:
        """Wait until it takes a window. Raises EngineLost; then it is ended."""
        if self._said_something.wait(READY_WITHIN_S) and self._ready.is_set():
            return
        code = self._process.poll()
        self._process.kill()
        raise EngineLost(
            "The phone did not start.",
            "It did not get ready in time." if code is None else f"Its process ended ({code}).",
            "Run “softphone doctor”.",
        )

    def end(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def _listen(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - PIPE was asked for
        with self._process.stdout as output:
            if any(line == READY for line in output):
                self._ready.set()
                self._said_something.set()
        self._process.wait()  # reaps it, so that no zombie stays
        self._said_something.set()


def start_beforehand(profile: Profile, arguments: Sequence[str] = ()) -> EngineChild | None:
    """Start an engine for whoever will sign in; None where one may run already.

    Nobody needs it yet: it ends by itself if nobody comes.
    """
    return None if door_file(profile).exists() else EngineChild(profile, arguments)
