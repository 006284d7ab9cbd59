"""The list of purposes: what data is used for."""

from __future__ import annotations

import re
import unicodedata

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from softphone.domain.consent import Purpose
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, label
from softphone.ui.widgets.states import error_line
from softphone.ui.widgets.switch import Switch
from softphone.ui.workplace import Workplace


class PurposeDialog(QDialog):
    """One line a purpose; an empty title takes it off the list."""

    def __init__(self, work: Workplace, purposes: list[Purpose], parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._work = work
        self.lines: list[tuple[str, str, QLineEdit, Switch]] = []
        self.setWindowTitle(tr("Purposes"))
        self.setMinimumWidth(520)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        for purpose in (*purposes, Purpose("", "")):
            self._add(purpose)
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        save = Button(tr("Save"), kind="main", icon="check")
        save.clicked.connect(self.submit)
        cancel = Button(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(save)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(tr("What data is used for"), "title"))
        hint = tr("An empty line takes a purpose off the list; what was recorded for it stays.")
        column.addWidget(label(hint, "secondary", wrap=True))
        column.addLayout(self._rows)
        column.addWidget(self.problem)
        column.addLayout(foot)

    def submit(self) -> None:
        """Save the list; new purposes get their short word from the title."""
        wanted = [
            Purpose(
                key or _key(line.text()),
                title if key and line.text().strip() == tr(title) else line.text().strip(),
                switch.isChecked(),
            )
            for key, title, line, switch in self.lines
            if line.text().strip()
        ]
        consents = self._work.desk.consents
        self._work.ask(
            self,
            lambda: consents.save_purposes(wanted),
            lambda _none: self.accept(),
            self._failed,
        )

    def _add(self, purpose: Purpose) -> None:
        line = QLineEdit(tr(purpose.title) if purpose.title else "")
        line.setAccessibleName(tr("Purpose"))
        line.setPlaceholderText(tr("Another purpose"))
        line.setMaxLength(80)
        switch = Switch(tr("Asked in calls"))
        switch.setChecked(purpose.in_call)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(line, 1)
        row.addWidget(switch)
        self._rows.addLayout(row)
        self.lines.append((purpose.key, purpose.title, line, switch))

    def _failed(self, error: Exception) -> None:
        self.problem.set("warning", error_line(error), "hold.text")
        self.problem.setVisible(True)


def _key(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title.casefold())
    return re.sub("[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")[:40]
