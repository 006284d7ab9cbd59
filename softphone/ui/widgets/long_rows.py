"""Painted rows for lists of a million: one height for all, and no row is asked for unseen.

A list view lays out every row by asking the model for it, again at each change; a table of one
column multiplies.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from softphone.ui.widgets.rows import RowDelegate


class LongView(QTableView):
    """Behaves as a list of painted rows: arrows move, Enter acts, hover shows."""

    def __init__(self, name: str, delegate: RowDelegate) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setItemDelegate(delegate)
        delegate.setParent(self)
        self.setMouseTracking(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        rows = self.verticalHeader()
        for header in (self.horizontalHeader(), rows):
            header.setAccessibleName(name)
        rows.hide()
        rows.setMinimumSectionSize(delegate.height)
        rows.setDefaultSectionSize(delegate.height)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def value(self) -> object:
        """Return the value of the current row, or None."""
        return self.currentIndex().data(Qt.ItemDataRole.UserRole)

    def select_row(self, row: int) -> None:
        """Make a row the current one."""
        if 0 <= row < self.model().rowCount():
            self.setCurrentIndex(self.model().index(row, 0))
