"""The audit log: does it hold, what happened, and why something was refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from softphone.app.auditing import Verifying
from softphone.domain.audit import AuditFilter, AuditRow, AuditVerdict
from softphone.domain.errors import InvalidInput
from softphone.domain.pbx import Comparison
from softphone.domain.permissions import Member
from softphone.ui.dialogs.compare import CompareDialog
from softphone.ui.dispatcher import OnError
from softphone.ui.models.paging import PagedModel
from softphone.ui.pages.audit_rows import AuditDelegate, describe_entry, verdict_words
from softphone.ui.pages.audit_scan import MOST, AuditScan
from softphone.ui.pages.page import Page
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.audit_banner import Banner
from softphone.ui.widgets.audit_filters import AuditFilters
from softphone.ui.widgets.basic import Button
from softphone.ui.widgets.drawer import AuditDrawer
from softphone.ui.widgets.export_strip import ExportStrip
from softphone.ui.widgets.file_dialogs import ask_existing_file
from softphone.ui.widgets.long_rows import LongView
from softphone.ui.widgets.rows import TableHead
from softphone.ui.widgets.states import error_words
from softphone.ui.words import number
from softphone.ui.workplace import Workplace


def read_records(path: Path) -> str:
    """Return the text of a CSV file. Raises InvalidInput."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            "The call records cannot be compared.", "The file cannot be read.", "Choose another."
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


