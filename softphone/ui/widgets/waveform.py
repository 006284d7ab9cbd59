"""Both channels over one time line: played, ahead, gaps, notes; click or arrows to seek."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from softphone.domain.contact import Note
from softphone.ui.models.timeline import Timeline
from softphone.ui.theme.theme import colour
from softphone.ui.translation import tr
from softphone.ui.widgets.rows import Pen as Words
from softphone.ui.words import GAP_WORDS, length

LEFT = 80
PINS = 28
CHANNEL = 64
BETWEEN = 8
AXIS = 24
STEP = 3
SEEK_MS = 5000
BINS = 1200


class Waveform(QWidget):
    """``sought`` carries audio time in ms."""

    sought = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Waveform of agent and customer"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(PINS + 2 * CHANNEL + BETWEEN + AXIS)
        self.timeline = Timeline(0)
        self._peaks: tuple[Sequence[float], Sequence[float]] = ((), ())
        self._names = ("", "")
        self._notes: Sequence[Note] = ()
        self._position = 0
        self._message = ""

    def show_recording(self, timeline: Timeline, agent: str, customer: str) -> None:
        """Show a recording whose audio is not open yet."""
        self.timeline, self._names = timeline, (agent, customer)
        self._peaks, self._notes, self._position, self._message = ((), ()), (), 0, ""
        self.update()

    def say(self, words: str) -> None:
        """Say instead of the waves why there are none."""
        self._message = words
        self.update()

    def show_peaks(self, peaks: tuple[Sequence[float], Sequence[float]]) -> None:
        """Show levels 0..1 of both channels."""
        self._peaks, self._message = peaks, ""
        self.update()

    def show_notes(self, notes: Sequence[Note]) -> None:
        """Show a numbered pin for each note."""
        self._notes = notes
        self.update()

    def show_position(self, audio_ms: int) -> None:
        """Move the line of what has been played."""
        self._position = audio_ms
        at, total = length(self.timeline.to_call(audio_ms)), length(self.timeline.total_ms)
        self.setAccessibleDescription(tr("{at} of {total}", at=at, total=total))
        self.update()

    def sizeHint(self) -> QSize:
        """Prefer a wide line."""
        return QSize(600, self.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Seek to where was clicked."""
        x = event.position().x()
        if x >= LEFT and self._peaks[0]:
            call_ms = int((x - LEFT) / self._width() * self.timeline.total_ms)
            self.sought.emit(self.timeline.to_audio(call_ms))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right seek by five seconds, Home and End to the ends."""
        steps = {
            Qt.Key.Key_Left: self._position - SEEK_MS,
            Qt.Key.Key_Right: self._position + SEEK_MS,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self.timeline.audio_ms,
        }
        wanted = steps.get(Qt.Key(event.key()))
        if wanted is None or not self._peaks[0]:
            super().keyPressEvent(event)
            return
        self.sought.emit(min(max(0, wanted), self.timeline.audio_ms))

    def _width(self) -> int:
        return max(1, self.width() - LEFT - 4)

    def _x(self, call_ms: int) -> float:
        return LEFT + call_ms / self.timeline.total_ms * self._width()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw everything."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words = Words(painter, self.font())
        self._channel(painter, words, 0)
        self._channel(painter, words, 1)
        self._axis(words)
        if self._message:
            middle = QRect(LEFT, PINS, self._width(), 2 * CHANNEL + BETWEEN)
            painter.setFont(words.font())
            painter.setPen(colour("text.secondary"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(middle.adjusted(24, 0, -24, 0), int(flags), self._message)
        else:
            self._gaps(painter, words)
            self._pins(painter, words)
            self._cursor(painter)
        if self.hasFocus():
            painter.setPen(QPen(colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            edge = QRectF(LEFT - 3, PINS - 3, self._width() + 6, 2 * CHANNEL + BETWEEN + 6)
            painter.drawRoundedRect(edge, 8, 8)

    def _channel(self, painter: QPainter, words: Words, number: int) -> None:
        top = PINS + number * (CHANNEL + BETWEEN)
        who = (tr("Agent"), tr("Customer"))[number]
        bold = QFont.Weight.DemiBold
        words.text(QRect(0, top + 12, LEFT - 8, 20), who, weight=bold)
        words.text(QRect(0, top + 31, LEFT - 8, 18), self._names[number], "text.secondary", size=12)
        box = QRectF(LEFT, top, self._width(), CHANNEL)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("bg.sunken"))
        painter.drawRoundedRect(box, 6, 6)
        role = ("wave.agent", "wave.customer")[number]
        dotted = QPen(colour(f"{role}.ahead"), 1, Qt.PenStyle.DotLine)
        painter.setPen(dotted)
        middle = box.center().y()
        painter.drawLine(QLineF(box.left(), middle, box.right(), middle))
        self._bars(painter, number, role, middle)

    def _bars(self, painter: QPainter, number: int, role: str, middle: float) -> None:
        peaks, line = self._peaks[number], self.timeline
        if not peaks:
            return
        played: list[QLineF] = []
        ahead: list[QLineF] = []
        now = line.to_call(self._position)
        for x in range(0, self._width(), STEP):
            call_ms = int(x / self._width() * line.total_ms)
            if line.in_gap(call_ms):
                continue
            share = line.to_audio(call_ms) / max(1, line.audio_ms)
            level = peaks[min(len(peaks) - 1, int(share * len(peaks)))]
            tall = level * (CHANNEL / 2 - 6)
            if tall < 1:
                continue
            bar = QLineF(LEFT + x + 1, middle - tall, LEFT + x + 1, middle + tall)
            (played if call_ms <= now else ahead).append(bar)
        for bars, tint in ((played, role), (ahead, f"{role}.ahead")):
            pen = QPen(colour(tint), 2)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLines(bars)

    def _gaps(self, painter: QPainter, words: Words) -> None:
        for start, end, gap in self.timeline.bands():
            left, right = self._x(start), self._x(end)
            band = QRectF(left, PINS, max(4.0, right - left), 2 * CHANNEL + BETWEEN)
            painter.setPen(QPen(colour("hold.fill"), 1))
            painter.setBrush(colour("hold.soft"))
            painter.drawRect(band)
            painter.setBrush(QBrush(colour("hold.fill"), Qt.BrushStyle.BDiagPattern))
            painter.drawRect(band)
            reason = tr(GAP_WORDS[gap.reason])
            if gap.length_ms:
                reason = f"{reason}, {length(gap.length_ms)}"
            place = QRect(int(left) + 20, 4, 320, 20)
            if place.right() > self.width():
                place.moveRight(self.width())
            words.icon(place.adjusted(-18, 0, 0, 0), "pause", "hold.text", 14)
            words.text(place, reason, "hold.text", size=12, weight=QFont.Weight.DemiBold)

    def _pins(self, painter: QPainter, words: Words) -> None:
        for number, note in enumerate(self._notes, start=1):
            x = self._x(self.timeline.to_call(note.at_ms or 0))
            painter.setPen(QPen(colour("line.control"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QLineF(x, PINS - 4, x, PINS + 2 * CHANNEL + BETWEEN))
            box = QRectF(x - 10, 2, 20, 20)
            painter.setPen(QPen(colour("line.control"), 1))
            painter.setBrush(colour("bg.surface"))
            painter.drawRoundedRect(box, 5, 5)
            painter.setPen(colour("text.primary"))
            painter.setFont(words.font(12, QFont.Weight.DemiBold))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), str(number))

    def _cursor(self, painter: QPainter) -> None:
        if not self._peaks[0]:
            return
        x = self._x(self.timeline.to_call(self._position))
        painter.setPen(QPen(colour("text.primary"), 2))
        painter.drawLine(QLineF(x, PINS - 4, x, PINS + 2 * CHANNEL + BETWEEN + 4))
        painter.setBrush(colour("text.primary"))
        painter.drawEllipse(QPointF(x, PINS - 4), 3, 3)

    def _axis(self, words: Words) -> None:
        total = self.timeline.total_ms
        top = PINS + 2 * CHANNEL + BETWEEN + 4
        step = next(
            (s for s in (5, 10, 30, 60, 120, 300, 600, 1800, 3600)
             if total / (s * 1000) * 72 <= self._width()),
            7200,
        )  # fmt: skip
        for call_ms in range(0, total - step * 400, step * 1000):
            place = QRect(int(self._x(call_ms)) - (0 if not call_ms else 24), top, 60, 18)
            words.text(place, length(call_ms), "text.secondary", size=12)
        last = QRect(self.width() - 64, top, 60, 18)
        words.text(last, length(total), "text.secondary", size=12, right=True)
