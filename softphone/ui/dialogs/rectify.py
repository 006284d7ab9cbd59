"""Correcting a person's data; what it was is kept (GDPR Art. 16)."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from softphone.app.numbers import display
from softphone.domain.contact import Contact
from softphone.domain.errors import InvalidInput
from softphone.domain.register import Field
from softphone.domain.request import DataRequest
from softphone.ui.dialogs.form import FormDialog
from softphone.ui.translation import tr
from softphone.ui.workplace import Workplace

FIELDS = (
    Field("name", "Name", required=True),
    Field("numbers", "Numbers or addresses, with commas between them"),
    Field("company", "Company"),
    Field("email", "E-mail addresses, with commas between them"),
    Field("language", "Language"),
    Field("reason", "What was wrong", required=True),
)


class RectifyDialog(FormDialog):
    """The contact's fields and the reason."""

    def __init__(self, work: Workplace, request: DataRequest, parent: QWidget | None) -> None:
        self._request = request
        self._contact: Contact | None = None
        super().__init__(
            work,
            tr("Correct the data"),
            FIELDS,
            self._rectify,
            parent,
            lead=tr("What it was is kept with the reason, and goes with an erasure."),
        )
        self.save.setEnabled(False)
        people, contact = work.desk.people, request.contact
        if contact is not None:
            work.ask(self, lambda: people.open(contact)[0], self._show, self._failed)

    def _show(self, contact: Contact) -> None:
        self._contact = contact
        self.form.set_value("name", contact.name)
        self.form.set_value("numbers", ", ".join(display(n) for n in contact.numbers))
        self.form.set_value("company", contact.company)
        self.form.set_value("email", ", ".join(contact.emails))
        self.form.set_value("language", contact.language)
        self.save.setEnabled(True)

    def _rectify(self, values: dict[str, str]) -> object:
        if self._contact is None:
            raise InvalidInput("Nothing was corrected.", "The contact is not read yet.")
        labels = {display(number): label for number, label in self._contact.labelled}
        numbers = [part.strip() for part in values["numbers"].split(",") if part.strip()]
        emails = [part.strip() for part in values["email"].split(",") if part.strip()]
        wanted = replace(
            self._contact.with_numbers([(n, labels.get(n, "")) for n in numbers]).with_emails(
                emails
            ),
            name=values["name"],
            company=values["company"],
            language=values["language"],
        )
        return self._work.desk.requests.rectify(wanted, values["reason"], self._request.id)
