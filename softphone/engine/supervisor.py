"""Starts the engine process, re-attaches to one that runs, and brings a dead one back."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

from softphone.domain.errors import EngineLost
from softphone.domain.events import EngineEnded, EngineStarted
from softphone.engine.client import EngineClient
from softphone.paths import Profile

log = logging.getLogger(__name__)

READY = b"ready\n"
READY_WITHIN_S = 20.0
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 15.0


class EngineSupervisor:
    """Keeps one engine running for one profile while the window is open."""

    def __init__(
        self,
        profile: Profile,
        publish: Callable[[EngineStarted | EngineEnded], None],
        arguments: Sequence[str] = (),
    ) -> None:
        self._profile = profile
        self._publish = publish
        self._arguments = tuple(arguments)
        self._stopping = threading.Event()
        self._starts = threading.Lock()
        self.client = EngineClient(self._on_lost)

    def start(self) -> None:
        """Attach to the running engine, or start one. Raises EngineLost."""
        with self._starts:
            if self.client.attached:
                return
            self._profile.prepare()
            try:
                self.client.attach(self._profile)
                running = True
            except EngineLost:
                self._spawn()
                self.client.attach(self._profile)
                running = False
        self._publish(EngineStarted(self.client.pid, attached_to_running=running))

    def stop(self, *, leave_running: bool) -> None:
        """Detach; end the engine unless a call goes on."""
        self._stopping.set()
        if not leave_running:
            self.client.shut_down()
        self.client.detach()

    def _spawn(self) -> None:
        command = [
            sys.executable,
            "-m",
            "softphone",
            "engine",
            "--profile",
            str(self._profile.root),
        ]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        process = subprocess.Popen(
            [*command, *self._arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        ready = threading.Event()
        assert process.stdout is not None  # noqa: S101 - PIPE was asked for
        output = process.stdout

        def wait_ready() -> None:
            with output:
                for line in output:
                    if line == READY:
                        ready.set()
                        break
            process.wait()  # reaps it, so that no zombie stays

        threading.Thread(target=wait_ready, name="engine-child", daemon=True).start()
        if not ready.wait(READY_WITHIN_S):
            process.kill()
            raise EngineLost(
                "The phone did not start.",
                f"Its process ended with code {process.poll()}."
                if process.poll() is not None
                else "It did not get ready in time.",
                "Run “softphone doctor”.",
            )

    def _on_lost(self) -> None:
        if self._stopping.is_set():
            return
        self._publish(EngineEnded("The phone ended unexpectedly and is started again."))
        threading.Thread(target=self._bring_back, name="engine-restart", daemon=True).start()

    def _bring_back(self) -> None:
        wait = FIRST_WAIT_S
        while not self._stopping.is_set():
            try:
                self.start()
                return
            except EngineLost as error:
                log.error("the engine could not be started: %s", error.why)
                self._stopping.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT_S)
