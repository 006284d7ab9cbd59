"""Starts the engine process, re-attaches to one that runs, and brings a dead one back."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from softphone.domain.errors import EngineLost
from softphone.domain.events import EngineEnded, EngineStarted
from softphone.engine.child import EngineChild
from softphone.engine.client import EngineClient
from softphone.paths import Profile

log = logging.getLogger(__name__)

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 15.0


class EngineSupervisor:
    """Keeps one engine running for one profile while the window is open."""

    def __init__(
        self,
        profile: Profile,
        publish: Callable[[EngineStarted | EngineEnded], None],
        arguments: Sequence[str] = (),
        child: EngineChild | None = None,
    ) -> None:
        """``child`` was started beforehand, and is taken where none runs."""
        self._child = child
        self._own = child.pid if child is not None else 0
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
            except EngineLost:
                self._start_one()
            self._child = None
        running = self.client.pid != self._own
        self._publish(EngineStarted(self.client.pid, attached_to_running=running))

    def stop(self, *, leave_running: bool) -> None:
        """Detach; end the engine unless a call goes on."""
        self._stopping.set()
        if not leave_running:
            self.client.shut_down()
        self.client.detach()
        if self._child is not None:  # nobody signed in: it was never used
            self._child.end()

    def _start_one(self) -> None:
        beforehand = self._child is not None
        try:
            self._spawn()
        except EngineLost:
            if not beforehand:
                raise
            self._spawn()  # the one that was given had just ended: its end is known a moment later

    def _spawn(self) -> None:
        child, self._child = self._child, None
        if child is None or not child.runs:
            child = EngineChild(self._profile, self._arguments)
        child.wait_ready()
        self._own = child.pid
        self.client.attach(self._profile)

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
