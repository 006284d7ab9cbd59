"""Who agreed to what: figures for each purpose, the newest changes, and the list of purposes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from softphone.domain.consent import Consent, Purpose
from softphone.domain.permissions import Permission
from softphone.ui.consent_words import change_words, how_words, state_words
from softphone.ui.dialogs.purpose import PurposeDialog
from softphone.ui.dispatcher import OnError
from softphone.ui.models.paging import PagedModel
from softphone.ui.pages.section import Section
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, label
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.notice import Notice
from softphone.ui.widgets.rows import Column, Pen, RowDelegate, RowView, TableHead
from softphone.ui.widgets.states import StatePane
from softphone.ui.words import isolated, number, refusal
from softphone.ui.workplace import Workplace

Row = tuple[str, Consent]


class ConsentDelegate(RowDelegate):
    """Whose, for what, what stands, how it was obtained."""

    def __init__(self, work: Workplace, titles: dict[str, str]) -> None:
        super().__init__(
            48,
            (
                Column(tr("Contact"), 150, 0.7),
                Column(tr("Purpose"), 130, 0.5),
                Column(tr("State"), 180, 1.0),
            ),
        )
        self._work = work
        self._titles = titles

    def draw(self, pen: Pen, place: QRect, cells: list[QRect], value: object) -> None:
        """Draw one change."""
        if not isinstance(value, tuple):
            return
        name, change = value
        now = self._work.office.clock.now()
        who, what, state = cells
        pen.text(who, isolated(name), weight=QFont.Weight.Medium)
        pen.text(what, tr(self._titles.get(change.purpose, change.purpose)), "text.secondary")
        words, icon, role = state_words(change, now)
        pen.icon(QRect(state.left(), state.top() + 6, 16, 18), icon, role)
        top = QRect(state.left() + 22, state.top() + 5, state.width() - 22, 20)
        below = QRect(state.left() + 22, state.top() + 24, state.width() - 22, 18)
        pen.text(top, words, role)
        pen.text(below, how_words(change, self._work.words, now), "text.secondary", size=12)


class ConsentsSection(Section):
    """All contacts' legal bases; one purpose or all."""

    def __init__(self, work: Workplace, notice: Notice) -> None:
        super().__init__(work, notice, tr("Consents"))
        self.purpose = Combo(tr("Purpose"))
        self.purpose.setFixedWidth(220)
        self.purpose.activated.connect(lambda _row: self.model.reload())
        self.figures = label("", "secondary")
        self.edit = Button(tr("Purposes"), icon="pencil-simple")
        self.edit.set_refused(refusal(work.rights.decisions[Permission.PRIVACY_MANAGE]))
        self.edit.clicked.connect(self._edit)
        self._purposes: list[Purpose] = []
        self._titles: dict[str, str] = {}
        self._counts: dict[str, tuple[int, int]] = {}
        self.model: PagedModel[Row] = PagedModel(self._fetch, self._describe)
        delegate = ConsentDelegate(work, self._titles)
        self.view = RowView(tr("Consents"), delegate)
        self.view.setModel(self.model)
        self.model.loaded.connect(self._loaded)
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(TableHead(delegate.columns, self.view))
        inner.addWidget(self.view, 1)
        self.states = StatePane(body, self.activate)
        self.model.failed.connect(self.states.show_error)
        head = QHBoxLayout()
        head.setContentsMargins(24, 4, 24, 8)
        head.setSpacing(12)
        head.addWidget(self.purpose)
        head.addWidget(self.figures, 1)
        head.addWidget(self.edit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(self.states, 1)

    def activate(self) -> None:
        """Read purposes, figures and the newest changes."""
        if not self.model.rowCount():
            self.states.show_loading()
        consents = self.work.desk.consents
        self.work.ask(
            self,
            lambda: (consents.purposes(), consents.counts()),
            lambda found: self._know(*found),
            self.states.show_error,
        )

    def changed(self, kinds: frozenset[str]) -> None:
        """Follow what is recorded in calls."""
        if kinds & {"consents", "contacts"}:
            self.activate()

    def _know(self, purposes: list[Purpose], counts: dict[str, tuple[int, int]]) -> None:
        self._purposes, self._counts = purposes, counts
        self._titles.clear()
        self._titles.update({p.key: p.title for p in purposes})
        chosen = self.purpose.currentData() or ""
        self.purpose.clear()
        self.purpose.addItem(tr("All purposes"), "")
        for purpose in purposes:
            self.purpose.addItem(tr(purpose.title), purpose.key)
        self.purpose.setCurrentIndex(max(0, self.purpose.findData(chosen)))
        self.model.reload()

    def _fetch(
        self, limit: int, offset: int, done: Callable[[list[Row]], None], failed: OnError
    ) -> None:
        consents, purpose = self.work.desk.consents, str(self.purpose.currentData() or "")
        self.work.ask(self, lambda: consents.newest(purpose, limit, offset), done, failed)

    def _loaded(self) -> None:
        purpose = str(self.purpose.currentData() or "")
        counts = [c for key, c in self._counts.items() if purpose in ("", key)]
        given, gone = sum(c[0] for c in counts), sum(c[1] for c in counts)
        self.figures.setText(
            tr("Given: {given}, withdrawn: {gone}", given=number(given), gone=number(gone))
        )
        if self.model.rowCount():
            self.states.show_full()
        else:
            self.states.show_empty(
                "checked-list",
                tr("Nothing was recorded so far"),
                tr("Legal bases are recorded in calls, on a contact's card, or by an import."),
            )

    def _describe(self, row: Row) -> str:
        name, change = row
        title = tr(self._titles.get(change.purpose, change.purpose))
        return f"{isolated(name)}, {title}, {change_words(change)}"

    def _edit(self) -> None:
        PurposeDialog(self.work, self._purposes, self).open()
