"""A list that grows by pages of 200 rows as it is scrolled; it never loads all rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from softphone.ui.dispatcher import OnError

T = TypeVar("T")
PAGE = 200
Index = QModelIndex | QPersistentModelIndex
Fetch = Callable[[int, int, Callable[[list[T]], None], OnError], None]
"""Asks for (limit, offset) and brings the rows or an error later."""
_ROOT = QModelIndex()


class PagedModel(QAbstractListModel, Generic[T]):
    """Rows by page. ``loaded`` follows the first page; ``failed`` carries an error."""

    loaded = Signal()
    failed = Signal(object)

    def __init__(self, fetch: Fetch[T], describe: Callable[[T], str]) -> None:
        super().__init__()
        self._fetch = fetch
        self._describe = describe
        self._rows: list[T] = []
        self._more = False
        self._busy = False
        self._generation = 0

    def reload(self) -> None:
        """Start again from the newest row; what is shown stays until the new page is there."""
        self._generation += 1
        generation = self._generation
        wanted = max(PAGE, len(self._rows)) if len(self._rows) < 2 * PAGE else PAGE
        self._busy = True
        self._fetch(
            wanted,
            0,
            lambda rows: self._replace(generation, rows, wanted),
            lambda error: self._fail(generation, error),
        )

    def row(self, position: int) -> T | None:
        """Return the value of a row, or None."""
        return self._rows[position] if 0 <= position < len(self._rows) else None

    def find(self, wanted: Callable[[T], bool]) -> QModelIndex:
        """Return the first loaded row that matches, or an invalid index."""
        for position, value in enumerate(self._rows):
            if wanted(value):
                return self.index(position)
        return QModelIndex()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return how many rows are loaded."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the value (UserRole) or its words."""
        value = self.row(index.row())
        if value is None:
            return None
        if role == Qt.ItemDataRole.UserRole:
            return value
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._describe(value)
        return None

    def canFetchMore(self, parent: Index) -> bool:
        """Say whether older rows may exist."""
        return self._more and not self._busy and not parent.isValid()

    def fetchMore(self, _parent: Index) -> None:
        """Ask for the next page."""
        if not self._more or self._busy:
            return
        self._busy = True
        generation = self._generation
        self._fetch(
            PAGE,
            len(self._rows),
            lambda rows: self._append(generation, rows),
            lambda error: self._fail(generation, error),
        )

    def _replace(self, generation: int, rows: list[T], wanted: int) -> None:
        if generation != self._generation:
            return
        self.beginResetModel()
        self._rows = list(rows)
        self._more = len(rows) >= wanted
        self._busy = False
        self.endResetModel()
        self.loaded.emit()

    def _append(self, generation: int, rows: list[T]) -> None:
        if generation != self._generation:
            return
        self._busy = False
        self._more = len(rows) >= PAGE
        if rows:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
            self._rows.extend(rows)
            self.endInsertRows()

    def _fail(self, generation: int, error: Exception) -> None:
        if generation != self._generation:
            return
        self._busy = False
        self._more = False
        self.failed.emit(error)
