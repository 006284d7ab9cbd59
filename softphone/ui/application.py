"""Starts Qt, applies the theme, opens the window and runs until it is closed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from importlib import import_module, resources
from pathlib import Path

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from softphone.app.office import Office
from softphone.domain.workplace import LockReason
from softphone.paths import default_profile
from softphone.ui.desktop_session import desktop_session
from softphone.ui.remote import Remote
from softphone.ui.system_idle import idle_sources
from softphone.ui.theme.theme import Theme, ThemeChoice
from softphone.ui.translation import install
from softphone.ui.window import SHELL, MainWindow

SETTLED_MS = 4000
"""After that a start no longer suffers from what is done beside."""


def open_window(
    office: Office,
    application: QApplication,
    *,
    sign_in: tuple[str, str] | None = None,
    start_in: str = "desk",
    settings: Path | None = None,
) -> MainWindow:
    """Open the window in a running application; ``settings`` is an INI file of window settings."""
    kept = QSettings(str(settings or default_profile().settings), QSettings.Format.IniFormat)
    install(application, str(kept.value("language", "")))
    known = {choice.value for choice in ThemeChoice}
    choice = str(kept.value("theme", ThemeChoice.SYSTEM.value))
    theme = Theme(application, ThemeChoice(choice if choice in known else "system"))
    window = MainWindow(office, theme, kept, start_in=start_in)
    window.show()
    if sign_in is not None:
        window.sign_in(*sign_in)
    return window


def run(
    office: Office,
    *,
    argv: list[str],
    sign_in: tuple[str, str] | None = None,
    start_in: str = "desk",
    settings: Path | None = None,
    remote: Callable[[Remote], None] | None = None,
    settled: Callable[[], None] = lambda: None,
) -> int:
    """Open the window and run until it is closed; return the exit code.

    ``sign_in`` (name, password) signs in at once; ``start_in`` is ``desk`` or ``phone``.
    ``remote`` receives the window's remote control. ``settled`` is called when the window has been
    there for a moment.
    """
    running = QApplication.instance()
    application = running if isinstance(running, QApplication) else QApplication(argv)
    application.setApplicationName("softphone")
    application.setApplicationDisplayName("Softphone")
    application.setDesktopFileName("softphone")
    application.setWindowIcon(QIcon(str(resources.files("softphone.ui.theme") / "softphone.png")))
    window = open_window(office, application, sign_in=sign_in, start_in=start_in, settings=settings)
    shell = threading.Thread(target=import_module, args=(SHELL,), name="shell", daemon=True)
    QTimer.singleShot(0, shell.start)  # somebody reads and types meanwhile
    if remote is not None:
        control = Remote()
        control.attach(window)
        remote(control)
    QTimer.singleShot(SETTLED_MS, settled)
    window.idle.sources = idle_sources()
    desktop = desktop_session(window)
    if desktop is not None:
        desktop.locked.connect(lambda: window.lock(LockReason.WORKSTATION))
    if sys.platform != "linux":
        # Loaded only where it is needed: QtMultimedia brings the platform's media libraries.
        import_module("softphone.ui.device_watch").DeviceWatch(office.phone, window)
    code = application.exec()
    if shell.ident is not None:
        shell.join()  # nothing may be loaded while the process ends
    window.deleteLater()
    return code
