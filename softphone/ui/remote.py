"""The window's remote control: commands from other threads reach Qt through a queued signal."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal


class Steered(Protocol):
    """What can be steered."""

    def show_page(self, key: str) -> None:
        """Show a page by its key."""
        ...


class Remote(QObject):
    """Posts to the window; may be made and used before there is one."""

    _asked = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._window: Steered | None = None
        self._asked.connect(self._do, Qt.ConnectionType.QueuedConnection)

    def attach(self, window: Steered) -> None:
        """Steer this window (Qt thread)."""
        self._window = window

    def show_page(self, key: str) -> None:
        """Show a page (any thread)."""
        self._asked.emit("show", key)

    def quit(self) -> None:
        """Close the program (any thread)."""
        self._asked.emit("quit", "")

    def _do(self, what: str, key: str) -> None:
        if what == "quit":
            QCoreApplication.quit()
        elif self._window is not None:
            self._window.show_page(key)
