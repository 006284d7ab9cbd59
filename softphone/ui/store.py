"""The read model in the window's thread: bus events in, one signal out."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QObject, Signal

from softphone.app.bus import Bus
from softphone.app.ports import Clock
from softphone.app.state import PhoneState, reduce
from softphone.domain.call import Call, CallState
from softphone.domain.events import CallChanged, Event, RecordingPaused
from softphone.domain.ids import CallId
from softphone.domain.recording import GapReason
from softphone.ui.dispatcher import Dispatcher


class Store(QObject):
    """Holds the state the window shows. ``changed`` carries it; ``happened`` the event itself."""

    changed = Signal(object)
    happened = Signal(object)

    def __init__(
        self, bus: Bus, clock: Clock, dispatcher: Dispatcher, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.state = PhoneState()
        self.pauses: dict[CallId, tuple[GapReason, datetime]] = {}
        """Why and since when nothing is captured."""
        self.held_since: dict[CallId, datetime] = {}
        self._clock = clock
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
        self._note_times(event)
        self.happened.emit(event)
        if self.state is not before or isinstance(event, RecordingPaused):
            self.changed.emit(self.state)

    def _note_times(self, event: Event) -> None:
        if isinstance(event, RecordingPaused):
            self.pauses[event.call] = (event.reason, self._clock.now())
        elif isinstance(event, CallChanged):
            call = event.call
            if not (call.held_by_us or call.held_by_them) or not call.live:
                self.held_since.pop(call.id, None)
            else:
                self.held_since.setdefault(call.id, self._clock.now())
            if not call.live:
                self.pauses.pop(call.id, None)


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
