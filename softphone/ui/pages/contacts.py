"""Contacts: the list on the left, one person on the right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QSplitter, QVBoxLayout, QWidget

from softphone.app.desk import Desk
from softphone.app.numbers import display
from softphone.app.ports import ContactFormat
from softphone.domain.contact import Contact
from softphone.domain.permissions import Permission
from softphone.ui.call_actions import CallActions
from softphone.ui.dialogs.contact import ContactDialog
from softphone.ui.dialogs.duplicates import DuplicatesDialog
from softphone.ui.dialogs.hand_out import HandOutDialog
from softphone.ui.dialogs.import_contacts import ImportDialog
from softphone.ui.dispatcher import OnError
from softphone.ui.models.paging import PagedModel
from softphone.ui.pages.page import Page
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button
from softphone.ui.widgets.contact_card import ContactCard
from softphone.ui.widgets.filter_line import FilterLine
from softphone.ui.widgets.notice import Notice
from softphone.ui.widgets.rows import Column, Pen, RowDelegate, RowView, TableHead
from softphone.ui.words import isolated, refusal
from softphone.ui.workplace import Workplace


def describe_contact(contact: Contact) -> str:
    """Say a row in words."""
    numbers = ", ".join(display(n) for n in contact.numbers)
    parts = (isolated(contact.name), isolated(contact.company), numbers)
    return ", ".join(part for part in parts if part)


class ContactDelegate(RowDelegate):
    """Name over company, first number at the right."""

    def __init__(self) -> None:
        super().__init__(48, (Column(tr("Name"), 180, 1.4), Column(tr("Number"), 160, 0.6)))

    def draw(self, pen: Pen, place: QRect, cells: list[QRect], value: object) -> None:
        """Draw one contact."""
        if not isinstance(value, Contact):
            return
        name, number = cells
        medium = QFont.Weight.Medium
        if value.company:
            top = QRect(name.left(), name.top() + 5, name.width(), 20)
            below = QRect(name.left(), name.top() + 24, name.width(), 18)
            pen.text(top, isolated(value.name), weight=medium)
            pen.text(below, isolated(value.company), "text.secondary", size=12)
        else:
            pen.text(name, isolated(value.name), weight=medium)
        pen.text(number, display(value.numbers[0]) if value.numbers else "", "text.secondary")


class ContactsPage(Page):
    """Find, call, add and change; export and erase from the card."""

    key = "contacts"

    def __init__(self, work: Workplace, actions: CallActions, notice: Notice) -> None:
        super().__init__(work, tr("Contacts"))
        self._actions = actions
        self.add = Button(tr("Add contact"), kind="main", icon="plus")
        self.add.set_refused(refusal(work.rights.decisions[Permission.CONTACTS_EDIT]))
        self.add.clicked.connect(lambda: self._edit(None))
        self.set_main_action(self.add)
        self.search = FilterLine(tr("Name, company, number, e-mail or tag"))
        self.search.changed.connect(self.reload)
        self.filters.addWidget(self.search)
        self.filters.addStretch(1)
        self._make_tools()
        self.model: PagedModel[Contact] = PagedModel(self._fetch, describe_contact)
        self.model.loaded.connect(self._loaded)
        delegate = ContactDelegate()
        self.view = RowView(tr("Contacts"), delegate)
        self.view.setModel(self.model)
        self.card = ContactCard(work, actions, notice)
        self.card.edit_wanted.connect(self._edit)
        self.view.clicked.connect(lambda _index: self._open())
        self.view.activated.connect(lambda _index: self._call())
        self.view.selectionModel().currentChanged.connect(lambda *_args: self._open())
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(TableHead(delegate.columns, self.view))
        column.addWidget(self.view, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.addWidget(left)
        split.addWidget(self.card)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        self.set_content(split)
        if self.states is not None:
            self.model.failed.connect(self.states.show_error)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.model.reload)

    def _make_tools(self) -> None:
        decisions = self.work.rights.decisions
        self.import_file = Button(tr("Import contacts"), icon="upload-simple")
        self.duplicates = Button(tr("Duplicates"), icon="users")
        self.export = Button(tr("Export all"), icon="download-simple")
        for button in (self.import_file, self.duplicates):
            button.set_refused(refusal(decisions[Permission.CONTACTS_EDIT]))
        self.export.set_refused(refusal(decisions[Permission.CONTACTS_EXPORT]))
        self.import_file.clicked.connect(lambda: self._open_dialog(ImportDialog(self.work, self)))
        self.duplicates.clicked.connect(
            lambda: self._open_dialog(DuplicatesDialog(self.work, self))
        )
        self.export.clicked.connect(self._hand_out)
        for button in (self.import_file, self.duplicates, self.export):
            self.filters.addWidget(button)

    def _hand_out(self) -> None:
        def write(
            desk: Desk, path: Path, form: str, secret: str, on_part: Callable[[int, int], bool]
        ) -> object:
            return desk.contacts.export(path, ContactFormat(form), secret, on_part)

        formats = (
            (ContactFormat.VCARD4.value, tr("vCard 4"), "vcf"),
            (ContactFormat.VCARD3.value, tr("vCard 3, for older programs"), "vcf"),
            (ContactFormat.CSV.value, tr("CSV table"), "csv"),
            (ContactFormat.EXCEL.value, tr("Excel workbook (*.xlsx)"), "xlsx"),
        )
        self._open_dialog(
            HandOutDialog(
                self.work, tr("Export all contacts"), tr("Contacts"), formats, write, self
            )
        )

    @staticmethod
    def _open_dialog(dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def reload(self) -> None:
        """Read the contacts."""
        if self.states is not None and not (self.model.rowCount() and self.states.state == "full"):
            self.states.show_loading()
        self.model.reload()

    def changed(self, kinds: frozenset[str]) -> None:
        """Follow changes made elsewhere."""
        if "contacts" in kinds:
            self._soon.start(100)
        if kinds & {"contacts", "notes", "calls", "consents", "informed", "do_not_call"}:
            self.card.reload()

    def _fetch(
        self,
        limit: int,
        offset: int,
        done: Callable[[list[Contact]], None],
        failed: OnError,
    ) -> None:
        desk, text = self.work.desk, self.search.text().strip()
        self.work.ask(self, lambda: desk.people.contacts(text, limit, offset), done, failed)

    def _loaded(self) -> None:
        if self.states is None:
            return
        if self.model.rowCount():
            self.states.show_full()
        elif self.search.text():
            self.states.show_empty(
                "magnifying-glass",
                tr("No contact matches"),
                tr("Nothing known of a contact has a word that begins with what you typed."),
            )
        else:
            self.states.show_empty(
                "users",
                tr("No contacts yet"),
                tr("A contact gives a name to a number: in calls, in the history, in recordings."),
                self._first_action(),
            )

    def _first_action(self) -> Button:
        made = Button(tr("Add the first contact"), icon="plus")
        made.set_refused(refusal(self.work.rights.decisions[Permission.CONTACTS_EDIT]))
        made.clicked.connect(lambda: self._edit(None))
        return made

    def _open(self) -> None:
        contact = self.view.value()
        if isinstance(contact, Contact):
            self.card.show_contact(contact)

    def _call(self) -> None:
        contact = self.view.value()
        if isinstance(contact, Contact) and contact.numbers:
            self._actions.dial(contact.numbers[0])

    def _edit(self, contact: object) -> None:
        known = contact if isinstance(contact, Contact) else None
        self._open_dialog(ContactDialog(self.work, known, self))
