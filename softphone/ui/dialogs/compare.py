"""Calls of a PBX that left no entry: what was compared, and which are missing."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QVBoxLayout, QWidget

from softphone.app.numbers import display
from softphone.domain.pbx import Comparison, PbxCall
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, Sign, label
from softphone.ui.workplace import Workplace


class CompareDialog(QDialog):
    """One sentence, then the calls without an entry."""

    def __init__(self, work: Workplace, found: Comparison, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._work = work
        self.setWindowTitle(tr("Compare with call records"))
        self.setMinimumSize(520, 320)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(tr("Compare with call records"), "title"))
        column.addWidget(self._sentence(found))
        self.rows = QListWidget()
        self.rows.setAccessibleName(tr("Calls without an entry"))
        self.rows.addItems([self._words(call) for call in found.missing])
        self.rows.setVisible(bool(found.missing))
        column.addWidget(self.rows, 1)
        if found.unread:
            lines = ", ".join(str(line) for line in found.unread[:20])
            words = tr("These lines could not be read: {lines}", lines=lines)
            column.addWidget(Sign("warning", words, "hold.text", wrap=True))
        if not found.missing:
            column.addStretch(1)
        close = Button(tr("Close"))
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        column.addLayout(foot)

    def _sentence(self, found: Comparison) -> Sign:
        if not found.missing:
            words = counted(
                found.calls,
                "The call of the PBX has its entry.",
                "All {n} calls of the PBX have their entries.",
            )
            return Sign("check", words, wrap=True)
        words = counted(
            len(found.missing),
            "{n} of {total} calls of the PBX has no entry on this workstation.",
            "{n} of {total} calls of the PBX have no entry on this workstation.",
            total=found.calls,
        )
        return Sign("warning", words, "hold.text", wrap=True)

    def _words(self, call: PbxCall) -> str:
        numbers = ", ".join(display(number) for number in call.numbers)
        return f"{self._work.words.full(call.started_at)}  {numbers}"
