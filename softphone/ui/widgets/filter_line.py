"""A short field that narrows a list while it is typed in."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLineEdit

from softphone.ui.widgets.basic import Glyph

ASK_AFTER_MS = 180


class FilterLine(QLineEdit):
    """Emits ``changed`` when typing rests."""

    changed = Signal()

    def __init__(self, words: str) -> None:
        super().__init__()
        self.setPlaceholderText(words)
        self.setAccessibleName(words)
        self.setClearButtonEnabled(False)
        self.setMaxLength(100)
        self.setFixedWidth(280)
        self.setTextMargins(22, 0, 0, 0)
        self._glyph = Glyph("magnifying-glass", size=16)
        self._glyph.setParent(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(ASK_AFTER_MS)
        self._timer.timeout.connect(self.changed)
        self.textChanged.connect(lambda _text: self._timer.start())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the sign inside the field."""
        super().resizeEvent(event)
        self._glyph.move(11, (self.height() - self._glyph.height()) // 2)
