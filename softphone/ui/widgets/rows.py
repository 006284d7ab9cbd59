"""Painted rows: columns shared by a head and a delegate, selection, focus and day groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from softphone.ui.theme.icons import pixmap
from softphone.ui.theme.theme import colour
from softphone.ui.widgets.basic import tabular

MARGIN = 24
HEAD = 32
GROUP = 32
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a least width in units and a share of what is left."""

    title: str
    width: int
    share: float = 0.0
    hide_below: int = 0
    """The row's width under which the column gives way."""


def lay_out(columns: tuple[Column, ...], left: int, width: int) -> list[QRect]:
    """Return one rectangle (x and width) a column; hidden ones are empty."""
    shown = [c for c in columns if width >= c.hide_below]
    spare = max(0, width - 2 * MARGIN - sum(c.width for c in shown))
    total = sum(c.share for c in shown) or 1.0
    places: list[QRect] = []
    x = left + MARGIN
    for column in columns:
        if column not in shown:
            places.append(QRect())
            continue
        wide = column.width + int(spare * column.share / total)
        places.append(QRect(x, 0, wide - 12, 0))
        x += wide
    return places


class Pen:
    """Draws words and icons of one row in roles of the theme."""

    def __init__(self, painter: QPainter, font: QFont) -> None:
        self.painter = painter
        self._font = font

    def font(self, size: int = 13, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Return the system's face in a size of the tokens."""
        made = tabular(QFont(self._font))
        made.setPixelSize(size)
        made.setWeight(weight)
        return made

    def text(
        self,
        place: QRect,
        words: str,
        role: str = "text.primary",
        *,
        size: int = 13,
        weight: QFont.Weight = QFont.Weight.Normal,
        right: bool = False,
    ) -> int:
        """Draw one line, cut with an ellipsis; return its width."""
        if place.width() <= 0 or not words:
            return 0
        font = self.font(size, weight)
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, place.width())
        self.painter.setFont(font)
        self.painter.setPen(colour(role))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self.painter.drawText(place, int(side | Qt.AlignmentFlag.AlignVCenter), shown)
        return metrics.horizontalAdvance(shown)

    def paragraph(self, place: QRect, words: str, role: str, *, size: int = 13) -> None:
        """Draw text over several lines; what finds no room is cut off."""
        self.painter.setFont(self.font(size))
        self.painter.setPen(colour(role))
        top = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        self.painter.drawText(place, int(top | Qt.TextFlag.TextWordWrap), words)

    def icon(self, place: QRect, name: str, role: str, size: int = 16) -> None:
        """Draw an icon at the left of ``place``, in the middle of its height."""
        if place.width() <= 0:
            return
        top = place.top() + (place.height() - size) // 2
        self.painter.drawPixmap(QPoint(place.left(), top), pixmap(name, role, size))

    def tag(self, place: QRect, words: str) -> int:
        """Draw a small framed word; return the width used."""
        font = self.font(12)
        width = min(QFontMetrics(font).horizontalAdvance(words) + 12, place.width())
        if width < 24:
            return 0
        box = QRectF(place.left() + 0.5, place.center().y() - 9.5, width, 20)
        self.painter.setPen(QPen(colour("line.subtle"), 1))
        self.painter.setBrush(colour("bg.window"))
        self.painter.drawRoundedRect(box, 4, 4)
        inner = box.toRect().adjusted(6, 0, -4, 0)
        self.text(inner, words, "text.secondary", size=12)
        return width + 6


class RowDelegate(QStyledItemDelegate):
    """Base of all row painters: background by state, divider, optional group heading."""

    def __init__(self, height: int, columns: tuple[Column, ...] = ()) -> None:
        super().__init__()
        self.height = height
        self.columns = columns
        self.group: Callable[[int], str] = lambda _row: ""

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of the row with its heading."""
        return QSize(200, self.height + (GROUP if self.group(index.row()) else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw heading, background, content, divider and focus."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRect(option.rect)
        pen = Pen(painter, option.font)
        heading = self.group(index.row())
        if heading:
            top = QRect(place.left() + MARGIN, place.top(), place.width() - 2 * MARGIN, GROUP)
            pen.text(top, heading, "text.secondary", size=12, weight=QFont.Weight.DemiBold)
            self._line(painter, place, place.top() + GROUP - 1)
            place.setTop(place.top() + GROUP)
        self._background(painter, option, place)
        cells = [
            QRect(r.left(), place.top(), r.width(), place.height())
            for r in lay_out(self.columns, place.left(), place.width())
        ]
        self.draw(pen, place, cells, index.data(Qt.ItemDataRole.UserRole))
        self._line(painter, place, place.bottom())
        self._focus(painter, option, place)
        painter.restore()

    def draw(self, pen: Pen, place: QRect, cells: list[QRect], value: object) -> None:
        """Draw the content of one row."""
        raise NotImplementedError

    @staticmethod
    def _line(painter: QPainter, place: QRect, y: int) -> None:
        painter.fillRect(QRect(place.left(), y, place.width(), 1), colour("line.subtle"))

    @staticmethod
    def _has_focus(option: QStyleOptionViewItem) -> bool:
        return option.widget.hasFocus()

    def _background(self, painter: QPainter, option: QStyleOptionViewItem, place: QRect) -> None:
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            focused = self._has_focus(option)
            painter.fillRect(place, colour("bg.selected" if focused else "bg.hover"))
            if focused:
                bar = QRect(place.left(), place.top(), 3, place.height() - 1)
                painter.fillRect(bar, colour("accent.fill"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, colour("bg.hover"))

    def _focus(self, painter: QPainter, option: QStyleOptionViewItem, place: QRect) -> None:
        if option.state & QStyle.StateFlag.State_Selected:
            return
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(place.adjusted(1, 1, -1, -2))


class RowView(QListView):
    """A list of painted rows: arrows move, Enter acts, hover shows."""

    def __init__(self, name: str, delegate: RowDelegate) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setItemDelegate(delegate)
        self._delegate = delegate
        delegate.setParent(self)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(400)

    def value(self) -> object:
        """Return the value of the current row, or None."""
        return self.currentIndex().data(Qt.ItemDataRole.UserRole)

    def select_row(self, row: int) -> None:
        """Make a row the current one."""
        if 0 <= row < self.model().rowCount():
            self.setCurrentIndex(self.model().index(row, 0))


class TableHead(QWidget):
    """The titles over painted columns."""

    def __init__(self, columns: tuple[Column, ...], view: QAbstractItemView) -> None:
        super().__init__()
        self._columns = columns
        self._view = view
        view.verticalScrollBar().rangeChanged.connect(lambda _low, _high: self.update())
        self.setFixedHeight(HEAD)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw titles and the line under them."""
        painter = QPainter(self)
        pen = Pen(painter, self.font())
        for place, column in zip(
            lay_out(self._columns, 0, self._view.viewport().width()), self._columns, strict=True
        ):
            cell = QRect(place.left(), 0, place.width(), HEAD)
            pen.text(cell, column.title, "text.secondary", size=12, weight=QFont.Weight.Medium)
        painter.fillRect(QRect(0, HEAD - 1, self.width(), 1), colour("line.subtle"))
