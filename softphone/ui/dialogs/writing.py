"""What dialogs that write a file have in common: progress, the way to stop it, and the outcome."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLayout, QProgressBar, QVBoxLayout, QWidget

from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, label
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.states import error_line
from softphone.ui.workplace import Workplace


class WritingDialog(QDialog):
    """A format, what else the file needs, then where to; it says where the result is."""

    def __init__(self, work: Workplace, title: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._work = work
        self.setWindowTitle(title)
        self.setMinimumWidth(480)
        self.form = Combo(tr("Format"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress"))
        self.bar.setVisible(False)
        self.state = Sign(wrap=True)
        self.state.setVisible(False)
        self.save = Button(tr("Choose where to"), kind="main", icon="download-simple")
        self.save.clicked.connect(self._ask_where)
        self.cancel = Button(tr("Cancel"))
        self.cancel.clicked.connect(self.reject)

    def _lay_out(self, *parts: QWidget | QLayout) -> None:
        """Put the title, these parts, progress and buttons under one another."""
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(self.windowTitle(), "title", wrap=True))
        for part in (*parts, self.bar, self.state, foot):
            if isinstance(part, QLayout):
                column.addLayout(part)
            else:
                column.addWidget(part)

    def _ask_where(self) -> None:
        """Ask for the file, then write."""
        raise NotImplementedError

    def _begin(self) -> None:
        """Show that something is under way."""
        self.save.setEnabled(False)
        self.state.setVisible(False)
        self.bar.setRange(0, 0)
        self.bar.setVisible(True)

    def _say_progress(self, done: int, most: int, words: str) -> None:
        """Show how far it is; ``most`` of 0 is not known."""
        self.bar.setRange(0, most)
        self.bar.setValue(done)
        self.state.set("hourglass", words)
        self.state.setVisible(True)

    def _say_done(self, path: Path) -> None:
        """Show where the file is."""
        self._end()
        self.state.set("check", tr("The file is at {path}", path=path), "go.text")
        self.save.setVisible(False)
        self.cancel.set_text(tr("Close"))

    def _say_failed(self, error: Exception) -> None:
        """Show why there is none."""
        self._end()
        self.state.set("warning", error_line(error), "hold.text")

    def _end(self) -> None:
        self.bar.setVisible(False)
        self.state.setVisible(True)
