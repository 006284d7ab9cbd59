"""What every page has: a title, one main action at the same place, filters, and four states."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from softphone.ui.widgets.basic import Button, ElidedLabel, label
from softphone.ui.widgets.states import StatePane
from softphone.ui.workplace import Workplace


class Page(QWidget):
    """Base of the pages; ``key`` names it for the rail and the commands."""

    key = ""
    holds_forms = False
    """What is written on it would be lost if it were made anew."""

    def __init__(self, work: Workplace, title: str) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)
        self.work = work
        self.title = label(title, "title")
        self.subtitle = ElidedLabel("", "secondary")
        self.header = QHBoxLayout()
        self.header.setContentsMargins(24, 16, 24, 8)
        self.header.setSpacing(12)
        self.header.addStrut(32)
        self.header.addWidget(self.title)
        self.header.addWidget(self.subtitle, 1)
        self.filters = QHBoxLayout()
        self.filters.setContentsMargins(24, 4, 24, 8)
        self.filters.setSpacing(8)
        self._root = QHBoxLayout(self)
        self._root.setContentsMargins(0, 0, 0, 0)
        self._root.setSpacing(0)
        body = QWidget()
        self.column = QVBoxLayout(body)
        self._root.addWidget(body, 1)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addLayout(self.header)
        self.states: StatePane | None = None

    def set_main_action(self, button: Button) -> None:
        """Put the page's one main action at the top right."""
        self.header.addWidget(button)

    def set_side(self, widget: QWidget) -> None:
        """Put a drawer at the right of everything else."""
        self._root.addWidget(widget)

    def set_content(self, content: QWidget) -> None:
        """Put filters and content under the header."""
        self.column.addLayout(self.filters)
        self.states = StatePane(content, self.reload)
        self.column.addWidget(self.states, 1)

    def activate(self) -> None:
        """Called each time the page comes to the front."""
        self.reload()

    def reload(self) -> None:
        """Read everything again."""

    def changed(self, kinds: frozenset[str]) -> None:
        """Called when rows of these kinds changed while the page is in front."""
