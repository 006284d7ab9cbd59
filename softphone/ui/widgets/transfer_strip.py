"""Passing a caller on: to a number at once, after asking there, or all three together."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from softphone.domain.call import TRANSFER_STEPS, Call
from softphone.ui.call_actions import CallActions
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign
from softphone.ui.widgets.states import error_line
from softphone.ui.widgets.transfer_picker import TransferPicker
from softphone.ui.words import transfer_words
from softphone.ui.workplace import Workplace


class TransferStrip(QWidget):
    """A line for whom, and the ways to get there; a problem is said below it."""

    asked = Signal()
    """Somebody was called first: their answer decides what comes next."""

    def __init__(self, work: Workplace, actions: CallActions) -> None:
        super().__init__()
        self.picker = TransferPicker(work, self)
        self.picker.chosen.connect(self._chosen)
        self._actions = actions
        self._other: str | None = None
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("Name, number or address"))
        self.line.setAccessibleName(tr("Transfer to"))
        self.line.returnPressed.connect(self._ask_first)
        self.line.textEdited.connect(self.picker.search)
        self.ask_first = Button(
            tr("Ask first"), kind="main", tip=tr("Hold, and call there (Enter)")
        )
        self.ask_first.clicked.connect(self._ask_first)
        self.send = Button(tr("Send at once"), tip=tr("Transfer without asking there"))
        self.send.clicked.connect(self._send)
        self.connect_both = Button(
            tr("Connect them"), kind="main", tip=tr("Connect both, and leave")
        )
        self.connect_both.clicked.connect(lambda: actions.connect_both(self._failed))
        self.together = Button(tr("Talk together"), tip=tr("All three hear each other"))
        self.together.clicked.connect(actions.conference)
        self.problem = Sign(small=True)
        self.problem.text.setWordWrap(True)
        self._first = self._row(self.ask_first, self.send)
        self._second = self._row(self.connect_both, self.together)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.line, self.picker, self._first, self._second, self.problem):
            column.addWidget(part)
        self.problem.setVisible(False)

    def _row(self, *buttons: Button) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for button in buttons:
            row.addWidget(button, 1)
        return holder

    def show_call(self, call: Call, *, wanted: bool) -> None:
        """Show what can be done now: ask or send (``wanted``), connect whoever is on hold."""
        held = self._actions.on_hold
        self._second.setVisible(held is not None and not call.conference)
        if held is not None:
            names = {"one": self._actions.name(held), "other": self._actions.name(call)}
            self.connect_both.setToolTip(tr("Connect {one} and {other}, and leave", **names))
        self._first.setVisible(wanted)
        self.line.setVisible(wanted)
        self.picker.setVisible(wanted and bool(self.picker.rows))
        if call.transfer:
            failed = call.transfer not in TRANSFER_STEPS
            self._say("warning" if failed else "arrow-bend-up-right", transfer_words(call))

    def _chosen(self, target: str) -> None:
        self.line.setText(target)
        self.line.setFocus()

    def _ask_first(self) -> None:
        text = self.line.text().strip()
        if text:
            self._actions.ask_first(text, self._asked, self._failed)

    def _send(self) -> None:
        text = self.line.text().strip()
        if text:
            self._actions.transfer(text, self._clear, self._failed)

    def _asked(self) -> None:
        self._clear()
        self.asked.emit()

    def _clear(self) -> None:
        self.line.clear()
        self.picker.search("")
        self.problem.setVisible(False)

    def _failed(self, error: Exception) -> None:
        self._say("warning", error_line(error))

    def _say(self, icon: str, words: str) -> None:
        self.problem.set(icon, words, "hold.text")
        self.problem.setVisible(True)
