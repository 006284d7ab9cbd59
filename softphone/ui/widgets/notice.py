"""One line over the page for what just failed or where a finished job's result is."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from softphone.ui.announce import announce
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, restyle
from softphone.ui.widgets.states import error_line


class Notice(QFrame):
    """Stays until it is closed or replaced."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.sign = Sign(wrap=True)
        self.copy = Button(tr("Copy details"), kind="link", icon="copy")
        self.copy.clicked.connect(
            lambda: QGuiApplication.clipboard().setText(self.sign.text.text())
        )
        self.dismiss = Button(kind="plain", icon="x", name=tr("Close this message"))
        self.dismiss.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self.sign, 1)
        row.addWidget(self.copy)
        row.addWidget(self.dismiss)
        self.hide()

    def show_error(self, error: Exception) -> None:
        """Say what happened, why, and what to do."""
        self._show("warning", error_line(error), attention=True)

    def show_done(self, words: str) -> None:
        """Say what is finished and where the result is."""
        self._show("check", words, attention=False)

    def _show(self, icon: str, words: str, *, attention: bool) -> None:
        self.setProperty("state", "attention" if attention else "done")
        restyle(self)
        self.sign.set(icon, words, "hold.text" if attention else "text.primary")
        self.copy.setVisible(attention)
        self.show()
        announce(self, words, urgent=attention)
