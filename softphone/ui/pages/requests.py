"""Requests of data subjects: the register with its clock at the left, guided steps at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QScrollArea

from softphone.domain.request import KIND_WORDS, DataRequest, RequestState, days_left
from softphone.ui.dialogs.new_request import NewRequestDialog
from softphone.ui.pages.list_section import ListSection
from softphone.ui.pages.request_pane import RequestPane
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button
from softphone.ui.widgets.chip import Chip
from softphone.ui.widgets.line_list import Line
from softphone.ui.widgets.notice import Notice
from softphone.ui.workplace import Workplace

PANE = 392
SOON_DAYS = 7


class RequestsSection(ListSection):
    """Access, erasure and the other rights of the people called."""

    kinds = frozenset({"requests"})

    def __init__(self, work: Workplace, notice: Notice) -> None:
        super().__init__(
            work,
            notice,
            tr("Requests"),
            tr("What people ask about their data. The law gives a month from the day it came."),
        )
        self.closed = Chip(tr("Closed ones, too"))
        self.closed.toggled.connect(lambda _on: self.list.lines.reload())
        self.add_action(self.closed)
        self.new = self.add_action(Button(tr("New request"), kind="main", icon="plus"))
        self.new.clicked.connect(self.open_new)
        self.pane = RequestPane(self)
        scroll = QScrollArea()
        scroll.setObjectName("sidePane")
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.pane)
        scroll.setFixedWidth(PANE)
        self._side = scroll
        self.body.addWidget(scroll)
        self.list.selectionModel().currentChanged.connect(lambda *_args: self._chosen())
        self.list.lines.modelReset.connect(self._chosen)

    def lines(self, limit: int, offset: int) -> list[Line]:
        """Return requests, those due soonest first; runs on the lane."""
        states = tuple(RequestState) if self.closed.isChecked() else (RequestState.OPEN,)
        return [
            self._line(request) for request in self.work.desk.requests.page(states, limit, offset)
        ]

    def empty(self) -> tuple[str, str, str]:
        """Say what the register is for."""
        return (
            "tray",
            tr("No open requests"),
            tr("When somebody asks what you hold about them, register it here: the clock runs."),
        )

    def open_new(self) -> NewRequestDialog:
        """Register a request."""
        dialog = NewRequestDialog(self.work, self)
        dialog.open()
        return dialog

    def show_request(self, request: DataRequest) -> None:
        """Select a request that is in the list."""
        index = self.list.lines.find(
            lambda line: isinstance(line.value, DataRequest) and line.value.id == request.id
        )
        if index.isValid():
            self.list.setCurrentIndex(index)

    def _chosen(self) -> None:
        request = self.list.chosen()
        found = request if isinstance(request, DataRequest) else None
        self._side.setVisible(found is not None)
        self.pane.show_request(found)

    def _line(self, request: DataRequest) -> Line:
        now = self.work.office.clock.now()
        who = request.name or tr("A person who was erased")
        detail = f"{tr(KIND_WORDS[request.kind])} · {self.work.words.day(request.received_at, now)}"
        state, icon, role = clock_words(request, days_left(request, now))
        return Line(who, detail, state, icon, request, role)


def clock_words(request: DataRequest, days: int) -> tuple[str, str, str]:
    """Return words, icon and role for how much time is left."""
    if request.state is RequestState.DONE:
        return tr("Answered"), "check", "text.secondary"
    if request.state is RequestState.REFUSED:
        return tr("Refused"), "prohibit", "text.secondary"
    if days < 0:
        words = counted(-days, "Overdue by {n} day", "Overdue by {n} days")
        return words, "warning", "stop.text"
    words = counted(days, "{n} day left", "{n} days left")
    return words, "hourglass", "hold.text" if days < SOON_DAYS else "text.secondary"
