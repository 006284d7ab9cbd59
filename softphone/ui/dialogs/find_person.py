"""Who in the system is it that asks? Search, choose, or say that nobody is like that."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from softphone.app.numbers import display
from softphone.domain.contact import Contact
from softphone.domain.ids import ContactId
from softphone.domain.request import DataRequest
from softphone.ui.dispatcher import OnError
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, label
from softphone.ui.widgets.filter_line import FilterLine
from softphone.ui.widgets.line_list import Line, LineList
from softphone.ui.widgets.states import StatePane, error_line
from softphone.ui.workplace import Workplace


class FindPersonDialog(QDialog):
    """Contacts as they are typed; the chosen one becomes the request's person."""

    def __init__(self, work: Workplace, request: DataRequest, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._work = work
        self._request = request
        self.setWindowTitle(tr("Find the person"))
        self.setMinimumSize(520, 460)
        self.search = FilterLine(tr("Name, number or e-mail"))
        self.search.setFixedWidth(472)
        self.list = LineList(tr("Contacts"), self._fetch)
        self.states = StatePane(self.list, self.list.lines.reload)
        self.list.lines.loaded.connect(self._loaded)
        self.list.lines.failed.connect(self.states.show_error)
        self.list.activated.connect(lambda _index: self.take())
        self.search.changed.connect(self.list.lines.reload)
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        self.nobody = Button(tr("Nobody like that is here"), icon="prohibit")
        self.nobody.clicked.connect(lambda: self._say(None))
        cancel = Button(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self.choose = Button(tr("This person"), kind="main", icon="check")
        self.choose.clicked.connect(self.take)
        foot = QHBoxLayout()
        foot.addWidget(self.nobody)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(tr("Who is {name}?", name=request.name), "title", wrap=True))
        column.addWidget(self.search)
        column.addWidget(self.states, 1)
        column.addWidget(self.problem)
        column.addLayout(foot)
        words = request.name.split()
        self.search.setText(words[-1] if words else "")
        self.list.lines.reload()

    def take(self) -> None:
        """Take the chosen contact."""
        contact = self.list.chosen()
        if isinstance(contact, Contact):
            self._say(contact.id)

    def _say(self, contact: ContactId | None) -> None:
        requests, request = self._work.desk.requests, self._request.id
        self._work.ask(
            self,
            lambda: requests.find_person(request, contact),
            lambda _done: self.accept(),
            self._failed,
        )

    def _fetch(
        self, limit: int, offset: int, done: Callable[[list[Line]], None], failed: OnError
    ) -> None:
        people, text = self._work.desk.people, self.search.text()

        def work() -> list[Line]:
            return [_line(contact) for contact in people.contacts(text, limit, offset)]

        self._work.ask(self, work, done, failed)

    def _loaded(self) -> None:
        found = bool(self.list.lines.rowCount())
        self.choose.set_refused("" if found else tr("Nobody is chosen."))
        if found:
            self.states.show_full()
            self.list.select_row(0)
        else:
            self.states.show_empty(
                "user", tr("Nobody matches"), tr("Try another spelling, a number, or an e-mail.")
            )

    def _failed(self, error: Exception) -> None:
        self.problem.set("warning", error_line(error), "hold.text")
        self.problem.setVisible(True)


def _line(contact: Contact) -> Line:
    detail = ", ".join(display(number) for number in contact.numbers)
    return Line(
        contact.name, detail, contact.company, "buildings" if contact.company else "user", contact
    )
