"""Texts that the signed-in person has to read and confirm."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from softphone.domain.register import RegisterEntry
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, clear, frame, label
from softphone.ui.widgets.states import error_line
from softphone.ui.workplace import Workplace


class TextsSection(QWidget):
    """One card a text, with the whole of it and one button."""

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self.buttons: dict[str, Button] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(16)

    def showEvent(self, event: QShowEvent) -> None:
        """Read what is to be confirmed whenever the section comes to the front."""
        super().showEvent(event)
        self.reload()

    def reload(self) -> None:
        """Read what is to be confirmed."""
        registers = self._work.desk.registers
        self._work.ask(self, registers.to_confirm, self._show, self._failed)

    def _show(self, entries: list[RegisterEntry]) -> None:
        self._clear()
        if not entries:
            card, inside = frame("card", margins=16)
            inside.addWidget(label(tr("Training"), "card"))
            inside.addWidget(Sign("check", tr("You have confirmed everything.")))
            self._column.addWidget(card)
        for entry in entries:
            card, inside = frame("card", margins=16, spacing=12)
            inside.addWidget(label(entry.title, "card", wrap=True))
            inside.addWidget(label(tr("Version {n}", n=entry.revision), "small"))
            inside.addWidget(label(entry.values.get("text", ""), wrap=True))
            button = Button(tr("I have read and understood this"), kind="main", icon="check")
            button.clicked.connect(lambda _on=False, e=entry: self.confirm(e))
            self.buttons[entry.id] = button
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(button)
            inside.addLayout(row)
            self._column.addWidget(card)

    def confirm(self, entry: RegisterEntry) -> None:
        """Confirm one text in the version that is shown."""
        registers = self._work.desk.registers
        self._work.ask(
            self,
            lambda: registers.confirm(entry.id, entry.revision),
            lambda _done: self.reload(),
            self._failed,
        )

    def _failed(self, error: Exception) -> None:
        words = error_line(error)
        self._column.addWidget(Sign("warning", words, "hold.text", wrap=True))

    def _clear(self) -> None:
        self.buttons = {}
        clear(self._column)
