"""A legal basis of one contact: recorded or withdrawn, with the wording and the whole history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from softphone.app.consents import BasisGiven
from softphone.domain.consent import (
    BASIS_WORDS,
    SOURCE_WORDS,
    Consent,
    ConsentSource,
    InfoText,
    LegalBasis,
    Purpose,
)
from softphone.domain.contact import Contact
from softphone.ui.consent_words import change_words, how_words
from softphone.ui.dialogs.gate import field
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, label
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.states import error_line
from softphone.ui.words import isolated
from softphone.ui.workplace import Workplace

EXPIRIES: tuple[tuple[str, int], ...] = (
    ("Does not expire", 0),
    ("One year", 365),
    ("Two years", 730),
    ("Three months", 90),
)


def titled(title: str, widget: QWidget) -> QVBoxLayout:
    """Return a widget under its label."""
    name = label(title, "label")
    name.setBuddy(widget)
    column = QVBoxLayout()
    column.setSpacing(4)
    column.addWidget(name)
    column.addWidget(widget)
    return column


class ConsentDialog(QDialog):
    """Stays open with the reason when nothing could be recorded."""

    def __init__(self, work: Workplace, contact: Contact, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._work = work
        self._contact = contact
        self._texts: list[InfoText] = []
        self._history: list[Consent] = []
        self._first = ""
        self.setWindowTitle(tr("Legal basis"))
        self.setMinimumWidth(520)
        self.purpose = Combo(tr("Purpose"))
        self.basis = Combo(tr("Legal basis"))
        for basis, words in BASIS_WORDS.items():
            self.basis.addItem(tr(words), basis.value)
        self.source = Combo(tr("How it was obtained"))
        for source in (ConsentSource.FORM, ConsentSource.CALL):
            self.source.addItem(tr(SOURCE_WORDS[source]), source.value)
        self.expiry = Combo(tr("Valid"))
        for words, days in EXPIRIES:
            self.expiry.addItem(tr(words), days)
        note, self.note = field(tr("What was said or written (optional)"))
        self.note.setMaxLength(2000)
        self.wording = label("", "small", wrap=True)
        self.history = QPlainTextEdit()
        self.history.setReadOnly(True)
        self.history.setAccessibleName(tr("History"))
        self.history.setFixedHeight(96)
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        self.save = Button(tr("Record the basis"), kind="main", icon="check")
        self.save.clicked.connect(self.submit)
        self.withdraw = Button(tr("Record a withdrawal"), icon="prohibit")
        self.withdraw.clicked.connect(self._withdraw)
        cancel = Button(tr("Close"))
        cancel.clicked.connect(self.reject)
        self.purpose.currentIndexChanged.connect(lambda _row: self._say())
        two = QHBoxLayout()
        two.setSpacing(12)
        two.addLayout(titled(tr("How it was obtained"), self.source), 1)
        two.addLayout(titled(tr("Valid"), self.expiry), 1)
        foot = QHBoxLayout()
        foot.addWidget(self.withdraw)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        name = isolated(contact.name)
        column.addWidget(label(tr("Legal basis for {name}", name=name), "title", wrap=True))
        column.addLayout(titled(tr("Purpose"), self.purpose))
        column.addWidget(self.wording)
        column.addLayout(titled(tr("Legal basis"), self.basis))
        column.addLayout(two)
        column.addLayout(note)
        column.addLayout(titled(tr("History"), self.history))
        column.addWidget(self.problem)
        column.addLayout(foot)
        self._read()

    def choose_purpose(self, key: str) -> None:
        """Begin with this purpose."""
        self._first = key
        self.purpose.setCurrentIndex(max(0, self.purpose.findData(key)))

    def submit(self) -> None:
        """Record the basis."""
        days = int(self.expiry.currentData())
        now = self._work.office.clock.now().astimezone(UTC)
        until: datetime | None = now + timedelta(days=days) if days else None
        given = BasisGiven(
            str(self.purpose.currentData()),
            LegalBasis(str(self.basis.currentData())),
            ConsentSource(str(self.source.currentData())),
            self._contact.language,
            expires_at=until,
            note=self.note.text(),
        )
        desk, contact = self._work.desk, self._contact.id
        self._work.ask(
            self, lambda: desk.consents.give(contact, given), lambda _c: self._saved(), self._failed
        )

    def _withdraw(self) -> None:
        purpose, note = str(self.purpose.currentData()), self.note.text()
        source = ConsentSource(str(self.source.currentData()))
        desk, contact = self._work.desk, self._contact.id
        live = self._work.store.state.live_calls
        self._work.ask(
            self,
            lambda: desk.consents.withdraw(contact, purpose, source, note, live),
            lambda _c: self._saved(),
            self._failed,
        )

    def _read(self) -> None:
        desk, contact = self._work.desk, self._contact.id

        def read() -> tuple[list[Purpose], list[InfoText], list[Consent]]:
            consents = desk.consents
            return consents.purposes(), desk.information.texts(), consents.history(contact)

        self._work.ask(self, read, lambda found: self._show(*found), self._failed)

    def _show(self, purposes: list[Purpose], texts: list[InfoText], history: list[Consent]) -> None:
        self._texts, self._history = texts, history
        if not self.purpose.count():
            for purpose in purposes:
                self.purpose.addItem(tr(purpose.title), purpose.key)
            self.purpose.setCurrentIndex(max(0, self.purpose.findData(self._first)))
        self._say()

    def _say(self) -> None:
        purpose = self.purpose.currentData()
        language = self._contact.language.casefold()
        found = [t for t in self._texts if t.topic == purpose]
        text = next((t for t in found if t.language.casefold() == language), None)
        text = text or next(iter(found), None)
        self.wording.setText(
            tr("Wording {version}, {language}: {words}", version=text.version,
               language=text.language, words=text.text)
            if text
            else tr("There is no wording for this purpose yet.")
        )  # fmt: skip
        now = self._work.office.clock.now()
        lines = [
            f"{change_words(c)}: {how_words(c, self._work.words, now)}"
            + (f" – {c.note}" if c.note else "")
            for c in reversed(self._history)
            if c.purpose == purpose
        ]
        self.history.setPlainText("\n".join(lines) or tr("Nothing was recorded so far."))

    def _saved(self) -> None:
        self.note.clear()
        self.problem.set("check", tr("Recorded."), "go.text")
        self.problem.setVisible(True)
        self._read()

    def _failed(self, error: Exception) -> None:
        self.problem.set("warning", error_line(error), "hold.text")
        self.problem.setVisible(True)
