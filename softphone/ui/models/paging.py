"""A list of pages of 200 rows: read as it is scrolled, and forgotten again far from there."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from softphone.ui.dispatcher import OnError
from softphone.ui.translation import tr

T = TypeVar("T")
PAGE = 200
KEPT = 25
"""Pages in memory at most, whatever the length of the list."""
_WANTED = 4
"""Pages that are asked for at once while somebody drags the scroll bar; older wishes lapse."""
Index = QModelIndex | QPersistentModelIndex
Fetch = Callable[[int, int, Callable[[list[T]], None], OnError], None]
"""Asks for (limit, offset) and brings the rows or an error later."""
_ROOT = QModelIndex()


class PagedModel(QAbstractListModel, Generic[T]):
    """Rows by page. ``loaded`` follows the first page; ``failed`` carries an error.

    ``length`` tells from the first page how long the whole list is, where that can be known: then
    every row is there at once, and its page is read when it is looked at. Else the list grows as
    it is scrolled. The first page and the last row of each page stay in memory.
    """

    loaded = Signal()
    failed = Signal(object)

    def __init__(
        self,
        fetch: Fetch[T],
        describe: Callable[[T], str],
        length: Callable[[list[T]], int] = len,
    ) -> None:
        super().__init__()
        self._fetch = fetch
        self._describe = describe
        self._length = length
        self._pages: OrderedDict[int, list[T]] = OrderedDict()
        self._ends: dict[int, T] = {}
        self._count = 0
        self._more = False
        self._busy = False
        self._wanted: list[int] = []
        self._reading: int | None = None
        self._generation = 0

    def reload(self) -> None:
        """Start again from the newest row; what is shown stays until the new page is there."""
        self._generation += 1
        generation = self._generation
        wanted = 2 * PAGE if PAGE < self._count <= 2 * PAGE else PAGE
        self._busy = True
        self._fetch(
            wanted,
            0,
            lambda rows: self._replace(generation, rows, wanted),
            lambda error: self._fail(generation, error),
        )

    def row(self, position: int) -> T | None:
        """Return the value of a row; None for one that does not exist or is not in memory."""
        number, place = divmod(position, PAGE)
        page = self._pages.get(number)
        if page is not None:
            return page[place] if 0 <= place < len(page) else None
        return self._ends.get(number) if place == PAGE - 1 else None

    def find(self, wanted: Callable[[T], bool]) -> QModelIndex:
        """Return the first row in memory that matches, or an invalid index."""
        for number in sorted(self._pages):
            for place, value in enumerate(self._pages[number]):
                if wanted(value):
                    return self.index(number * PAGE + place)
        return QModelIndex()

    def in_memory(self) -> int:
        """Return how many rows are held."""
        return sum(len(page) for page in self._pages.values())

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return how many rows there are, as far as that is known."""
        return 0 if parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the value (UserRole) or its words; a row that is not there yet is asked for."""
        if not 0 <= index.row() < self._count:
            return None
        number = index.row() // PAGE
        if number in self._pages:
            self._pages.move_to_end(number)
        else:
            self._want(number)
        value = self.row(index.row())
        if role == Qt.ItemDataRole.UserRole:
            return value
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return tr("Loading") if value is None else self._describe(value)
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
            self._count,
            lambda rows: self._append(generation, rows),
            lambda error: self._fail(generation, error),
        )

    def _replace(self, generation: int, rows: list[T], wanted: int) -> None:
        if generation != self._generation:
            return
        self.beginResetModel()
        self._pages.clear()
        self._ends.clear()
        self._wanted.clear()
        self._reading = None
        for first in range(0, len(rows), PAGE):
            self._keep(first // PAGE, rows[first : first + PAGE])
        self._count = max(self._length(rows), len(rows))
        # What is missing is either known to be there, or has to be looked for.
        self._more = self._count == len(rows) >= wanted
        self._busy = False
        self.endResetModel()
        self.loaded.emit()

    def _append(self, generation: int, rows: list[T]) -> None:
        if generation != self._generation:
            return
        self._busy = False
        self._more = len(rows) >= PAGE
        if rows:
            first = self._count
            self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
            self._count += len(rows)
            self._keep(first // PAGE, rows)
            self.endInsertRows()

    def _keep(self, number: int, rows: list[T]) -> None:
        self._pages[number] = list(rows)
        if len(rows) == PAGE:
            self._ends[number] = rows[-1]
        while len(self._pages) > KEPT:
            oldest = next(known for known in self._pages if known)
            del self._pages[oldest]

    def _want(self, number: int) -> None:
        if number == self._reading:
            return
        if number in self._wanted:
            self._wanted.remove(number)
        self._wanted.append(number)
        del self._wanted[:-_WANTED]
        self._read()

    def _read(self) -> None:
        """Read the page wished for last, one at a time."""
        if self._reading is not None or not self._wanted:
            return
        number = self._reading = self._wanted.pop()
        generation = self._generation
        self._fetch(
            PAGE,
            number * PAGE,
            partial(self._came, generation, number),
            partial(self._fail, generation),
        )

    def _came(self, generation: int, number: int, rows: list[T]) -> None:
        if generation != self._generation:
            return
        self._reading = None
        if rows:
            self._keep(number, rows)
            last = min(number * PAGE + len(rows), self._count) - 1
            self.dataChanged.emit(self.index(number * PAGE), self.index(last))
        self._read()

    def _fail(self, generation: int, error: Exception) -> None:
        if generation != self._generation:
            return
        self._busy = False
        self._more = False
        self._reading = None
        self._wanted.clear()
        self.failed.emit(error)
