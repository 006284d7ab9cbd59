"""Whom to pass a caller on to: colleagues with their lines, and contacts that fit what is typed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from softphone.app.numbers import display
from softphone.app.state import PhoneState
from softphone.domain.agent import LineState
from softphone.domain.contact import Contact
from softphone.ui.theme.icons import icon
from softphone.ui.translation import tr
from softphone.ui.workplace import Workplace

LINE_WORDS: dict[LineState, tuple[str, str, str]] = {
    LineState.FREE: ("Free", "check", "go.text"),
    LineState.RINGING: ("Ringing", "bell", "hold.text"),
    LineState.BUSY: ("On a call", "phone-call", "stop.text"),
    LineState.UNKNOWN: ("State not known", "circle", "text.secondary"),
}
"""Words, icon and colour of a watched line."""
MOST = 5
ROW = 28
PAUSE_MS = 150


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row: a name, and what is dialled."""

    name: str
    target: str
    line: LineState | None = None


class TransferPicker(QWidget):
    """Emits what was chosen; colleagues come first, free ones before busy ones."""

    chosen = Signal(str)

    def __init__(self, work: Workplace, parent: QWidget) -> None:
        super().__init__(parent)
        self._work = work
        self._text = ""
        self._contacts: tuple[Contact, ...] = ()
        self.rows: tuple[Candidate, ...] = ()
        self.list = QListWidget()
        self.list.setIconSize(QSize(16, 16))  # what the style takes for it blurs them at 200 %
        self.list.setAccessibleName(tr("Colleagues and contacts"))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemActivated.connect(self._take)
        self.list.itemClicked.connect(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(PAUSE_MS)
        self._wait.timeout.connect(self._ask)
        work.store.changed.connect(self._refresh)
        self._refresh(work.store.state)

    def search(self, text: str) -> None:
        """Show who fits a text; contacts are asked for after a moment without typing."""
        self._text = text.strip()
        self._contacts = ()
        self._wait.start()
        self._refresh(self._work.store.state)

    def _ask(self) -> None:
        text = self._text
        if not text:
            return
        people = self._work.desk.people
        self._work.ask(
            self,
            lambda: tuple(people.contacts(text, MOST, 0)),
            lambda found: self._found(text, found),
        )

    def _found(self, text: str, contacts: tuple[Contact, ...]) -> None:
        if text == self._text:
            self._contacts = contacts
            self._refresh(self._work.store.state)

    def _refresh(self, state: PhoneState) -> None:
        wanted = self._text.casefold()
        order = (LineState.FREE, LineState.UNKNOWN, LineState.RINGING, LineState.BUSY)
        colleagues = [
            Candidate(c.name, c.address, state.lines.get(c.address, LineState.UNKNOWN))
            for c in self._work.rights.calls.colleagues
            if wanted in c.name.casefold() or wanted in c.address.casefold()
        ]
        colleagues.sort(key=lambda c: order.index(c.line or LineState.UNKNOWN))
        contacts = [Candidate(c.name, c.numbers[0]) for c in self._contacts if c.numbers]
        rows = tuple([*colleagues, *contacts][:MOST])
        if rows != self.rows:
            self.rows = rows
            self._draw()
        self.setVisible(bool(rows))

    def _draw(self) -> None:
        self.list.clear()
        for row in self.rows:
            item = QListWidgetItem()
            if row.line is None:
                item.setText(f"{row.name} · {display(row.target)}")
                item.setIcon(icon("user", "text.secondary", 16))
            else:
                words, sign, tint = LINE_WORDS[row.line]
                item.setText(f"{row.name} · {tr(words)}")
                item.setIcon(icon(sign, tint, 16))
            item.setSizeHint(QSize(0, ROW))
            item.setToolTip(display(row.target))
            item.setData(Qt.ItemDataRole.UserRole, row.target)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, item.text())
            self.list.addItem(item)
        self.list.setFixedHeight(ROW * max(1, len(self.rows)) + 4)

    def _take(self, item: QListWidgetItem) -> None:
        self.chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))
