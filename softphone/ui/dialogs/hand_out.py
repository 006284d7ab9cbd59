"""Handing data out: the format, a passphrase if it is to be sealed, then where to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from softphone.app.desk import Desk
from softphone.ui.dialogs.consent import titled
from softphone.ui.dialogs.gate import field
from softphone.ui.dialogs.writing import WritingDialog
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import label
from softphone.ui.widgets.file_dialogs import ask_new_file
from softphone.ui.words import number
from softphone.ui.workplace import Workplace

Write = Callable[[Desk, Path, str, str, Callable[[int, int], bool]], object]
"""Desk, destination, format, passphrase, and (done, in all) -> whether to go on; runs aside."""


class HandOutDialog(WritingDialog):
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
        super().__init__(work, title, parent)
        self._name = name
        self._write = write
        self._formats = {key: suffix for key, _, suffix in formats}
        self._stopped = False
        self._busy = False
        for key, words, _ in formats:
            self.form.addItem(words, key)
        secret, self.secret = field(tr("Passphrase, to seal it (optional)"), secret=True)
        hint = tr(
            "A sealed file opens with the age program and the passphrase. Without one the file "
            "is readable by anybody who gets it."
        )
        choice = (titled(tr("Format"), self.form),) if len(formats) > 1 else ()
        self._lay_out(*choice, secret, label(hint, "small", wrap=True))

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
        self._begin()
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
        words = tr("{done} of {total}", done=number(done), total=number(total))
        self._say_progress(done, max(total, 0), words if total else number(done))

    def _done(self, path: Path) -> None:
        self._busy = False
        self.secret.clear()
        self._say_done(path)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        self._say_failed(error)
        self.save.setEnabled(True)
