"""The phone page: a line to type a number, twelve keys, and the last calls."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from softphone.domain.contact import HistoryEntry
from softphone.ui.call_actions import CallActions
from softphone.ui.dispatcher import OnError
from softphone.ui.models.paging import PagedModel
from softphone.ui.pages.history_rows import RecentDelegate, describe_call
from softphone.ui.pages.page import Page
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, label, restyle
from softphone.ui.widgets.keypad import Keypad
from softphone.ui.widgets.marketing_strip import MarketingStrip
from softphone.ui.widgets.rows import RowView
from softphone.ui.widgets.states import StatePane, error_line
from softphone.ui.workplace import Workplace

RECENT = 30


class DialPad(QWidget):
    """The dial line, its keys and the button; says in words why a number cannot be called."""

    def __init__(self, work: Workplace, actions: CallActions, *, compact: bool = False) -> None:
        super().__init__()
        self._actions = actions
        self._typed = ""
        self.marketing = MarketingStrip(work, self.dial)
        self.line = QLineEdit()
        self.line.setAccessibleName(tr("Number or address"))
        self.line.setMaxLength(200)
        self.line.setProperty("large", True)
        self.line.returnPressed.connect(self.dial)
        self.line.textEdited.connect(lambda _text: self._show_problem(""))
        self.keypad = Keypad(44 if compact else 52)
        self.keypad.pressed.connect(self._digit)
        self.call = Button(tr("Call"), kind="go", icon="phone")
        self.call.setProperty("large", True)
        self.call.clicked.connect(self.dial)
        self.back = Button(kind="plain", icon="backspace", name=tr("Delete the last digit"))
        self.back.clicked.connect(self.line.backspace)
        self.problem = label("", "hold", wrap=True)
        self.problem.setVisible(False)
        title = label(tr("Number or address"), "label")
        title.setBuddy(self.line)
        row = QHBoxLayout()
        row.addWidget(self.line, 1)
        row.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(title)
        column.addLayout(row)
        column.addWidget(self.problem)
        column.addWidget(self.keypad)
        column.addWidget(self.call)
        column.addWidget(self.marketing)
        column.addStretch(1)

    def dial(self) -> None:
        """Call what stands in the line."""
        text = self.line.text().strip()
        if not text:
            self._show_problem(tr("Type a number or an address first."))
            return
        self._show_problem("")
        self._typed = text
        self.line.clear()
        if self.marketing.on:
            reason = self.marketing.take_reason()
            self._actions.dial_marketing(text, reason, self._failed, self.marketing.show_refused)
        else:
            self._actions.dial(text, self._failed)

    def _failed(self, error: Exception) -> None:
        if not self.line.text():
            self.line.setText(self._typed)
        self._show_problem(error_line(error))

    def _digit(self, digit: str) -> None:
        self.line.insert(digit)
        self._show_problem("")

    def _show_problem(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        wrong = bool(words)
        if bool(self.line.property("wrong")) != wrong:
            self.line.setProperty("wrong", wrong)
            restyle(self.line)


class PhonePage(Page):
    """Dial on the left, the last calls on the right; Enter or a double click calls again."""

    key = "phone"

    def __init__(self, work: Workplace, actions: CallActions) -> None:
        super().__init__(work, tr("Phone"))
        self._actions = actions
        self.pad = DialPad(work, actions)
        self.pad.setFixedWidth(288)
        self.model: PagedModel[HistoryEntry] = PagedModel(self._fetch, describe_call)
        self.recent = RowView(tr("Last calls"), RecentDelegate(work))
        self.recent.setModel(self.model)
        self.recent.activated.connect(self._again)
        self.recent_states = StatePane(self.recent, self.reload)
        self.model.loaded.connect(self._loaded)
        self.model.failed.connect(self.recent_states.show_error)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(4)
        title = label(tr("Last calls"), "label")
        title.setContentsMargins(24, 0, 0, 0)
        right.addWidget(title)
        right.addWidget(self.recent_states, 1)
        row = QHBoxLayout()
        row.setContentsMargins(24, 8, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.pad, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(right, 1)
        self.column.addLayout(row, 1)
        self.states = self.recent_states

    def reload(self) -> None:
        """Read the last calls again."""
        if not self.model.rowCount():
            self.recent_states.show_loading()
        self.model.reload()

    def activate(self) -> None:
        """Read again; the caret goes to the line when the page was chosen by key or click."""
        self.reload()
        self.pad.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def changed(self, kinds: frozenset[str]) -> None:
        """Follow new calls and changed names."""
        if kinds & {"calls", "contacts"}:
            self.model.reload()

    def _fetch(
        self,
        limit: int,
        offset: int,
        done: Callable[[list[HistoryEntry]], None],
        failed: OnError,
    ) -> None:
        desk = self.work.desk
        wanted = min(limit, max(0, RECENT - offset))
        self.work.ask(
            self,
            lambda: desk.calls.history("", wanted, offset) if wanted else [],
            done,
            failed,
        )

    def _loaded(self) -> None:
        if self.model.rowCount():
            self.recent_states.show_full()
            return
        self.recent_states.show_empty(
            "phone",
            tr("No calls yet"),
            tr("Calls you place and take appear here. Type a number and press Enter."),
        )

    def _again(self) -> None:
        entry = self.recent.value()
        if isinstance(entry, HistoryEntry):
            self._actions.dial(entry.number)
