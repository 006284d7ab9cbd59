"""The customer: a second engine with its own account, which answers and speaks a sentence."""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo.peers.processes import PeerFailed
from softphone.domain.account import Account, RegistrationState
from softphone.domain.call import Call, CallState
from softphone.domain.events import CallChanged, RegistrationChanged
from softphone.domain.ids import AccountId
from softphone.engine.supervisor import EngineSupervisor
from softphone.paths import Profile


class Customer:
    """Answers every call."""

    def __init__(self, folder: Path, voice: Path) -> None:
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._supervisor = EngineSupervisor(
            Profile(folder), self._events.put, ["--audio", f"file:{voice}"]
        )
        self._supervisor.start()
        self._client = self._supervisor.client
        self._client.subscribe(self._take)
        self.last: Call | None = None

    def _take(self, event: Any) -> None:
        if isinstance(event, CallChanged):
            self.last = event.call
            if event.call.state is CallState.INCOMING:
                self._client.answer(event.call.id)
        self._events.put(event)

    def register(self, account: Account, password: str) -> str:
        """Register and return the TLS version."""
        self._client.set_account(account, password)
        event = self.wait(
            lambda e: (
                isinstance(e, RegistrationChanged)
                and e.registration.state is RegistrationState.REGISTERED
            )
        )
        return str(event.registration.tls)

    def wait(self, fits: Callable[[Any], bool], within_s: float = 25.0) -> Any:
        """Return the next event that fits. Raises PeerFailed."""
        while True:
            try:
                event = self._events.get(timeout=within_s)
            except queue.Empty:
                raise PeerFailed("the customer's phone said nothing") from None
            if fits(event):
                return event

    def call(self, target: str) -> None:
        """Call somebody."""
        self._client.dial(AccountId("customer"), target)

    def talked(self, seconds: int) -> None:
        """Wait for so many quality reports of an established call: one is one second of talk."""
        for _ in range(seconds):
            self.wait(lambda e: isinstance(e, CallChanged) and e.call.quality is not None)

    def close(self) -> None:
        self._supervisor.stop(leave_running=False)


def customer_account(registrar: str, domain: str, ca_file: Path) -> Account:
    """Return the customer's account."""
    return Account(AccountId("customer"), "anna", domain, registrar, ca_file=str(ca_file))
