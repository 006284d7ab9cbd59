"""Proving that an erased person is gone: receipt, words, folders, and what was found."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout

from softphone.domain.errors import InvalidInput
from softphone.domain.privacy import ErasureProof
from softphone.domain.register import Field, FieldKind
from softphone.ui.pages.section import Section
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, Sign, clear, frame
from softphone.ui.widgets.file_dialogs import ask_existing_file
from softphone.ui.widgets.form import Form
from softphone.ui.widgets.notice import Notice
from softphone.ui.workplace import Workplace

FIELDS = (
    Field("receipt", "Receipt of the erasure (file)", required=True),
    Field("words", "Names and numbers of the person, one a line", FieldKind.TEXT),
    Field("folder", "Folder with exports, to be searched as well"),
)


class ProofSection(Section):
    """Search every byte; nothing that was typed is kept."""

    def __init__(self, work: Workplace, notice: Notice) -> None:
        super().__init__(work, notice, tr("Prove an erasure"))
        self.form = Form(FIELDS, {}, work.words)
        self.result: list[Sign] = []
        choose = Button(tr("Choose the receipt"), icon="folder-open")
        choose.clicked.connect(self._choose)
        self.prove = Button(tr("Search every byte"), kind="main", icon="magnifying-glass")
        self.prove.clicked.connect(self.submit)
        foot = QHBoxLayout()
        foot.addWidget(choose)
        foot.addStretch(1)
        foot.addWidget(self.prove)
        card, inside = frame("card", margins=16, spacing=12)
        inside.addWidget(self.form)
        inside.addLayout(foot)
        self._card, self._found = frame("card", margins=16, spacing=8)
        self._card.setVisible(False)
        self.fill(
            tr("Prove an erasure"),
            tr(
                "Checks the receipt against the audit log, then searches all files, all "
                "decrypted pages and the write-ahead log for what you type. Nothing of it is "
                "written down."
            ),
            card,
            self._card,
        )

    def submit(self) -> None:
        """Search."""
        values, answers = self.form.values(), self.work.desk.answers
        self.prove.setEnabled(False)
        self.prove.set_text(tr("Searching"))

        def work() -> ErasureProof:
            if not values["receipt"]:
                raise InvalidInput(
                    tr("Nothing was searched."), tr("No receipt is chosen."), tr("Choose one.")
                )
            folders = [Path(values["folder"])] if values["folder"] else []
            return answers.prove_erased(
                Path(values["receipt"]), values["words"].splitlines(), folders
            )

        self.work.ask(self, work, self._done, self._failed)

    def _done(self, proof: ErasureProof) -> None:
        self._rest()
        clear(self._found)
        self.result = [Sign(i, words, role, wrap=True) for i, words, role in proof_words(proof)]
        for sign in self.result:
            self._found.addWidget(sign)
        self._card.setVisible(True)

    def _failed(self, error: Exception) -> None:
        self._rest()
        self.notice.show_error(error)

    def _rest(self) -> None:
        self.prove.setEnabled(True)
        self.prove.set_text(tr("Search every byte"))

    def _choose(self) -> None:
        ask_existing_file(
            self,
            tr("Receipt of the erasure (file)"),
            lambda path: self.form.set_value("receipt", str(path)),
            tr("Receipts (*.json)"),
        )


def proof_words(proof: ErasureProof) -> list[tuple[str, str, str]]:
    """Return icon, words and role of each finding."""
    good, bad = ("check", "text.primary"), ("warning", "stop.text")

    def line(fine: bool, words: str) -> tuple[str, str, str]:
        icon, role = good if fine else bad
        return icon, words, role

    found = [
        line(
            proof.holds,
            tr("Nothing is left of this person here.")
            if proof.holds
            else tr("Something is left, or the receipt does not hold."),
        ),
        line(
            proof.in_log,
            tr("The receipt's entry is in the signed log.")
            if proof.in_log
            else tr("The receipt's entry is not in the log."),
        ),
        line(not proof.rows_left, counted(proof.rows_left, "{n} row left", "{n} rows left")),
        line(
            not proof.remains,
            counted(
                proof.remains,
                "{n} occurrence of {words} words in files and decrypted pages",
                "{n} occurrences of {words} words in files and decrypted pages",
                words=proof.words_searched,
            ),
        ),
    ]
    for name in proof.elsewhere:
        found.append(
            ("file-text", tr("In a file outside, left alone: {file}", file=name), "hold.text")
        )
    return found
