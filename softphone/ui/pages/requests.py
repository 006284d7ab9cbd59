"""Requests of data subjects."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from softphone.ui.pages.section import Section
from softphone.ui.translation import tr
from softphone.ui.widgets.notice import Notice
from softphone.ui.widgets.states import StatePane
from softphone.ui.workplace import Workplace


class RequestsSection(Section):
    """Access, erasure and the other rights of the people called."""

    def __init__(self, work: Workplace, notice: Notice) -> None:
        super().__init__(work, notice, tr("Requests"))
        self.states = StatePane(QWidget(), self.activate)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.states)

    def activate(self) -> None:
        """Say where a person's record is exported and erased."""
        self.states.show_empty(
            "tray",
            tr("No requests yet"),
            tr("A person's record is exported and erased from their card on the contacts page."),
        )
