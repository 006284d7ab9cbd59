"""What every section of the privacy page has."""

from __future__ import annotations

from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from softphone.ui.widgets.basic import label
from softphone.ui.widgets.notice import Notice
from softphone.ui.workplace import Workplace


class Section(QWidget):
    """Base of the sections; each is made when it is first opened and fills the right side."""

    def __init__(self, work: Workplace, notice: Notice, title: str) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.work = work
        self.notice = notice

    def activate(self) -> None:
        """Called each time the section comes to the front."""

    def changed(self, kinds: frozenset[str]) -> None:
        """Called when rows of these kinds changed while the section is in front."""

    def fill(self, title: str, lead: str, *parts: QWidget) -> None:
        """Put a title, what the section is for, and its parts under one another; they scroll."""
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(24, 8, 24, 24)
        column.setSpacing(12)
        column.addWidget(label(title, "card"))
        column.addWidget(label(lead, "secondary", wrap=True))
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
