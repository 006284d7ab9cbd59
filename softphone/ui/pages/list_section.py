"""A section that is a list: title and lead, actions, rows in the four states."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from softphone.app.desk import Desk
from softphone.ui.dispatcher import OnError
from softphone.ui.pages.section import Section
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, label
from softphone.ui.widgets.line_list import Line, LineList
from softphone.ui.widgets.notice import Notice
from softphone.ui.widgets.states import StatePane
from softphone.ui.workplace import Workplace


class ListSection(Section):
    """Base: subclasses say which lines there are and what opening one does."""

    kinds: frozenset[str] = frozenset({"registers"})
    """Changes of these kinds are read at once."""
    row_height = 56

    def __init__(self, work: Workplace, notice: Notice, title: str, lead: str) -> None:
        super().__init__(work, notice, title)
        self.head = QHBoxLayout()
        self.head.setContentsMargins(24, 8, 24, 4)
        self.head.setSpacing(8)
        self.head.addWidget(label(title, "card"))
        self.head.addStretch(1)
        self.list = LineList(title, self._fetch, self.row_height)
        self.list.activated.connect(lambda _index: self.open_chosen())
        self.states = StatePane(self.list, self.activate)
        self.list.lines.loaded.connect(self._loaded)
        self.list.lines.failed.connect(self.states.show_error)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addLayout(self.head)
        self.lead = label(lead, "secondary", wrap=True)
        self.lead.setContentsMargins(24, 0, 24, 8)
        self.column.addWidget(self.lead)
        self.body = QHBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self.body.addWidget(self.states, 1)
        self.column.addLayout(self.body, 1)

    def add_action(self, button: Button) -> Button:
        """Put a button at the right of the title; the main one comes last."""
        self.head.addWidget(button)
        return button

    def activate(self) -> None:
        """Read the rows."""
        if not (self.list.lines.rowCount() and self.states.state == "full"):
            self.states.show_loading()
        self.list.lines.reload()

    def changed(self, kinds: frozenset[str]) -> None:
        """Read again what changed."""
        if kinds & self.kinds:
            self.list.lines.reload()

    def lines(self, limit: int, offset: int) -> list[Line]:
        """Return rows; runs on the lane."""
        raise NotImplementedError

    def empty(self) -> tuple[str, str, str]:
        """Return icon, title and text for when there is nothing."""
        raise NotImplementedError

    def open_chosen(self) -> None:
        """Open the chosen row."""

    def ask(
        self, work: Callable[[], object], done: str = "", then: Callable[[], None] | None = None
    ) -> None:
        """Do something on the lane and say in the notice that it is done, or why not."""
        self.work.ask(self, work, self._finished(done, then), self.notice.show_error)

    def ask_aside(self, work: Callable[[Desk], object], done: str) -> None:
        """Do what takes long beside the lane, and say in the notice that it is done, or why not."""
        self.work.ask_aside(self, work, self._finished(done, None), self.notice.show_error)

    def _finished(self, done: str, then: Callable[[], None] | None) -> Callable[[object], None]:
        def finished(_value: object) -> None:
            if done:
                self.notice.show_done(done)
            if then is not None:
                then()

        return finished

    def _fetch(
        self, limit: int, offset: int, done: Callable[[list[Line]], None], failed: OnError
    ) -> None:
        self.work.ask(self, lambda: self.lines(limit, offset), done, failed)

    def _loaded(self) -> None:
        if self.list.lines.rowCount():
            self.states.show_full()
            if not self.list.currentIndex().isValid():
                self.list.select_row(0)
        else:
            self.states.show_empty(*self.empty())


def where(path: Path) -> str:
    """Say where a finished file is."""
    return tr("Written to {file}", file=path)
