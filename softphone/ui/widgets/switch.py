"""A switch with its words: on and off are seen by place, colour and a mark."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from softphone.ui.theme.theme import colour
from softphone.ui.theme.tokens import tokens

WIDTH, HEIGHT = tokens()["size"]["switch"]
GAP = 8


class Switch(QCheckBox):
    """Behaves as a check box (Space toggles it) and looks as a switch."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """Return the room for the switch and its words."""
        words = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(WIDTH + GAP + words + 6, HEIGHT + 6)

    def minimumSizeHint(self) -> QSize:
        """Never less."""
        return self.sizeHint()

    def hitButton(self, _place: object) -> bool:
        """The words belong to the switch."""
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw track, knob and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        top = (self.height() - HEIGHT) / 2
        track = QRectF(3.5, top + 0.5, WIDTH - 1, HEIGHT - 1)
        edge = colour("accent.fill" if on else "line.control")
        painter.setPen(QPen(edge, 1))
        painter.setBrush(colour("accent.fill" if on else "bg.surface"))
        painter.drawRoundedRect(track, HEIGHT / 2, HEIGHT / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("accent.on" if on else "line.control"))
        x = track.right() - HEIGHT / 2 if on else track.left() + HEIGHT / 2
        painter.drawEllipse(QPointF(x, track.center().y()), HEIGHT / 2 - 4, HEIGHT / 2 - 4)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour("focus"), 2))
            ring = track.adjusted(-2, -2, 2, 2)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
        painter.setPen(colour("text.primary" if self.isEnabled() else "disabled.text"))
        words = QRectF(3 + WIDTH + GAP, 0, self.width() - WIDTH - GAP, self.height())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(words, flags, self.text())
