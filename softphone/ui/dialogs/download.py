"""Downloading one recording: a reason, the format, and for age a passphrase or a recipient."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import shiboken6
from PySide6.QtCore import QThreadPool
from PySide6.QtWidgets import QVBoxLayout, QWidget

from softphone.app.ports import ExportFormat, ExportOrder
from softphone.app.recordings import Exporting
from softphone.domain.errors import SoftphoneError
from softphone.domain.recording import Recording
from softphone.ui.dialogs.consent import titled
from softphone.ui.dialogs.gate import field
from softphone.ui.dialogs.writing import WritingDialog
from softphone.ui.translation import tr
from softphone.ui.widgets.file_dialogs import ask_new_file
from softphone.ui.words import number
from softphone.ui.workplace import Workplace

FORMATS: tuple[tuple[ExportFormat, str], ...] = (
    (ExportFormat.AGE, "Sealed (age)"),
    (ExportFormat.WAV, "WAV, readable by anybody"),
    (ExportFormat.OGG, "Ogg, readable by anybody"),
)


class _Going:
    """Whether an export is to go on; outlives the dialog that began it."""

    stopped = False


class DownloadDialog(WritingDialog):
    """Writes beside the vault's own thread: calls are taken in while a long file is written."""

    def __init__(self, work: Workplace, recording: Recording, parent: QWidget | None) -> None:
        super().__init__(work, tr("Download the recording"), parent)
        self._recording = recording
        self._going: _Going | None = None
        for form, words in FORMATS:
            self.form.addItem(tr(words), form.value)
        self.form.currentIndexChanged.connect(self._refresh)
        reason, self.reason = field(tr("Reason, written to the audit log"))
        secret, self.secret = field(tr("Passphrase"), secret=True)
        recipient, self.recipient = field(tr("Or a recipient's key (age1…)"))
        self._sealing = QWidget()
        inner = QVBoxLayout(self._sealing)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(12)
        inner.addLayout(secret)
        inner.addLayout(recipient)
        for line in (self.reason, self.secret, self.recipient):
            line.textChanged.connect(self._refresh)
        self._lay_out(reason, titled(tr("Format"), self.form), self._sealing)
        self._refresh()

    @property
    def form_chosen(self) -> ExportFormat:
        """The format."""
        return ExportFormat(str(self.form.currentData()))

    def reject(self) -> None:
        """Stop what is under way; close otherwise."""
        if self._going is not None:
            self._going.stopped = True
            self.cancel.setEnabled(False)
            return
        super().reject()

    def write_to(self, destination: Path) -> None:
        """Open the recording, which is logged with the reason, and write the file."""
        order = ExportOrder(
            self.form_chosen,
            destination,
            self.reason.text().strip(),
            self.recipient.text().strip() if self._sealed else "",
            passphrase=self.secret.text() if self._sealed else "",
        )
        recordings, recording = self._work.desk.recordings, self._recording.id
        going = self._going = _Going()
        # Locking takes the dialog away: then nothing more is written either.
        self.destroyed.connect(lambda: setattr(going, "stopped", True))
        self._begin()
        self._work.ask(
            self,
            lambda: recordings.begin_export(recording, order),
            lambda exporting: self._write(exporting, going, destination),
            self._failed,
        )

    @property
    def _sealed(self) -> bool:
        return self.form_chosen is ExportFormat.AGE

    def _refresh(self) -> None:
        self._sealing.setVisible(self._sealed)
        why = ""
        if not self.reason.text().strip():
            why = tr("Write the reason first.")
        elif self._sealed and bool(self.secret.text()) == bool(self.recipient.text().strip()):
            why = tr("Give a passphrase or a recipient, one of the two.")
        self.save.set_refused(why)

    def _ask_where(self) -> None:
        suffix = "ogg.age" if self._sealed else self.form_chosen.value
        started = self._work.words.local(self._recording.started_at)
        name = f"{started:%Y-%m-%d %H%M}.{suffix}"
        ask_new_file(self, self.windowTitle(), name, self.write_to)

    def _write(self, exporting: Exporting, going: _Going, destination: Path) -> None:
        recording, submit = self._recording.id, self._work.office.lane.submit
        recordings, dispatcher = self._work.desk.recordings, self._work.dispatcher
        written: Future[Path] = Future()
        dispatcher.run(written, self._done, self._failed, owner=self)

        def on_part(done: int, total: int) -> bool:
            dispatcher.post(lambda: self._progress(done, total))
            return not going.stopped

        def log_failure(failure: SoftphoneError) -> None:
            submit(lambda: recordings.export_failed(recording, failure))

        def run() -> None:
            try:
                exporting.write(on_part)
            except Exception as error:  # noqa: BLE001 - a future carries any error
                if isinstance(error, SoftphoneError):
                    failure = error
                    dispatcher.post(lambda: log_failure(failure))
                written.set_exception(error)
            else:
                written.set_result(destination)

        QThreadPool.globalInstance().start(run)

    def _progress(self, done: int, total: int) -> None:
        if not shiboken6.isValid(self) or self._going is None:
            return
        words = tr("{done} of {total} bytes", done=number(done), total=number(total))
        self._say_progress(done, max(total, 1), words)

    def _done(self, path: Path) -> None:
        self.secret.clear()
        self._say_done(path)

    def _failed(self, error: Exception) -> None:
        self._say_failed(error)
        self._refresh()

    def _end(self) -> None:
        self._going = None
        self.cancel.setEnabled(True)
        super()._end()
