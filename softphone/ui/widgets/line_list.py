"""A list of two-line rows: what, more about it, and at the right how it stands, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtGui import QFont

from softphone.ui.dispatcher import OnError
from softphone.ui.models.paging import PagedModel
from softphone.ui.widgets.rows import Column, Pen, RowDelegate, RowView


@dataclass(frozen=True, slots=True)
class Line:
    """One row. ``value`` is what the row is about."""

    title: str
    detail: str
    state: str
    icon: str
    value: object
    role: str = "text.secondary"

    @property
    def words(self) -> str:
        """The row as a screen reader says it."""
        return ", ".join(part for part in (self.title, self.detail, self.state) if part)


class LineDelegate(RowDelegate):
    """Title over detail; the state with its sign at the right."""

    def __init__(self, height: int = 56) -> None:
        super().__init__(height, (Column("", 200, 3.0), Column("", 150, 1.4)))

    def draw(self, pen: Pen, place: QRect, cells: list[QRect], value: object) -> None:
        """Draw one row."""
        if not isinstance(value, Line):
            return
        what, state = cells
        upper = QRect(what.left(), place.top() + 6, what.width(), 24)
        lower = QRect(what.left(), place.top() + 28, what.width(), place.height() - 36)
        pen.text(upper, value.title, weight=QFont.Weight.Medium)
        if lower.height() > 24:
            pen.paragraph(lower, value.detail, "text.secondary", size=12)
        else:
            pen.text(lower, value.detail, "text.secondary", size=12)
        pen.icon(state, value.icon, value.role)
        pen.text(state.adjusted(22, 0, 0, 0), value.state, value.role)


Fetch = Callable[[int, int, Callable[[list[Line]], None], OnError], None]


class LineList(RowView):
    """The list with its model. Enter or a double click opens a row."""

    def __init__(self, name: str, fetch: Fetch, height: int = 56) -> None:
        super().__init__(name, LineDelegate(height))
        self.lines: PagedModel[Line] = PagedModel(fetch, lambda line: line.words)
        self.setModel(self.lines)

    def chosen(self) -> object:
        """Return what the current row is about, or None."""
        line = self.value()
        return line.value if isinstance(line, Line) else None
