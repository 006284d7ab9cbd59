"""The last calls with the same number."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from softphone.domain.contact import HistoryEntry
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import ElidedLabel, clear, label
from softphone.ui.words import DISPOSITIONS
from softphone.ui.workplace import Workplace

SHOWN = 2


class Earlier(QWidget):
    """Day, what it was about, and who spoke."""

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self._number = ""
        self._hidden = False
        self._entries: list[HistoryEntry] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 3)
        self._grid.setColumnStretch(2, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label(tr("Earlier"), "label"))
        column.addLayout(self._grid)
        self.setVisible(False)

    def set_hidden_by_shape(self, hidden: bool) -> None:
        """Give way in the phone shape."""
        self._hidden = hidden
        self.setVisible(bool(self._entries) and not hidden)

    def show_number(self, number: str) -> None:
        """Look the number's last calls up."""
        if number == self._number:
            return
        self._number = number
        self._entries = []
        self.setVisible(False)
        if number:
            desk = self._work.desk
            self._work.ask(
                self,
                lambda: desk.calls.history(number, SHOWN, 0),
                lambda found: self._found(number, found),
            )

    def _found(self, number: str, entries: list[HistoryEntry]) -> None:
        if number != self._number:
            return
        self._entries = entries
        clear(self._grid)
        now = self._work.office.clock.now()
        for row, entry in enumerate(entries):
            about = tr(entry.wrap_up) if entry.wrap_up else tr(DISPOSITIONS[entry.disposition])
            mine = entry.agent_name == self._work.rights.name
            who = tr("You") if mine else entry.agent_name
            when = label(self._work.words.when(entry.started_at, now), "secondary")
            self._grid.addWidget(when, row, 0)
            self._grid.addWidget(ElidedLabel(about), row, 1)
            name = ElidedLabel(who, "secondary")
            name.setMinimumWidth(84)
            self._grid.addWidget(name, row, 2)
        self.setVisible(bool(entries) and not self._hidden)
