"""One contact: numbers to call, notes, and what may be done with the whole record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from softphone.app.contacts import ContactView
from softphone.app.desk import Desk
from softphone.domain.contact import Contact, HistoryEntry, Note
from softphone.domain.errors import NotFound
from softphone.domain.permissions import Permission
from softphone.ui.call_actions import CallActions
from softphone.ui.dialogs.consent import ConsentDialog
from softphone.ui.dialogs.erase import EraseDialog
from softphone.ui.dialogs.hand_out import HandOutDialog
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, ElidedLabel, clear, divider, label
from softphone.ui.widgets.contact_facts import (
    add_consents,
    add_identity,
    add_informed,
    add_staff,
)
from softphone.ui.widgets.notice import Notice
from softphone.ui.widgets.states import StatePane
from softphone.ui.words import DISPOSITIONS, isolated, length, refusal
from softphone.ui.workplace import Workplace

CALLS = 5


class ContactCard(QWidget):
    """The right side of the contacts page."""

    edit_wanted = Signal(object)
    accesses_wanted = Signal(str, str)
    """The contact's identifier and name: who looked at it?"""

    def __init__(self, work: Workplace, actions: CallActions, notice: Notice) -> None:
        super().__init__()
        self._work, self._actions, self._notice = work, actions, notice
        self._contact: Contact | None = None
        rights = work.rights
        self.edit = Button(tr("Change"), icon="pencil-simple")
        self.export = Button(tr("Export to Excel"), icon="download-simple")
        self.erase = Button(tr("Erase this person"), icon="trash")
        self.edit.set_refused(refusal(rights.decisions[Permission.CONTACTS_EDIT]))
        self.export.set_refused(refusal(rights.decisions[Permission.CONTACTS_EXPORT]))
        self.erase.set_refused(refusal(rights.decisions[Permission.CONTACTS_ERASE]))
        self.accesses = Button(tr("Who looked at this"), icon="checked-list")
        self.accesses.setVisible(rights.may(Permission.AUDIT_READ))
        self.accesses.clicked.connect(self._ask_who)
        self.edit.clicked.connect(lambda: self.edit_wanted.emit(self._contact))
        self.export.clicked.connect(self._hand_out)
        self.erase.clicked.connect(self._erase)
        self.note_line = QLineEdit()
        self.note_line.setAccessibleName(tr("Add a note"))
        self.note_line.setPlaceholderText(tr("Add a note, Enter saves"))
        self.note_line.setMaxLength(4000)
        self.note_line.returnPressed.connect(self._add_note)
        self.note_line.setEnabled(rights.may(Permission.CONTACTS_EDIT))
        self._body = QVBoxLayout()
        self._body.setContentsMargins(24, 12, 24, 12)
        self._body.setSpacing(6)
        inside = QWidget()
        inside.setLayout(self._body)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(scroll, 1)
        column.addLayout(self._foot())
        self.states = StatePane(whole, lambda: self._read())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.states)
        self.setMinimumWidth(340)
        self._say_nobody()

    def show_contact(self, contact: Contact) -> None:
        """Show a contact; opening it is logged."""
        if self._contact is not None and self._contact.id == contact.id:
            return
        self._contact = contact
        self.states.show_loading()
        self._read()

    def reload(self) -> None:
        """Read again after a change; a contact that is gone leaves the card empty."""
        if self._contact is not None:
            self._read(again=True)

    def _read(self, *, again: bool = False) -> None:
        contact, desk = self._contact, self._work.desk
        if contact is None:
            return

        def read() -> tuple[ContactView, list[HistoryEntry], dict[str, str]]:
            view = desk.contacts.open(contact.id, again=again)
            found = view.contact
            number = found.numbers[0] if found.numbers else found.name
            titles = {p.key: p.title for p in desk.consents.purposes()}
            return view, desk.calls.history(number, CALLS, 0), titles

        self._work.ask(self, read, lambda found: self._show(*found), self._not_read)

    def _ask_who(self) -> None:
        if self._contact is not None:
            self.accesses_wanted.emit(str(self._contact.id), self._contact.name)

    def _not_read(self, error: Exception) -> None:
        if not isinstance(error, NotFound):
            self.states.show_error(error)
            return
        self._contact = None
        self._say_nobody()

    def _say_nobody(self) -> None:
        self.states.show_empty(
            "user", tr("Nobody selected"), tr("Select a contact to see numbers, notes and calls.")
        )

    def _foot(self) -> QVBoxLayout:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.edit, self.export):
            buttons.addWidget(button)
        buttons.addStretch(1)
        last = QHBoxLayout()
        last.addWidget(self.erase)
        last.addWidget(self.accesses)
        last.addStretch(1)
        rights = self._work.rights
        why = refusal(rights.decisions[Permission.CONTACTS_ERASE]) or refusal(
            rights.decisions[Permission.CONTACTS_EXPORT]
        )
        foot = QVBoxLayout()
        foot.setContentsMargins(24, 0, 24, 12)
        foot.setSpacing(8)
        foot.addWidget(self.note_line)
        foot.addLayout(buttons)
        foot.addLayout(last)
        if why:
            foot.addWidget(label(why, "small", wrap=True))
        return foot

    def _show(self, view: ContactView, calls: list[HistoryEntry], titles: dict[str, str]) -> None:
        if self._contact is None or view.contact.id != self._contact.id:
            return
        self._contact = view.contact
        clear(self._body)
        add_identity(self._body, self._work, view, self._actions.dial)
        add_staff(self._body, view, self.show_contact)
        add_consents(self._body, self._work, view, titles, self._change_consents)
        add_informed(self._body, self._work, view, titles)
        self._show_notes(list(view.notes))
        self._show_calls(calls)
        self._show_merges(view)
        self._body.addStretch(1)
        self.states.show_full()

    def _show_merges(self, view: ContactView) -> None:
        now = self._work.office.clock.now()
        for merge, when in view.merges:
            words = tr("Take apart what was merged {when}", when=self._work.words.when(when, now))
            button = Button(words, kind="link", icon="arrow-counter-clockwise")
            button.set_refused(refusal(self._work.rights.decisions[Permission.CONTACTS_EDIT]))
            button.clicked.connect(lambda _on=False, m=merge: self._undo_merge(m))
            self._body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _undo_merge(self, merge: str) -> None:
        contacts = self._work.desk.contacts
        self._work.ask(
            self,
            lambda: contacts.undo_merge(merge),
            lambda _two: self._notice.show_done(tr("Two contacts again.")),
            self._notice.show_error,
        )

    def _change_consents(self) -> None:
        if self._contact is not None:
            dialog = ConsentDialog(self._work, self._contact, self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    def _show_notes(self, notes: list[Note]) -> None:
        self._body.addSpacing(8)
        self._body.addWidget(label(tr("Notes"), "label"))
        if not notes:
            self._body.addWidget(label(tr("No notes yet."), "secondary"))
        now = self._work.office.clock.now()
        for note in notes[-20:]:
            self._body.addWidget(label(note.text, wrap=True))
            when = self._work.words.when(note.written_at, now)
            self._body.addWidget(label(f"{isolated(note.author_name)}, {when}", "small"))

    def _show_calls(self, calls: list[HistoryEntry]) -> None:
        self._body.addSpacing(8)
        self._body.addWidget(label(tr("Last calls"), "label"))
        if not calls:
            self._body.addWidget(label(tr("No calls yet."), "secondary"))
        now = self._work.office.clock.now()
        for place, call in enumerate(calls):
            if place:
                self._body.addWidget(divider())
            outcome = length(call.talk_ms) if call.talk_ms else tr(DISPOSITIONS[call.disposition])
            about = tr(call.wrap_up) if call.wrap_up else ""
            words = ", ".join(part for part in (outcome, about, call.agent_name) if part)
            row = QHBoxLayout()
            when = label(self._work.words.when(call.started_at, now), "secondary")
            when.setFixedWidth(150)
            row.addWidget(when)
            row.addWidget(ElidedLabel(words), 1)
            holder = QWidget()
            row.setContentsMargins(0, 2, 0, 2)
            holder.setLayout(row)
            self._body.addWidget(holder)

    def _add_note(self) -> None:
        text, contact = self.note_line.text().strip(), self._contact
        if text and contact is not None:
            self.note_line.clear()
            desk = self._work.desk
            self._work.ask(
                self,
                lambda: desk.people.add_note(text, contact=contact.id),
                lambda _note: None,
                lambda error: self._note_failed(text, error),
            )

    def _note_failed(self, text: str, error: Exception) -> None:
        self.note_line.setText(text)
        self._notice.show_error(error)

    def _hand_out(self) -> None:
        contact, zone = self._contact, self._work.office.time_zone
        if contact is None:
            return

        def write(
            desk: Desk, path: Path, _form: str, secret: str, on_part: Callable[[int, int], bool]
        ) -> object:
            return desk.privacy.export_contact(
                contact.id, path, zone, secret, lambda rows: on_part(rows, 0)
            )

        dialog = HandOutDialog(
            self._work,
            tr("Export to Excel"),
            tr("Record of a person"),
            (("xlsx", tr("Excel workbook (*.xlsx)"), "xlsx"),),
            write,
            self,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _erase(self) -> None:
        if self._contact is not None:
            dialog = EraseDialog(self._work, self._contact, self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()
