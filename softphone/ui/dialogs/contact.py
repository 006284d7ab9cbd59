"""Adding and changing a contact."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from softphone.app.numbers import display
from softphone.domain.contact import Contact
from softphone.domain.ids import ContactId, new_id
from softphone.ui.dialogs.gate import field
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, label
from softphone.ui.widgets.states import error_words
from softphone.ui.workplace import Workplace


class ContactDialog(QDialog):
    """Stays open with the reason when the contact could not be saved."""

    def __init__(self, work: Workplace, contact: Contact | None, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._work = work
        self._contact = contact
        title = tr("Change contact") if contact else tr("Add contact")
        self.setWindowTitle(title)
        self.setMinimumWidth(420)
        name, self.name = field(tr("Name"))
        numbers, self.numbers = field(tr("Numbers or addresses, with commas between them"))
        company, self.company = field(tr("Company"))
        email, self.email = field(tr("E-mail"))
        self.numbers.setMaxLength(500)
        if contact is not None:
            self.name.setText(contact.name)
            self.numbers.setText(", ".join(display(n) for n in contact.numbers))
            self.company.setText(contact.company)
            self.email.setText(contact.email)
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        self.save = Button(tr("Save"), kind="main", icon="check")
        self.save.setDefault(True)
        self.save.clicked.connect(self.submit)
        cancel = Button(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(title, "title"))
        for part in (name, numbers, company, email):
            column.addLayout(part)
        column.addWidget(self.problem)
        column.addLayout(foot)
        self.name.setFocus()

    def submit(self) -> None:
        """Save; numbers are normalised by the desk."""
        known = self._contact or Contact(ContactId(new_id()), "", ())
        typed = (part.strip() for part in self.numbers.text().split(","))
        wanted = replace(
            known,
            name=self.name.text(),
            numbers=tuple(number for number in typed if number),
            company=self.company.text().strip(),
            email=self.email.text().strip(),
        )
        self.save.setEnabled(False)
        desk = self._work.desk
        self._work.ask(
            self, lambda: desk.people.save(wanted), lambda _saved: self.accept(), self._failed
        )

    def _failed(self, error: Exception) -> None:
        self.save.setEnabled(True)
        self.problem.set("warning", " ".join(p for p in error_words(error) if p), "hold.text")
        self.problem.setVisible(True)
