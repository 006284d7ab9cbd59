"""All calls, newest first, by day."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from softphone.domain.contact import HistoryEntry
from softphone.ui.call_actions import CallActions
from softphone.ui.dispatcher import OnError
from softphone.ui.models.paging import PagedModel
from softphone.ui.pages.history_rows import HistoryDelegate, describe_call
from softphone.ui.pages.page import Page
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button
from softphone.ui.widgets.filter_line import FilterLine
from softphone.ui.widgets.rows import RowView, TableHead
from softphone.ui.workplace import Workplace


class HistoryPage(Page):
    """Search, day groups, endless scrolling; calling back is the main action."""

    key = "history"

    def __init__(self, work: Workplace, actions: CallActions) -> None:
        super().__init__(work, tr("History"))
        self._actions = actions
        self.call_back = Button(tr("Call back"), kind="main", icon="phone")
        self.call_back.setToolTip(tr("Call the selected person again (Enter)"))
        self.call_back.clicked.connect(self._call_back)
        self.set_main_action(self.call_back)
        self.search = FilterLine(tr("Find a name or number"))
        self.search.changed.connect(self.reload)
        self.filters.addWidget(self.search)
        self.filters.addStretch(1)
        self.model: PagedModel[HistoryEntry] = PagedModel(self._fetch, describe_call)
        self.model.loaded.connect(self._loaded)
        delegate = HistoryDelegate(work)
        delegate.group = self._group
        self.view = RowView(tr("Calls"), delegate)
        self.view.setModel(self.model)
        self.view.activated.connect(self._call_back)
        self.view.selectionModel().currentChanged.connect(lambda *_args: self._selected())
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(TableHead(delegate.columns, self.view))
        column.addWidget(self.view, 1)
        self.set_content(content)
        if self.states is not None:
            self.model.failed.connect(self.states.show_error)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.model.reload)
        self._selected()

    def reload(self) -> None:
        """Read the newest calls."""
        if self.states is not None and not (self.model.rowCount() and self.states.state == "full"):
            self.states.show_loading()
        self.model.reload()
        desk, text = self.work.desk, self.search.text()
        self.work.ask(
            self, lambda: desk.calls.history_count(text), self._counted, lambda _error: None
        )

    def changed(self, kinds: frozenset[str]) -> None:
        """Follow new calls, at most a few times a second."""
        if kinds & {"calls", "contacts"}:
            self._soon.start(200)

    def _fetch(
        self,
        limit: int,
        offset: int,
        done: Callable[[list[HistoryEntry]], None],
        failed: OnError,
    ) -> None:
        desk, text = self.work.desk, self.search.text()
        self.work.ask(
            self,
            lambda: desk.calls.history(text, limit, offset),
            done,
            failed,
        )

    def _group(self, row: int) -> str:
        entry, before = self.model.row(row), self.model.row(row - 1)
        if entry is None:
            return ""
        now, words = self.work.office.clock.now(), self.work.words
        day = words.day(entry.started_at, now)
        return day if before is None or words.day(before.started_at, now) != day else ""

    def _counted(self, count: int) -> None:
        self.subtitle.setText(counted(count, "{n} call", "{n} calls"))

    def _loaded(self) -> None:
        if self.states is None:
            return
        if self.model.rowCount():
            self.states.show_full()
            if not self.view.currentIndex().isValid():
                self.view.select_row(0)
        elif self.search.text():
            self.states.show_empty(
                "magnifying-glass",
                tr("No call matches"),
                tr("No name or number has a word that begins with what you typed."),
            )
        else:
            self.states.show_empty(
                "clock",
                tr("No calls yet"),
                tr("Every call you place, take or miss is kept here, with its notes."),
            )
        self._selected()

    def _selected(self) -> None:
        chosen = isinstance(self.view.value(), HistoryEntry)
        self.call_back.set_refused("" if chosen else tr("Select a call first."))

    def _call_back(self) -> None:
        entry = self.view.value()
        if isinstance(entry, HistoryEntry):
            self._actions.dial(entry.number)
