"""The event bus: typed events out to whoever listens, on the publisher's thread."""

from __future__ import annotations

import logging
from collections.abc import Callable

from softphone.domain.events import Event

log = logging.getLogger(__name__)
Listener = Callable[[Event], None]


class Bus:
    """Delivers each event to every listener; one listener's error does not stop the others."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()

    def subscribe(self, listener: Listener) -> None:
        """Add a listener; it must be quick and must post to its own thread."""
        self._listeners = (*self._listeners, listener)

    def unsubscribe(self, listener: Listener) -> None:
        """Remove a listener."""
        self._listeners = tuple(known for known in self._listeners if known != listener)

    def publish(self, event: Event) -> None:
        """Deliver an event."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:
                log.exception("a listener failed on %s", type(event).__name__)
