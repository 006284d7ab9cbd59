"""How long the workstation has been idle, as far as its system tells."""

from __future__ import annotations

import ctypes
import ctypes.util
import sys

from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher
from PySide6.QtGui import QGuiApplication

from softphone.ui.idle import Answer, IdleSource


class MutterIdle:
    """GNOME's idle monitor on the session bus (``org.gnome.Mutter.IdleMonitor``)."""

    def __init__(self, bus: QDBusConnection) -> None:
        self._bus = bus
        self._asked: list[QDBusPendingCallWatcher] = []

    def ask(self, answer: Answer) -> None:
        """Ask the compositor; it answers in milliseconds."""
        call = QDBusMessage.createMethodCall(
            "org.gnome.Mutter.IdleMonitor",
            "/org/gnome/Mutter/IdleMonitor/Core",
            "org.gnome.Mutter.IdleMonitor",
            "GetIdletime",
        )
        # Never start a program in order to ask it.
        call.setAutoStartService(False)
        # Those that have answered go now and not in their own signal; nobody else owns them.
        self._asked = [watcher for watcher in self._asked if not watcher.isFinished()]
        watcher = QDBusPendingCallWatcher(self._bus.asyncCall(call, 2000))
        self._asked.append(watcher)

        def finished(done: QDBusPendingCallWatcher) -> None:
            said = [] if done.isError() else done.reply().arguments()
            number = said[0] if said else None
            answer(number / 1000 if isinstance(number, int) else None)

        watcher.finished.connect(finished)


class _XInfo(ctypes.Structure):
    """``XScreenSaverInfo`` of libXss; ``idle`` is in milliseconds."""

    _fields_ = (
        ("window", ctypes.c_ulong),
        ("state", ctypes.c_int),
        ("kind", ctypes.c_int),
        ("since", ctypes.c_ulong),
        ("idle", ctypes.c_ulong),
        ("event_mask", ctypes.c_ulong),
    )


class XIdle:
    """The X server's own count (extension MIT-SCREEN-SAVER)."""

    def __init__(self) -> None:
        self._display: int | None = None
        try:
            self._x = ctypes.CDLL("libX11.so.6")
            self._saver = ctypes.CDLL("libXss.so.1")
        except OSError:
            return
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XOpenDisplay.argtypes = (ctypes.c_char_p,)
        self._x.XDefaultRootWindow.restype = ctypes.c_ulong
        self._x.XDefaultRootWindow.argtypes = (ctypes.c_void_p,)
        self._saver.XScreenSaverQueryExtension.argtypes = (ctypes.c_void_p,) * 3
        self._saver.XScreenSaverQueryInfo.argtypes = (
            ctypes.c_void_p,
            ctypes.c_ulong,
            ctypes.POINTER(_XInfo),
        )
        display = self._x.XOpenDisplay(None)
        event, error = ctypes.c_int(), ctypes.c_int()
        if display and self._saver.XScreenSaverQueryExtension(
            display, ctypes.byref(event), ctypes.byref(error)
        ):
            self._display = display

    def ask(self, answer: Answer) -> None:
        """Ask the X server: one round trip within the machine."""
        info = _XInfo()
        if self._display is None or not self._saver.XScreenSaverQueryInfo(
            self._display, self._x.XDefaultRootWindow(self._display), ctypes.byref(info)
        ):
            answer(None)
            return
        answer(info.idle / 1000)


class _LastInput(ctypes.Structure):
    """``LASTINPUTINFO`` of user32; ``tick`` is in milliseconds since the start of Windows."""

    _fields_ = (("size", ctypes.c_uint), ("tick", ctypes.c_uint))


class WindowsIdle:
    """``GetLastInputInfo``; its 32-bit clock wraps after 49 days."""

    def ask(self, answer: Answer) -> None:
        """Ask Windows."""
        windows = getattr(ctypes, "windll", None)
        info = _LastInput(ctypes.sizeof(_LastInput), 0)
        if windows is None or not windows.user32.GetLastInputInfo(ctypes.byref(info)):
            answer(None)
            return
        answer(((windows.kernel32.GetTickCount() - info.tick) & 0xFFFFFFFF) / 1000)


def idle_sources() -> tuple[IdleSource, ...]:
    """Return what can be asked on this system, the best first."""
    if sys.platform == "win32":
        return (WindowsIdle(),)
    if sys.platform != "linux":
        return ()
    sources: list[IdleSource] = []
    bus = QDBusConnection.sessionBus()
    if bus.isConnected():
        sources.append(MutterIdle(bus))
    if QGuiApplication.platformName() == "xcb":
        sources.append(XIdle())
    return tuple(sources)
