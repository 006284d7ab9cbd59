"""A level in 36 segments from -60 to 0 dBFS, with the loudest of the last moment held."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QElapsedTimer, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from softphone.domain.sound import SILENCE_DBFS
from softphone.ui.theme.theme import colour
from softphone.ui.theme.tokens import tokens

_METER: dict[str, Any] = tokens()["meter"]
LOW: float = _METER["range_dbfs"][0]
HIGH: float = _METER["range_dbfs"][1]
SEGMENTS: int = _METER["segments"]
ATTENTION: float = _METER["attention_above_dbfs"]
GAP = 2
ROOM = 20
"""At both ends, so that the words of the scale fit."""


def decibels(value: float) -> str:
    """Return whole decibels with a real minus sign."""
    return f"{round(value)}".replace("-", "−")


def lit(dbfs: float) -> int:
    """Return how many segments a level lights."""
    share = (dbfs - LOW) / (HIGH - LOW)
    return max(0, min(SEGMENTS, round(share * SEGMENTS)))


class _Scaled(QWidget):
    def __init__(self, height: int) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(130)
        self.setMaximumWidth(260)
        self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        """Return the width that the design draws."""
        return QSize(256, self.height())

    def place(self, dbfs: float) -> float:
        """Return where a level lies."""
        return ROOM + (dbfs - LOW) / (HIGH - LOW) * (self.width() - 2 * ROOM)


class MeterScale(_Scaled):
    """The figures over the meters."""

    def __init__(self) -> None:
        super().__init__(18)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the figures."""
        painter = QPainter(self)
        painter.setPen(colour("text.secondary"))
        font = self.font()
        font.setPixelSize(12)
        painter.setFont(font)
        for tick in _METER["ticks"]:
            box = QRectF(self.place(tick) - 20 + (8 if tick == 0 else 0), 0, 40, self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, decibels(tick))


class LevelMeter(_Scaled):
    """One meter; its words stand beside it, so a screen reader skips the picture."""

    def __init__(self, name: str) -> None:
        super().__init__(20)
        self.setAccessibleName(name)
        self._dbfs = self._peak = SILENCE_DBFS
        self._since = QElapsedTimer()
        self._since.start()

    @property
    def dbfs(self) -> float:
        """The level it shows."""
        return self._dbfs

    def show_level(self, dbfs: float) -> None:
        """Show a level; the peak stays a moment."""
        if dbfs >= self._peak or self._since.elapsed() > _METER["peak_hold_ms"]:
            self._peak = dbfs
            self._since.restart()
        if lit(dbfs) != lit(self._dbfs) or self._peak != dbfs:
            self.update()
        self._dbfs = dbfs

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the segments."""
        painter = QPainter(self)
        step = (self.width() - 2 * ROOM) / SEGMENTS
        on, top = lit(self._dbfs), (self.height() - 12) / 2
        attention = lit(ATTENTION)
        for number in range(SEGMENTS):
            role = "line.subtle"
            if number < on:
                role = "hold.fill" if number >= attention else "accent.fill"
            box = QRectF(ROOM + number * step, top, max(step - GAP, 1), 12)
            painter.fillRect(box, colour(role))
        if self._peak > LOW:
            x = self.place(min(self._peak, HIGH))
            painter.fillRect(QRectF(x - 1, top, 2, 12), colour("text.primary"))
