"""A drop-down with the arrow of our icon family."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox

from softphone.ui.theme.icons import pixmap


class Combo(QComboBox):
    """A drop-down list."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, then the arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        role = "text.primary" if self.isEnabled() else "disabled.text"
        place = QPoint(self.width() - 26, (self.height() - 14) // 2)
        painter.drawPixmap(place, pixmap("caret-down", role, 14))
