"""Locks the window when nobody has touched keyboard or mouse for as long as the policy says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from softphone.app.ports import Clock

EVERY_MS = 5_000
Answer = Callable[[float | None], None]
_INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)


class IdleSource(Protocol):
    """Knows how long the whole workstation has been idle: agents type in other programs, too."""

    def ask(self, answer: Answer) -> None:
        """Tell the seconds since the last input, or None where it cannot be known. Never blocks."""
        ...


class IdleLock(QObject):
    """Asks every few seconds. ``due`` is sent once the time is over, and again while it lasts.

    Where no source knows, input to this program counts, and a call that goes on counts as
    somebody being there: whoever is on the phone looks something up in another program.
    """

    due = Signal()

    def __init__(
        self, clock: Clock, busy: Callable[[], bool], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.sources: Sequence[IdleSource] = ()
        self._clock = clock
        self._busy = busy
        self._limit_s = 0.0
        self._began = self._touched = clock.monotonic()
        self._watching = False
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.poll)

    def begin(self, minutes: int) -> None:
        """Count from now; 0 minutes is never."""
        self._limit_s = minutes * 60.0
        self._began = self._touched = self._clock.monotonic()
        (self._timer.start if minutes else self._timer.stop)()

    def change(self, minutes: int) -> None:
        """Use another limit from now on."""
        self._limit_s = minutes * 60.0
        (self._timer.start if minutes else self._timer.stop)()

    def stop(self) -> None:
        """Nobody is signed in."""
        self._timer.stop()
        self._limit_s = 0.0

    def poll(self) -> None:
        """Ask the sources in turn."""
        self._ask(0)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Note input to this program."""
        if event.type() in _INPUT:
            self._touched = self._clock.monotonic()
        return False

    def _ask(self, number: int) -> None:
        if number < len(self.sources):
            self.sources[number].ask(lambda idle: self._take(number, idle))
            return
        application = QApplication.instance()
        if not self._watching and application is not None:
            # Only where nothing else is known: every event of the program comes by here.
            self._watching = True
            application.installEventFilter(self)
            self._touched = self._clock.monotonic()
        if self._busy():
            self._touched = self._clock.monotonic()
        self._compare(self._clock.monotonic() - self._touched)

    def _take(self, number: int, idle: float | None) -> None:
        if idle is None:
            self._ask(number + 1)
        else:
            self._compare(idle)

    def _compare(self, idle: float) -> None:
        # Who signed in just now is there, whatever the system says of the time before.
        idle = min(idle, self._clock.monotonic() - self._began)
        if self._limit_s and idle >= self._limit_s:
            self.due.emit()
