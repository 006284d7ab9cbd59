"""Adding and changing a contact."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from softphone.app.numbers import display
from softphone.domain.contact import NUMBER_LABELS, Contact, ContactKind
from softphone.domain.ids import ContactId, new_id
from softphone.ui.dialogs.gate import field
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, label
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.states import error_line
from softphone.ui.workplace import Workplace

LABEL_WORDS: dict[str, str] = {
    "": "No label",
    "work": "Work",
    "mobile": "Mobile",
    "home": "Home",
    "main": "Main number",
    "fax": "Fax",
    "sip": "SIP address",
    "other": "Other",
}
CONTACT_KINDS: dict[ContactKind, str] = {
    ContactKind.PERSON: "Person",
    ContactKind.COMPANY: "Company",
}


def label_words(text: str) -> str:
    """Return a number's label in the person's language; one of their own stays as it is."""
    return tr(LABEL_WORDS[text]) if text in LABEL_WORDS else text


class NumberLines(QWidget):
    """Numbers with their labels, a line each, and always one empty line for the next."""

    def __init__(self, pairs: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self.lines: list[tuple[QLineEdit, Combo]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(label(tr("Numbers and SIP addresses"), "label"))
        for number, its_label in pairs:
            self._add(number, its_label)
        self._add()

    def pairs(self) -> list[tuple[str, str]]:
        """Return what was typed."""
        return [
            (line.text().strip(), str(combo.currentData()))
            for line, combo in self.lines
            if line.text().strip()
        ]

    def set_numbers(self, *numbers: str) -> None:
        """Fill in numbers without labels."""
        for number in numbers:
            self.lines[-1][0].setText(number)

    def _add(self, number: str = "", its_label: str = "") -> None:
        line, combo = QLineEdit(), Combo(tr("Label"))
        line.setAccessibleName(tr("Number or address"))
        line.setMaxLength(200)
        combo.setFixedWidth(172)
        for known in dict.fromkeys((*NUMBER_LABELS, its_label)):
            combo.addItem(label_words(known), known)
        combo.setCurrentIndex(combo.findData(its_label))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(line, 1)
        row.addWidget(combo)
        self._column.addLayout(row)
        line.setText(display(number))
        self.lines.append((line, combo))
        line.textChanged.connect(self._grow)

    def _grow(self) -> None:
        if self.lines and self.lines[-1][0].text().strip():
            self._add()


class ContactDialog(QDialog):
    """Stays open with the reason when the contact could not be saved."""

    def __init__(self, work: Workplace, contact: Contact | None, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._work = work
        self._contact = contact
        title = tr("Change contact") if contact else tr("Add contact")
        self.setWindowTitle(title)
        self.setMinimumWidth(460)
        known = contact or Contact(ContactId(""), "", ())
        name, self.name = field(tr("Name"))
        self.kind = Combo(tr("Person or company"))
        for kind, words in CONTACT_KINDS.items():
            self.kind.addItem(tr(words), kind.value)
        self.kind.setCurrentIndex(self.kind.findData(known.kind.value))
        self.kind.setFixedWidth(172)
        self.numbers = NumberLines(known.labelled)
        company, self.company = field(tr("Company"))
        email, self.email = field(tr("E-mail, with commas between several"))
        tags, self.tags = field(tr("Tags, with commas between them"))
        language, self.language = field(tr("Language, such as de or en-GB"))
        self.name.setText(known.name)
        self.company.setText(known.company)
        self.email.setText(", ".join(known.emails))
        self.email.setMaxLength(1000)
        self.tags.setText(", ".join(known.tags))
        self.language.setText(known.language)
        self.language.setMaxLength(35)
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
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addLayout(name, 1)
        kind_column = QVBoxLayout()
        kind_column.addStretch(1)
        kind_column.addWidget(self.kind)
        first.addLayout(kind_column)
        last = QHBoxLayout()
        last.setSpacing(8)
        last.addLayout(tags, 3)
        last.addLayout(language, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(title, "title"))
        column.addLayout(first)
        column.addWidget(self.numbers)
        for part in (company, email, last):
            column.addLayout(part)
        column.addWidget(self.problem)
        column.addLayout(foot)
        self.name.setFocus()

    def submit(self) -> None:
        """Save; numbers are normalised by the desk."""
        known = self._contact or Contact(ContactId(new_id()), "", ())
        wanted = (
            replace(
                known,
                name=self.name.text(),
                kind=ContactKind(str(self.kind.currentData())),
                company=self.company.text().strip(),
                tags=tuple(_split(self.tags.text())),
                language=self.language.text().strip(),
            )
            .with_numbers(self.numbers.pairs())
            .with_emails(_split(self.email.text()))
        )
        self.save.setEnabled(False)
        desk = self._work.desk
        self._work.ask(
            self, lambda: desk.people.save(wanted), lambda _saved: self.accept(), self._failed
        )

    def _failed(self, error: Exception) -> None:
        self.save.setEnabled(True)
        self.problem.set("warning", error_line(error), "hold.text")
        self.problem.setVisible(True)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
