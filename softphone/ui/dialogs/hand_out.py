"""Handing data out: the format, a passphrase if it is to be sealed, then where to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from softphone.app.desk import Desk
from softphone.ui.dialogs.consent import titled
from softphone.ui.dialogs.gate import field
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, label
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.file_dialogs import ask_new_file
from softphone.ui.widgets.states import error_line
from softphone.ui.words import number
from softphone.ui.workplace import Workplace

Write = Callable[[Desk, Path, str, str, Callable[[int, int], bool]], object]
"""Desk, destination, format, passphrase, and (done, in all) -> whether to go on; runs aside."""


class HandOutDialog(QDialog):
    """Shows progress in numbers, can be cancelled, and says where the result is."""

    def __init__(
        self,
        work: Workplace,
        title: str,
        name: str,
        formats: tuple[tuple[str, str, str], ...],
        write: Write,
        parent: QWidget | None,
    ) -> None:
        super().__init__(parent)
        self._work = work
        self._name = name
        self._write = write
        self._formats = {key: suffix for key, _, suffix in formats}
        self._stopped = False
        self._busy = False
        self.setWindowTitle(title)
        self.setMinimumWidth(480)
        self.form = Combo(tr("Format"))
        for key, words, _ in formats:
            self.form.addItem(words, key)
        secret, self.secret = field(tr("Passphrase, to seal it (optional)"), secret=True)
        hint = tr(
            "A sealed file opens with the age program and the passphrase. Without one the file "
            "is readable by anybody who gets it."
        )
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
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(title, "title", wrap=True))
        if len(formats) > 1:
            column.addLayout(titled(tr("Format"), self.form))
        column.addLayout(secret)
        column.addWidget(label(hint, "small", wrap=True))
        column.addWidget(self.bar)
        column.addWidget(self.state)
        column.addLayout(foot)

    def reject(self) -> None:
        """Stop what is under way; close otherwise."""
        if self._busy:
            self._stopped = True
            return
        super().reject()

    def write_to(self, destination: Path) -> None:
        """Write the file."""
        form, secret = str(self.form.currentData()), self.secret.text()
        self._busy, self._stopped = True, False
        self.save.setEnabled(False)
        self.state.setVisible(False)
        self.bar.setRange(0, 0)
        self.bar.setVisible(True)
        post = self._work.dispatcher.post

        def on_part(done: int, total: int) -> bool:
            post(lambda: self._progress(done, total))
            return not self._stopped

        write = self._write
        self._work.ask_aside(
            self,
            lambda desk: (write(desk, destination, form, secret, on_part), destination)[1],
            self._done,
            self._failed,
        )

    def _ask_where(self) -> None:
        suffix = self._formats[str(self.form.currentData())]
        if self.secret.text():
            suffix += ".age"
        ask_new_file(self, self.windowTitle(), f"{self._name}.{suffix}", self.write_to)

    def _progress(self, done: int, total: int) -> None:
        if not self._busy:
            return
        self.bar.setRange(0, max(total, 0))
        self.bar.setValue(done)
        words = tr("{done} of {total}", done=number(done), total=number(total))
        self.state.set("hourglass", words if total else number(done))
        self.state.setVisible(True)

    def _done(self, path: Path) -> None:
        self._ends()
        self.secret.clear()
        self.state.set("check", tr("The file is at {path}", path=path), "go.text")
        self.save.setVisible(False)
        self.cancel.set_text(tr("Close"))

    def _failed(self, error: Exception) -> None:
        self._ends()
        self.save.setEnabled(True)
        self.state.set("warning", error_line(error), "hold.text")

    def _ends(self) -> None:
        self._busy = False
        self.bar.setVisible(False)
        self.state.setVisible(True)
