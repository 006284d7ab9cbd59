"""The incoming-call card in a corner of the screen while another program is in front.

A top-level window that never takes the focus: whoever types elsewhere goes on typing.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from softphone.ui.call_actions import CallActions
from softphone.ui.widgets.incoming import WIDTH, IncomingCard
from softphone.ui.workplace import Workplace

MARGIN = 16
SETTLE_MS = 100


class IncomingToast(IncomingCard):
    """Shows itself only while no window of this program is the active one."""

    def __init__(self, work: Workplace, actions: CallActions, window: QWidget) -> None:
        self._window = window
        self._later = QTimer()
        super().__init__(work, actions, None)
        self.setWindowFlags(
            Qt.WindowType.Tool
            | Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint
            | Qt.WindowType.WindowDoesNotAcceptFocus
        )
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_X11NetWmWindowTypeNotification)
        for button in (self.answer, self.decline):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedWidth(WIDTH)
        self._later.setSingleShot(True)
        self._later.setInterval(SETTLE_MS)
        self._later.timeout.connect(self._refresh)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the main window: in front, it shows the card itself."""
        if watched is self._window and event.type() in (
            QEvent.Type.WindowActivate,
            QEvent.Type.WindowDeactivate,
            QEvent.Type.WindowStateChange,
        ):
            # Between two windows of ours none is active for a moment.
            self._later.start()
        return super().eventFilter(watched, event)

    def wanted(self) -> bool:
        """Whether there is a call to show and no window of ours is in front."""
        return super().wanted() and QApplication.activeWindow() is None

    def place(self) -> None:
        """Sit in the lower right corner of the screen that the main window is on."""
        area = self._window.screen().availableGeometry()
        self.adjustSize()
        self.move(
            area.right() - self.width() - MARGIN + 1, area.bottom() - self.height() - MARGIN + 1
        )
