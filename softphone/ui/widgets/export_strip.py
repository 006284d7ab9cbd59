"""Export of entries with numbers while it goes on, and a way to stop it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QWidget

from softphone.app.auditing import TableExport
from softphone.app.bundle_export import BundleExport
from softphone.app.ports.audit_files import TableFormat
from softphone.domain.audit import AuditFilter
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, ElidedLabel
from softphone.ui.widgets.states import error_line
from softphone.ui.words import number
from softphone.ui.workplace import Workplace

BUNDLE = ".zip"


def kinds() -> str:
    """Return the kinds of file for a file dialog."""
    return ";;".join(
        (
            tr("Excel workbook (*.xlsx)"),
            tr("Table (*.csv)"),
            tr("JSON (*.json)"),
            tr("Provable bundle of the whole log (*.zip)"),
        )
    )


class ExportStrip(QWidget):
    """Says how far an export is, where its file lies, or why there is none."""

    ended = Signal()

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self._job: TableExport | BundleExport | None = None
        self._stop = False
        self._path = Path()
        self.words = ElidedLabel("", "secondary")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(160)
        self.bar.setAccessibleName(tr("Progress of the export"))
        self.cancel = Button(tr("Cancel"))
        self.close_button = Button(kind="plain", icon="x", name=tr("Close"))
        self.cancel.clicked.connect(self._cancel)
        self.close_button.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 8)
        row.setSpacing(12)
        row.addWidget(self.words, 1)
        for part in (self.bar, self.cancel, self.close_button):
            row.addWidget(part)
        self.hide()

    def ask(self, wanted: AuditFilter) -> None:
        """Ask where to, then export what the filter shows."""
        chosen, kind = QFileDialog.getSaveFileName(
            self, tr("Export these entries"), tr("Audit log"), kinds()
        )
        if not chosen:
            return
        path = Path(chosen)
        if not path.suffix:
            path = path.with_suffix(kind[kind.rindex(".") : -1])
        self.begin(path, wanted)

    def begin(self, path: Path, wanted: AuditFilter) -> None:
        """Export into a file; what it becomes is said by the end of its name."""
        desk, zone = self._work.desk, self._work.office.time_zone
        self._path, self._stop = path, False
        known = {f".{one.value}": one for one in TableFormat}
        self._show(tr("Exporting"), busy=True)
        suffix = path.suffix.lower()
        if suffix in known:
            self._ask(
                lambda: desk.audit.begin_table(wanted, path, known[suffix], zone), self._begun
            )
        else:
            self._ask(lambda: desk.audit.begin_bundle(path), self._begun)

    def _begun(self, job: TableExport | BundleExport) -> None:
        self._job = job
        self._next(done=False)

    def _next(self, *, done: bool) -> None:
        job = self._job
        if job is None:
            return
        if done:
            self._job = None
            self._finished()
        elif self._stop:
            self._job = None
            self._ask(job.cancel, lambda _none: self._ended(tr("The export was stopped.")))
        else:
            self.bar.setRange(0, max(job.total, 1))
            self.bar.setValue(job.done)
            self.words.setText(
                tr("{n} of {total} entries", n=number(job.done), total=number(job.total))
            )
            self._ask(job.step, lambda ready: self._next(done=ready))

    def _ask(self, work: Callable[[], object], done: Callable[..., None]) -> None:
        self._work.ask(self, work, done, self._failed)

    def _cancel(self) -> None:
        self._stop = True
        self.cancel.setEnabled(False)

    def _finished(self) -> None:
        self._ended(tr("Exported to {path}", path=str(self._path)))

    def _failed(self, error: Exception) -> None:
        self._job = None
        self._ended(error_line(error))

    def _ended(self, words: str) -> None:
        self._show(words, busy=False)
        self.ended.emit()

    def _show(self, words: str, *, busy: bool) -> None:
        self.words.setText(words)
        self.words.setAccessibleName(words)
        self.bar.setRange(0, 0)
        self.bar.setVisible(busy)
        self.cancel.setVisible(busy)
        self.cancel.setEnabled(busy)
        self.close_button.setVisible(not busy)
        self.show()
