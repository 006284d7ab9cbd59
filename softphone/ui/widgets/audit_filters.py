"""The filters of the audit page: when, who, action, kind of data, result, and one object."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TypeVar

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from softphone.domain.audit import ACTION_WORDS, Action, AuditFilter, DataCategory, Result
from softphone.domain.ids import UserId
from softphone.domain.permissions import Member
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.filter_line import FilterLine
from softphone.ui.words import CATEGORIES, RESULTS
from softphone.ui.workplace import Workplace

T = TypeVar("T")
ONE_ROW = 1010
"""Width from which all filters fit beside each other, in the longest language."""
PERIODS = (("Any time", None), ("Today", 0), ("Last 7 days", 6), ("Last 30 days", 29))
"""Words, and how many whole days before today count."""


class AuditFilters(QWidget):
    """Emits ``changed``; each box says what it filters while it does not."""

    changed = Signal()

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self._object = ""
        self.search = FilterLine(tr("Find a person or object"))
        self.search.setFixedWidth(184)
        self.search.changed.connect(self.changed)
        self.when = self._box(tr("When"), [(tr(words), days) for words, days in PERIODS])
        self.who = self._box(tr("Who"), [(tr("Everybody"), None)])
        self.action = self._box(
            tr("Action"),
            [(tr("All actions"), None), *sorted((tr(w), a) for a, w in ACTION_WORDS.items())],
        )
        kinds = [(tr(w), c) for c, w in CATEGORIES.items() if c is not DataCategory.NONE]
        self.kind = self._box(tr("Kind of data"), [(tr("All kinds of data"), None), *kinds])
        results = [(tr(RESULTS[result][0]), result) for result in Result]
        self.result = self._box(tr("Result"), [(tr("All results"), None), *results])
        self.about = Button(kind="filter", name=tr("Show everything"))
        self.about.hide()
        self.about.clicked.connect(lambda: self.show_about("", ""))
        self._first, self._second = QHBoxLayout(), QHBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for row in (self._first, self._second):
            row.setSpacing(8)
            column.addLayout(row)
        for part in (self.search, self.when, self.who):
            self._first.addWidget(part)
        self._narrow: bool | None = None
        self._place(narrow=False)

    def show_people(self, people: list[Member]) -> None:
        """Offer colleagues; the one that was chosen stays."""
        chosen = self.who.currentData()
        self.who.blockSignals(True)
        while self.who.count() > 1:
            self.who.removeItem(1)
        for member in people:
            self.who.addItem(member.name, member.id)
        self.who.setCurrentIndex(max(0, self.who.findData(chosen)))
        self.who.blockSignals(False)

    def show_about(self, object_id: str, words: str) -> None:
        """Show only what was done with one object, or everything again."""
        self._object = object_id
        self.about.setText(f"{words}  ×" if object_id else "")
        self.about.setAccessibleName(tr("Only about {name}; press to show everything", name=words))
        self.about.setVisible(bool(object_id))
        self.changed.emit()

    def filter(self) -> AuditFilter:
        """Return what is chosen; days are those of the person's time zone."""
        kind, action, result = (b.currentData() for b in (self.kind, self.action, self.result))
        who = self.who.currentData()
        return AuditFilter(
            text=self.search.text().strip(),
            since=self._since(self.when.currentData()),
            action=Action(action) if action else None,
            category=DataCategory(kind) if kind else None,
            result=Result(result) if result else None,
            object_id=self._object,
            actor=UserId(who) if who else None,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take two rows where one has no room for all."""
        super().resizeEvent(event)
        self._place(narrow=event.size().width() < ONE_ROW)

    def minimumSizeHint(self) -> QSize:
        """Be as narrow as the first half: the rest moves under it."""
        return QSize(480, super().minimumSizeHint().height())

    def _place(self, *, narrow: bool) -> None:
        if narrow is self._narrow:
            return
        self._narrow = narrow
        moved = (self.action, self.kind, self.result, self.about)
        for row in (self._first, self._second):
            while (item := row.itemAt(row.count() - 1)) and (
                item.spacerItem() or item.widget() in moved
            ):
                row.takeAt(row.count() - 1)
        for part in moved:
            (self._second if narrow else self._first).addWidget(part)
        for row in (self._first, self._second):
            row.addStretch(1)

    def _since(self, days: int | None) -> datetime | None:
        if days is None:
            return None
        words = self._work.words
        today = words.local(self._work.office.clock.now()).date()
        begins = datetime.combine(today - timedelta(days=days), time(), words.zone)
        return begins.astimezone(UTC)

    def _box(self, name: str, entries: list[tuple[str, T]]) -> Combo:
        made = Combo(name)
        made.setToolTip(name)
        made.setMaximumWidth(190)
        made.setMinimumContentsLength(8)
        for words, value in entries:
            made.addItem(words, value)
        made.currentIndexChanged.connect(lambda _index: self.changed.emit())
        return made
