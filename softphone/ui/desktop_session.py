"""Notices that the workstation's screen was locked, by D-Bus (Linux).

``org.freedesktop.login1.Session.Lock`` on the system bus; ``ActiveChanged`` of the desktop's
screen saver (freedesktop.org, GNOME) on the session bus. The bus daemon says who owns a name, so
that no other program locks in its place.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage

_SAVERS = ("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver")
_LOGIN = "org.freedesktop.login1"


def _slot(signature: str) -> Any:
    return SLOT(signature)  # a text, whatever the binding's own types say


def session_path(session: str) -> str:
    """Return the object path of a login session, as systemd escapes its name."""
    escaped = "".join(
        c if c.isascii() and (c.isalpha() or (c.isdigit() and n)) else f"_{ord(c):02x}"
        for n, c in enumerate(session)
    )
    return f"/org/freedesktop/login1/session/{escaped}"


class DesktopSession(QObject):
    """Sends ``locked`` when the screen of this session is locked."""

    locked = Signal()

    def __init__(
        self,
        session_bus: QDBusConnection,
        system_bus: QDBusConnection,
        session: str = "",
        parent: QObject | None = None,
    ) -> None:
        """``session``: the login session's name; without it the lock of any session counts."""
        super().__init__(parent)
        self._path = session_path(session) if session else ""
        for name in _SAVERS if session_bus.isConnected() else ():
            session_bus.connect(name, "", name, "ActiveChanged", self, _slot("saver_changed(bool)"))
        if system_bus.isConnected():
            system_bus.connect(
                _LOGIN, "", f"{_LOGIN}.Session", "Lock", self, _slot("session_locked(QDBusMessage)")
            )

    @Slot(bool)
    def saver_changed(self, on: bool) -> None:
        """The screen saver began or ended."""
        if on:
            self.locked.emit()

    @Slot(QDBusMessage)
    def session_locked(self, message: QDBusMessage) -> None:
        """A login session was asked to lock."""
        if self._path in ("", message.path()):
            self.locked.emit()


def desktop_session(parent: QObject) -> DesktopSession | None:
    """Watch this desktop; None where it cannot be watched."""
    if sys.platform != "linux":
        return None
    return DesktopSession(
        QDBusConnection.sessionBus(),
        QDBusConnection.systemBus(),
        os.environ.get("XDG_SESSION_ID", ""),
        parent,
    )
