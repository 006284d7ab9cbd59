"""Numbered notes of a recording; choosing one goes to its moment."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from softphone.domain.contact import Note
from softphone.ui.models.paging import Index
from softphone.ui.theme.theme import colour
from softphone.ui.translation import tr
from softphone.ui.widgets.rows import Pen
from softphone.ui.words import length
from softphone.ui.workplace import Workplace

_ROOT = QModelIndex()
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self._notes: Sequence[Note] = ()

    def show(self, notes: Sequence[Note]) -> None:
        """Replace all notes."""
        self.beginResetModel()
        self._notes = notes
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return how many there are."""
        return 0 if parent.isValid() else len(self._notes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the note (UserRole) or its words."""
        if not 0 <= index.row() < len(self._notes):
            return None
        note = self._notes[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return note
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{length(note.at_ms or 0)}, {note.author_name}: {note.text}"
        return None


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return room for all lines of the note."""
        note: Note = index.data(Qt.ItemDataRole.UserRole)
        width = max(60, option.rect.width() or 220) - 24
        metrics = QFontMetrics(option.font)
        text = metrics.boundingRect(QRect(0, 0, width, 10_000), _WRAP, note.text)
        return QSize(width, text.height() + 36)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw number, moment, author, text."""
        note: Note = index.data(Qt.ItemDataRole.UserRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRect(option.rect)
        state = option.state
        if state & QStyle.StateFlag.State_Selected or state & QStyle.StateFlag.State_MouseOver:
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("bg.selected" if chosen else "bg.hover"))
            painter.drawRoundedRect(place.adjusted(0, 1, 0, -1), 8, 8)
        pen = Pen(painter, option.font)
        bold = QFont.Weight.DemiBold
        top = QRect(place.left() + 12, place.top() + 6, place.width() - 24, 18)
        used = pen.text(top, f"{index.row() + 1}  {length(note.at_ms or 0)}", size=12, weight=bold)
        author = note.author_name.split(" ")[0]
        pen.text(top.adjusted(used + 8, 0, 0, 0), author, "text.secondary", size=12)
        painter.setFont(pen.font())
        painter.setPen(colour("text.primary"))
        body = QRect(place.left() + 12, place.top() + 26, place.width() - 24, place.height() - 28)
        painter.drawText(body, _WRAP, note.text)
        painter.restore()


class NoteList(QListView):
    """``chosen`` carries the moment in ms of audio."""

    chosen = Signal(int)

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self._model = _Model()
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(self))
        self.setAccessibleName(tr("Notes of this recording"))
        self.setMouseTracking(True)
        self.setWordWrap(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.clicked.connect(self._go)
        self.activated.connect(self._go)

    def show_notes(self, notes: Sequence[Note]) -> None:
        """Replace all notes."""
        self._model.show(notes)

    def _go(self, index: QModelIndex) -> None:
        note = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(note, Note):
            self.chosen.emit(note.at_ms or 0)
