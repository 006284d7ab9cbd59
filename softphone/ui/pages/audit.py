"""The audit log: does it hold, what happened, and why something was refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from softphone.domain.audit import AuditFilter, AuditRow, AuditVerdict, DataCategory, Result
from softphone.ui.dispatcher import OnError
from softphone.ui.models.paging import PagedModel
from softphone.ui.pages.audit_rows import AuditDelegate, describe_entry, verdict_words
from softphone.ui.pages.page import Page
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, Glyph, frame, label, restyle
from softphone.ui.widgets.chip import Chip
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.drawer import AuditDrawer
from softphone.ui.widgets.filter_line import FilterLine
from softphone.ui.widgets.rows import RowView, TableHead
from softphone.ui.widgets.states import error_words
from softphone.ui.words import CATEGORIES
from softphone.ui.workplace import Workplace


class Banner(QWidget):
    """One sentence says whether the log holds; numbers only below it."""

    def __init__(self) -> None:
        super().__init__()
        self._card, inside = frame("notice", margins=12)
        self.sentence = label(
            tr("The log has not been checked since you signed in."), "strong", wrap=True
        )
        self.detail = label("", "small", wrap=True)
        self.button = Button(tr("Check now"), icon="arrows-clockwise")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.sentence)
        words.addWidget(self.detail)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(Glyph("shield-check", "accent.text", 24))
        row.addLayout(words, 1)
        row.addWidget(self.button)
        inside.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 4, 24, 8)
        column.addWidget(self._card)

    def show_words(self, sentence: str, detail: str, *, attention: bool) -> None:
        """Show the outcome of a check."""
        self.sentence.setText(sentence)
        self.detail.setText(detail)
        self._card.setProperty("state", "attention" if attention else "holds")
        restyle(self._card)
        self.setAccessibleName(f"{sentence}. {detail}")

    def busy(self, busy: bool) -> None:
        """Say that the check is running."""
        self.button.setEnabled(not busy)
        self.button.set_text(tr("Checking") if busy else tr("Check again"))


class AuditPage(Page):
    """Banner, filters, rows, drawer."""

    key = "audit"

    def __init__(self, work: Workplace) -> None:
        super().__init__(work, tr("Audit log"))
        self._size = 0
        self.banner = Banner()
        self.banner.button.clicked.connect(self.verify)
        self._make_filters()
        self.model: PagedModel[AuditRow] = PagedModel(self._fetch, describe_entry)
        self.model.loaded.connect(self._loaded)
        delegate = AuditDelegate(work)
        self.view = RowView(tr("Entries of the audit log"), delegate)
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
        self.work.ask(self, desk.audit.open, lambda _done: self.reload(), self._refused)

    def reload(self) -> None:
        """Read the newest entries."""
        if self.states is not None and not (self.model.rowCount() and self.states.state == "full"):
            self.states.show_loading()
        self._refresh()

    def changed(self, kinds: frozenset[str]) -> None:
        """Follow new entries while nobody reads one."""
        if "audit" in kinds and self.drawer.isHidden():
            self._soon.start(300)

    def verify(self) -> None:
        """Check the whole log."""
        self.banner.busy(True)
        desk = self.work.desk
        self.work.ask(self, desk.audit.verify, self._verified, self._not_verified)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the drawer."""
        if event.key() == Qt.Key.Key_Escape and not self.drawer.isHidden():
            self._close_drawer()
            return
        super().keyPressEvent(event)

    def _make_filters(self) -> None:
        self.search = FilterLine(tr("Find a person or object"))
        self.search.setFixedWidth(220)
        self.today = Chip(tr("Today"))
        self.refused = Chip(tr("Refused"))
        self.kind = Combo(tr("Kind of data"))
        self.kind.addItem(tr("All kinds of data"), None)
        for category in DataCategory:
            if category is not DataCategory.NONE:
                self.kind.addItem(tr(CATEGORIES[category]), category)
        self.kind.setMinimumWidth(170)
        self.search.changed.connect(self.reload)
        self.kind.currentIndexChanged.connect(lambda _index: self.reload())
        self.filters.addWidget(self.search)
        for chip in (self.today, self.refused):
            chip.toggled.connect(lambda _on: self.reload())
            self.filters.addWidget(chip)
        self.filters.addWidget(self.kind)
        self.filters.addStretch(1)

    def _filter(self) -> AuditFilter:
        since: datetime | None = None
        if self.today.isChecked():
            zone = self.work.words.zone
            day = self.work.words.local(self.work.office.clock.now()).date()
            since = datetime.combine(day, time(), zone).astimezone(UTC)
        kind = self.kind.currentData()
        return AuditFilter(
            text=self.search.text().strip(),
            since=since,
            category=DataCategory(kind) if kind else None,
            result=Result.REFUSED if self.refused.isChecked() else None,
        )

    def _refresh(self) -> None:
        self.model.reload()
        desk, wanted = self.work.desk, self._filter()
        self.work.ask(
            self,
            lambda: (desk.audit.count(wanted), desk.audit.count(AuditFilter())),
            self._counted,
            lambda _error: None,
        )

    def _fetch(
        self,
        limit: int,
        offset: int,
        done: Callable[[list[AuditRow]], None],
        failed: OnError,
    ) -> None:
        desk, wanted = self.work.desk, self._filter()
        self.work.ask(self, lambda: desk.audit.rows(wanted, limit, offset), done, failed)

    def _counted(self, counts: tuple[int, int]) -> None:
        shown, self._size = counts
        self.subtitle.setText(counted(shown, "{n} entry", "{n} entries"))

    def _loaded(self) -> None:
        if self.states is None:
            return
        if self.model.rowCount():
            self.states.show_full()
        elif self._filter() != AuditFilter():
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
            self.drawer.show_entry(row, max(self._size, row.entry.index + 1))
            self.drawer.show()

    def _follow(self) -> None:
        if not self.drawer.isHidden():
            self._open_drawer()

    def _close_drawer(self) -> None:
        self.drawer.hide()
        self.view.setFocus()

    def _step(self, by: int) -> None:
        self.view.select_row(self.view.currentIndex().row() + by)