class AuditPage(Page):
    """Banner, filters, rows, drawer."""

    key = "audit"

    def __init__(self, work: Workplace) -> None:
        super().__init__(work, tr("Audit log"))
        self.banner = Banner()
        self.banner.button.clicked.connect(self.verify)
        self.banner.cancel.clicked.connect(self._stop_check)
        self._stopped = False
        self.options = AuditFilters(work)
        self.options.changed.connect(self.reload)
        self.search = self.options.search
        self.filters.addWidget(self.options)
        self.strip = ExportStrip(work)
        self.export = Button(tr("Export these entries"), kind="main", icon="download-simple")
        self.export.clicked.connect(lambda: self.strip.ask(self.options.filter()))
        self.compare = Button(tr("Compare with call records"), icon="checked-list")
        self.compare.clicked.connect(self._ask_records)
        self.header.addWidget(self.compare)
        self.set_main_action(self.export)
        self.model: PagedModel[AuditRow] = PagedModel(self._fetch, describe_entry, self._length)
        self.model.loaded.connect(self._loaded)
        self.model.dataChanged.connect(lambda *_args: self._follow())
        self._scan = AuditScan(work, self, AuditFilter())
        delegate = AuditDelegate(work)
        self.view = LongView(tr("Entries of the audit log"), delegate)
        self.view.setModel(self.model)
        self.drawer = AuditDrawer(work)
        self.drawer.hide()
        self.drawer.closed.connect(self._close_drawer)
        self.drawer.stepped.connect(self._step)
        self.view.clicked.connect(lambda _index: self._open_drawer())
        self.view.activated.connect(lambda _index: self._open_drawer())
        self.view.selectionModel().currentChanged.connect(lambda *_args: self._follow())
        table = QWidget()
        column = QVBoxLayout(table)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(TableHead(delegate.columns, self.view))
        column.addWidget(self.view, 1)
        self.column.addWidget(self.banner)
        self.column.addWidget(self.strip)
        self.set_content(table)
        self.set_side(self.drawer)
        if self.states is not None:
            self.model.failed.connect(self.states.show_error)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._refresh)

    def activate(self) -> None:
        """Reading the log is logged, once each time the page is opened."""
        desk = self.work.desk

        def begin() -> list[Member]:
            desk.audit.open()
            return desk.audit.people()

        self.work.ask(self, begin, self._opened, self._refused)

    def show_about(self, object_id: str, words: str) -> None:
        """Show who did what with one object, and with what belongs to it."""
        self.options.show_about(object_id, words)

    def _opened(self, people: list[Member]) -> None:
        self.options.show_people(people)
        self.reload()

    def reload(self) -> None:
        """Read the newest entries."""
        if self.states is not None and not (self.model.rowCount() and self.states.state == "full"):
            self.states.show_loading()
        self._refresh()

    def changed(self, kinds: frozenset[str]) -> None:
        """Follow new entries while nobody reads one, or has scrolled to older ones."""
        at_top = self.view.verticalScrollBar().value() == 0
        if "audit" in kinds and self.drawer.isHidden() and at_top:
            self._soon.start(300)

    def compare_records(self, path: Path) -> None:
        """Show which calls of a PBX's records left no entry."""
        desk, zone = self.work.desk, self.work.words.zone
        self.work.ask(
            self,
            lambda: desk.audit.compare_calls(read_records(path), zone),
            self._compared,
            self._not_verified,
        )

    def _ask_records(self) -> None:
        ask_existing_file(
            self, tr("Call records of the PBX"), self.compare_records, tr("Table (*.csv)")
        )

    def _compared(self, found: Comparison) -> None:
        dialog = CompareDialog(self.work, found, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def verify(self) -> None:
        """Check the whole log, step by step."""
        self.banner.busy(True)
        self._stopped = False
        self.work.ask(self, self.work.desk.audit.begin_verify, self._go_on, self._not_verified)

    def _go_on(self, check: Verifying) -> None:
        def stepped(verdict: AuditVerdict | None) -> None:
            if verdict is not None:
                self._verified(verdict)
            else:
                self._go_on(check)

        if self._stopped:
            self.work.ask(self, check.cancel, lambda _none: self._check_stopped())
            return
        self.banner.progress(check.done, check.total)
        self.work.ask(self, check.step, stepped, self._not_verified)

    def _stop_check(self) -> None:
        self._stopped = True

    def _check_stopped(self) -> None:
        self.banner.busy(False)
        self.banner.show_words(
            tr("The check was stopped."), tr("Nothing is known about the log."), attention=True
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the drawer."""
        if event.key() == Qt.Key.Key_Escape and not self.drawer.isHidden():
            self._close_drawer()
            return
        super().keyPressEvent(event)

    def _refresh(self) -> None:
        self._scan.stop()
        self._scan = scan = AuditScan(self.work, self, self.options.filter())
        self.model.reload()
        scan.count(self._counted, self._refused)

    def _fetch(
        self,
        limit: int,
        offset: int,
        done: Callable[[list[AuditRow]], None],
        failed: OnError,
    ) -> None:
        # Going on from a row costs the same at the end of a million as at the start.
        self._scan.rows(limit, self._below(offset), done, failed)

    def _below(self, offset: int) -> int | None:
        """Return the number that the row at ``offset`` comes before; None for the newest."""
        first, last = self.model.row(0), self.model.row(offset - 1)
        if not offset or first is None:
            return None
        if last is not None:
            return last.entry.index
        # Nothing is filtered out, so that numbers follow each other.
        return first.entry.index + 1 - offset

    def _length(self, rows: list[AuditRow]) -> int:
        """Return how long the list is: known at once where nothing is filtered out."""
        if rows and self.options.filter() == AuditFilter():
            return rows[0].entry.index + 1
        return len(rows)

    def _counted(self, shown: int, complete: bool) -> None:
        if complete:
            words = counted(shown, "{n} entry", "{n} entries")
        else:
            words = tr("More than {n} entries", n=number(MOST))
        self.subtitle.setText(tr("{count}, times in {zone}", count=words, zone=self._zone()))

    def _zone(self) -> str:
        return self.work.office.time_zone.replace("_", " ")

    def _loaded(self) -> None:
        if self.states is None:
            return
        if self.model.rowCount():
            self.states.show_full()
        elif self.options.filter() != AuditFilter():
            self.states.show_empty(
                "magnifying-glass",
                tr("No entry matches"),
                tr("Take a filter away to see more entries."),
            )
        else:
            self.states.show_empty(
                "checked-list",
                tr("The log is empty"),
                tr("Whoever signs in, listens, changes, exports or erases leaves an entry here."),
            )

    def _refused(self, error: Exception) -> None:
        if self.states is not None:
            self.states.show_error(error)

    def _verified(self, verdict: AuditVerdict) -> None:
        self.banner.busy(False)
        time_words = self.work.words.exact_time(verdict.checked_at)
        sentence, detail, attention = verdict_words(verdict, time_words)
        self.banner.show_words(sentence, detail, attention=attention)

    def _not_verified(self, error: Exception) -> None:
        self.banner.busy(False)
        what, why, do = error_words(error)
        self.banner.show_words(what, " ".join(p for p in (why, do) if p), attention=True)

    def _open_drawer(self) -> None:
        row = self.view.value()
        if isinstance(row, AuditRow):
            newest = self.model.row(0)
            size = newest.entry.index + 1 if newest else 0
            self.drawer.show_entry(row, max(size, row.entry.index + 1))
            self.drawer.show()

    def _follow(self) -> None:
        if not self.drawer.isHidden():
            self._open_drawer()

    def _close_drawer(self) -> None:
        self.drawer.hide()
        self.view.setFocus()

    def _step(self, by: int) -> None:
        self.view.select_row(self.view.currentIndex().row() + by)
