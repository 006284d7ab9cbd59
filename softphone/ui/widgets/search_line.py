"""One line to search, dial and command; results hang under it and never move the page."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from softphone.ui.announce import announce
from softphone.ui.models.search import Finder, Found, FoundModel, Hits, Index, look_up
from softphone.ui.theme.theme import colour
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Glyph, key_cap, label
from softphone.ui.widgets.rows import Pen
from softphone.ui.workplace import Workplace

ASK_AFTER_MS = 120
ROW = 36
_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class _Delegate(QStyledItemDelegate):
    def __init__(self, line: SearchLine) -> None:
        super().__init__(line)
        self._line = line

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        """Leave room for the line between groups."""
        first = self._line.model.begins_group(index.row()) and index.row() > 0
        return QSize(200, ROW + (9 if first else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw group, icon, words with what was typed in bold, and what Enter does."""
        found: Found = index.data(Qt.ItemDataRole.UserRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place, pen = QRect(option.rect), Pen(painter, option.font)
        begins = self._line.model.begins_group(index.row())
        if begins and index.row():
            painter.fillRect(place.left(), place.top() + 4, place.width(), 1, colour("line.subtle"))
            place.setTop(place.top() + 9)
        wide = place.width() >= 440
        left = 112 if wide else 8
        if begins and wide:
            pen.text(QRect(16, place.top(), 92, ROW), found.group, "text.secondary")
        box = QRect(left, place.top(), place.width() - left - 8, ROW)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("bg.selected"))
            painter.drawRoundedRect(box, 8, 8)
        pen.icon(box.adjusted(10, 0, 0, 0), found.icon, "text.secondary")
        hint = found.hint
        metrics = QFontMetrics(pen.font())
        hint_width = min(metrics.horizontalAdvance(hint) + 4, box.width() // 2)
        right = QRect(box.right() - hint_width - 10, box.top(), hint_width, ROW)
        pen.text(right, hint, "text.secondary", right=True)
        words = QRect(box.left() + 38, box.top(), right.left() - box.left() - 46, ROW)
        used = self._title(pen, words, found.title)
        rest = words.adjusted(used + 8, 0, 0, 0)
        pen.text(rest, found.detail, "text.secondary")
        painter.restore()

    def _title(self, pen: Pen, place: QRect, title: str) -> int:
        typed = self._line.edit.text().strip()
        at = title.casefold().find(typed.casefold()) if typed else -1
        if at < 0:
            return pen.text(place, title)
        used = pen.text(place, title[:at])
        bold = QFont.Weight.DemiBold
        middle = title[at : at + len(typed)]
        used += pen.text(place.adjusted(used, 0, 0, 0), middle, weight=bold)
        return used + pen.text(place.adjusted(used, 0, 0, 0), title[at + len(typed) :])


class SearchLine(QWidget):
    """The field; its results are an overlay in the same window."""

    def __init__(self, work: Workplace, finder: Finder, overlay: QWidget) -> None:
        super().__init__()
        self._work = work
        self._finder = finder
        self._generation = 0
        self._asking = False
        self._enter_waits = False
        self._overlay = overlay
        self.model = FoundModel()
        self.edit = QLineEdit()
        self.edit.setObjectName("searchLine")
        self.edit.setPlaceholderText(tr("Name, number or command"))
        self.edit.setAccessibleName(tr("Search, dial or command"))
        self.edit.setToolTip(tr("Search, dial or command (Ctrl+K)"))
        self.edit.setMaxLength(200)
        self.edit.textEdited.connect(self._typed)
        self.edit.installEventFilter(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.edit)
        self._glyph = Glyph("magnifying-glass")
        self._glyph.setParent(self.edit)
        self._count = label("", "small")
        self._count.setParent(self.edit)
        self._cap = key_cap(tr("Ctrl+K"))
        self._cap.setParent(self.edit)
        for part in (self._glyph, self._count, self._cap):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._make_popup(overlay)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(ASK_AFTER_MS)
        self._timer.timeout.connect(self._ask)

    def start(self, text: str = "") -> None:
        """Take the focus, with ``text`` typed in when given."""
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if text:
            self.edit.setText(text)
            self._typed(text)
        else:
            self.edit.selectAll()

    def close_results(self) -> None:
        """Hide the results and forget what was typed."""
        self._generation += 1
        self._asking = self._enter_waits = False
        self._timer.stop()
        self.edit.clear()
        self.popup.hide()
        self._show_count(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up, Down, Enter and Esc work the results while the caret stays in the line."""
        if watched is self.edit and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (
                Qt.KeyboardModifier.NoModifier,
                Qt.KeyboardModifier.KeypadModifier,
            )
            if event.type() is QEvent.Type.KeyPress and event.key() in _KEYS and plain:
                self._key(event.key())
                return True
        if watched is self.edit and event.type() is QEvent.Type.FocusOut:
            self.popup.hide()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the signs inside the field at their place."""
        super().resizeEvent(event)
        self._place_signs()

    def _make_popup(self, overlay: QWidget) -> None:
        self.popup = QFrame(overlay)
        self.popup.setObjectName("popup")
        self.view = QListView()
        self.view.setModel(self.model)
        self.view.setItemDelegate(_Delegate(self))
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setAccessibleName(tr("Results"))
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.clicked.connect(lambda index: self._run(index.row()))
        self._nothing = label("", "secondary", wrap=True)
        self._nothing.setContentsMargins(16, 8, 16, 8)
        foot = label(tr("Up, Down choose   Enter does it   Esc close"), "small")
        foot.setContentsMargins(16, 4, 16, 4)
        column = QVBoxLayout(self.popup)
        column.setContentsMargins(1, 8, 1, 8)
        column.setSpacing(4)
        column.addWidget(self._nothing)
        column.addWidget(self.view, 1)
        column.addWidget(foot)
        self.popup.hide()

    def _key(self, key: int) -> None:
        if key == Qt.Key.Key_Escape:
            self.close_results()
            return
        row = self.view.currentIndex().row()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(max(row, 0))
            return
        step = 1 if key == Qt.Key.Key_Down else -1
        self._choose(row + step)

    def _choose(self, row: int) -> None:
        rows = self.model.rowCount()
        if not rows:
            return
        index = self.model.index(row % rows, 0)
        self.view.setCurrentIndex(index)
        announce(self.edit, str(index.data(Qt.ItemDataRole.AccessibleTextRole)))

    def _run(self, row: int) -> None:
        if self._timer.isActive() or self._asking:
            self._enter_waits = True
            self._timer.stop()
            self._ask()
            return
        rows = self.model.rows()
        if not self.edit.text().strip() or not 0 <= row < len(rows):
            return
        run = rows[row].run
        self.close_results()
        if run is not None:
            run()

    def _typed(self, text: str) -> None:
        self._generation += 1
        self._asking = self._enter_waits = False
        if not text.strip():
            self.popup.hide()
            self._show_count(None)
            self._timer.stop()
            return
        self._timer.start()

    def _ask(self) -> None:
        self._generation += 1
        generation, text = self._generation, self.edit.text().strip()
        self._asking = True

        def show(hits: Hits) -> None:
            if generation == self._generation:
                self._asking = False
                self._show(hits)

        self._work.ask(self, lambda: look_up(self._work, text), show, lambda _error: show(Hits()))

    def _show(self, hits: Hits) -> None:
        text = self.edit.text().strip()
        if not text:
            return
        self.model.show(self._finder.results(text, hits))
        rows = self.model.rowCount()
        self._nothing.setText(
            "" if rows else tr("Nothing found. Type a number to call it, or a command.")
        )
        self._nothing.setVisible(not rows)
        self.view.setVisible(rows > 0)
        self._show_count(rows)
        if rows:
            self.view.setCurrentIndex(self.model.index(0, 0))
        self._place_popup()
        self.popup.show()
        self.popup.raise_()
        if self._enter_waits:
            self._enter_waits = False
            self._run(0)

    def _place_popup(self) -> None:
        overlay = self._overlay
        at = self.edit.mapTo(overlay, QPoint(0, self.edit.height() + 6))
        rows = range(self.model.rowCount())
        gaps = sum(9 for row in rows if row and self.model.begins_group(row))
        height = (len(rows) * ROW + gaps + 4) if rows else 44
        room = overlay.height() - at.y() - 16
        self.popup.setGeometry(at.x(), at.y(), self.edit.width(), min(height + 48, room))

    def _show_count(self, rows: int | None) -> None:
        self._cap.setText(tr("Ctrl+K") if rows is None else tr("Esc"))
        self._count.setText("" if rows is None else counted(rows, "{n} result", "{n} results"))
        self._place_signs()

    def _place_signs(self) -> None:
        height, width = self.edit.height(), self.edit.width()
        self._glyph.move(14, (height - self._glyph.height()) // 2)
        self._cap.adjustSize()
        self._count.adjustSize()
        left = width - self._cap.width() - 10
        self._cap.move(left, (height - self._cap.height()) // 2)
        self._count.move(left - self._count.width() - 8, (height - self._count.height()) // 2)
        self._count.setVisible(width >= 400)
