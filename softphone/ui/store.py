"""The read model in the window's thread: bus events in, one signal out."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from softphone.app.bus import Bus
from softphone.app.state import PhoneState, reduce
from softphone.domain.call import Call, CallState
from softphone.domain.events import Event
from softphone.ui.dispatcher import Dispatcher


class Store(QObject):
    """Holds the state the window shows. ``changed`` carries it; ``happened`` the event itself."""

    changed = Signal(object)
    happened = Signal(object)

    def __init__(self, bus: Bus, dispatcher: Dispatcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = PhoneState()
        self._bus = bus
        self._dispatcher = dispatcher
        bus.subscribe(self._listen)

    def close(self) -> None:
        """Stop listening."""
        self._bus.unsubscribe(self._listen)

    def _listen(self, event: Event) -> None:
        self._dispatcher.post(lambda: self._apply(event))

    def _apply(self, event: Event) -> None:
        before = self.state
        self.state = reduce(before, event)
        self.happened.emit(event)
        if self.state is not before:
            self.changed.emit(self.state)


def main_call(calls: tuple[Call, ...]) -> Call | None:
    """Return the call that the panel shows large: talking first, then dialling, then held."""
    order = (CallState.ESTABLISHED, CallState.DIALLING, CallState.RINGING, CallState.HELD)
    for wanted in order:
        for call in reversed(calls):
            if call.state is wanted and not (wanted is CallState.ESTABLISHED and call.held_by_us):
                return call
    return next((c for c in calls if c.state is CallState.ESTABLISHED), None)


def ringing_calls(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """Return incoming calls that wait for an answer, oldest first."""
    return tuple(c for c in calls if c.state is CallState.INCOMING)
