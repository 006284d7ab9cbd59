"""What every section of the privacy page has."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

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
