"""Giving the workstation up: what goes, the certificate, and the question in words."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from softphone.domain.permissions import Permission
from softphone.ui.pages.section import Section
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, frame, label
from softphone.ui.widgets.file_dialogs import ask_new_file
from softphone.ui.widgets.notice import Notice
from softphone.ui.words import refusal
from softphone.ui.workplace import Workplace


class LeavingSection(Section):
    """The wizard of one page: read, choose the file, type the word, press."""

    def __init__(self, work: Workplace, notice: Notice) -> None:
        super().__init__(work, notice, tr("Leave"))
        self.file: Path | None = None
        self.word = tr("destroy")
        self.typed = QLineEdit()
        self.typed.setProperty("large", True)
        self.typed.setAccessibleName(tr("Type the word {word}", word=self.word))
        self.typed.textChanged.connect(lambda _text: self._ready())
        self.choose = Button(tr("Choose where the certificate goes"), icon="file-arrow-down")
        self.choose.clicked.connect(self._ask_file)
        self.leave = Button(tr("Destroy all data of this workstation"), kind="stop", icon="trash")
        self.leave.clicked.connect(self.submit)
        card, inside = frame("card", margins=16, spacing=10)
        for icon, words in (
            ("trash", tr("Contacts, calls, notes, recordings, registers and the audit log")),
            (
                "key",
                tr(
                    "All keys, also those in the system's key store: no backup of this "
                    "workstation opens without the recovery key"
                ),
            ),
            ("gear", tr("Caches and settings; whoever comes back starts empty")),
            (
                "medal",
                tr(
                    "You get a signed certificate with the end of the log; it holds no "
                    "personal data"
                ),
            ),
        ):
            inside.addWidget(Sign(icon, words, "text.primary", wrap=True))
        name = label(tr("Type the word {word}", word=self.word), "label")
        name.setBuddy(self.typed)
        inside.addWidget(self.choose)
        inside.addWidget(name)
        inside.addWidget(self.typed)
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        inside.addWidget(self.problem)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.leave)
        inside.addLayout(foot)
        self.fill(
            tr("Leave: delete all our data"),
            tr("Destroys everything on this workstation. It cannot be undone."),
            card,
        )
        self._ready()

    def set_file(self, path: Path) -> None:
        """Choose where the certificate goes."""
        self.file = path
        self.choose.set_text(tr("Certificate to {file}", file=path.name))
        self._ready()

    def submit(self) -> None:
        """Write the certificate and destroy everything; the window then starts anew."""
        file, office = self.file, self.work.office
        if file is None:
            return
        self.leave.setEnabled(False)
        self.problem.set("hourglass", tr("Destroying keys, then data"), "text.primary")
        self.problem.setVisible(True)
        self.work.ask(self, lambda: office.leave(file), lambda _done: None, self._failed)

    def _failed(self, error: Exception) -> None:
        self._ready()
        self.problem.setVisible(False)
        self.notice.show_error(error)

    def _ready(self) -> None:
        why = refusal(self.work.rights.decisions[Permission.POLICY_MANAGE])
        if not why and self.file is None:
            why = tr("Choose a file for the certificate first.")
        if not why and self.typed.text().strip().casefold() != self.word.casefold():
            why = tr("Type the word {word}", word=self.word)
        self.leave.set_refused(why)

    def _ask_file(self) -> None:
        ask_new_file(self, tr("Certificate"), "certificate.txt", self.set_file)
