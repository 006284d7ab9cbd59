"""Erasing a person: what will go in counts, asked once more in the same words, then the steps."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from softphone.domain.contact import Contact
from softphone.domain.privacy import STEP_ORDER, ErasurePlan, ErasureReceipt, ErasureStep
from softphone.ui.announce import announce
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, Sign, clear, divider, frame, label
from softphone.ui.widgets.states import error_line
from softphone.ui.words import number
from softphone.ui.workplace import Workplace

STEP_WORDS: dict[ErasureStep, str] = {
    ErasureStep.INTENT_LOGGED: "Write the intent to the audit log",
    ErasureStep.RESTRICTED: "Hide the person everywhere",
    ErasureStep.KEYS_DESTROYED: "Destroy the keys of the recordings",
    ErasureStep.DATA_DELETED: "Delete contact, calls, notes and files",
    ErasureStep.REMAINS_SEARCHED: "Search all files for remains",
    ErasureStep.DONE: "Sign the receipt",
}


def erase_words(plan: ErasurePlan) -> str:
    """Say in words what will be gone."""
    recordings = counted(plan.recordings, "{n} recording", "{n} recordings")
    calls = counted(plan.calls, "{n} call", "{n} calls")
    return counted(
        plan.workstations,
        "Erase {recordings} and {calls} on {n} workstation",
        "Erase {recordings} and {calls} on {n} workstations",
        recordings=recordings,
        calls=calls,
    )


def with_others(plan: ErasurePlan) -> str:
    """Say in how many of the recordings others are heard, who lose them too; empty where none."""
    if not plan.with_others:
        return ""
    return counted(
        plan.with_others,
        "In {n} of them somebody else is heard too",
        "In {n} of them others are heard too",
    )


class EraseDialog(QDialog):
    """Plan, question, progress, receipt."""

    def __init__(self, work: Workplace, contact: Contact, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._work = work
        self._contact = contact
        self._asked = False
        self._receipt = ""
        self.setWindowTitle(tr("Erase a person"))
        self.setMinimumWidth(600)
        self.title = label(tr("Erasure for {name}", name=contact.name), "title", wrap=True)
        lead = tr(
            "Cannot be undone. Recordings do not come back from backups either, once the next "
            "backup has replaced their keys."
        )
        self.lead = Sign("info", lead, wrap=True)
        self._card, self._inside = frame("card", margins=0, spacing=0)
        self.question = Sign(wrap=True)
        self.question.setVisible(False)
        self.erase = Button(tr("Erase"), kind="stop", icon="trash")
        self.erase.setEnabled(False)
        self.erase.clicked.connect(self._pressed)
        self.cancel = Button(tr("Cancel"))
        self.cancel.clicked.connect(self.reject)
        self.copy = Button(tr("Copy receipt"), icon="copy")
        self.copy.setVisible(False)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._receipt))
        foot = QHBoxLayout()
        foot.addWidget(self.copy)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.erase)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        for part in (self.title, self.lead, self._card, self.question):
            column.addWidget(part)
        column.addLayout(foot)
        self._say("hourglass", tr("Counting what will go"))
        desk = work.desk
        work.ask(self, lambda: desk.privacy.plan(contact.id), self._planned, self._failed)

    def reject(self) -> None:
        """Close, unless the erasure is under way."""
        if self.cancel.isEnabled():
            super().reject()

    def _planned(self, plan: ErasurePlan) -> None:
        self._plan = plan
        self.question.setVisible(False)
        numbers = counted(len(self._contact.numbers), "Name, {n} number", "Name, {n} numbers")
        rows = (
            (
                "sound-wave",
                plan.recordings,
                tr("Recordings"),
                with_others(plan) or tr("Keys, then audio"),
            ),
            ("clock", plan.calls, tr("Calls in the history"), tr("With numbers and times")),
            ("note", plan.notes, tr("Notes and wrap-ups"), ""),
            ("user", 1, tr("Contact"), numbers),
            (
                "checked-list",
                plan.audit_details,
                tr("Names in audit entries"),
                tr("The entries stay as proof"),
            ),
        )
        self._fill(rows)
        self.erase.set_text(erase_words(plan))
        self.erase.setEnabled(True)
        self.adjustSize()

    def _fill(self, rows: tuple[tuple[str, int, str, str], ...]) -> None:
        clear(self._inside)
        for place, (icon, count, what, detail) in enumerate(rows):
            if place:
                self._inside.addWidget(divider())
            line = QWidget()
            grid = QGridLayout(line)
            grid.setContentsMargins(16, 8, 16, 8)
            grid.setColumnMinimumWidth(1, 170)
            grid.setColumnStretch(2, 1)
            grid.addWidget(Sign(icon, number(count)), 0, 0)
            grid.setColumnMinimumWidth(0, 72)
            grid.addWidget(label(what, "strong"), 0, 1)
            grid.addWidget(label(detail, "secondary", wrap=True), 0, 2)
            self._inside.addWidget(line)

    def _pressed(self) -> None:
        words = erase_words(self._plan)
        if not self._asked:
            self._asked = True
            self._say("warning", tr("{words}? Press once more to do it.", words=words))
            self.cancel.setFocus()
            return
        self._begin()

    def _begin(self) -> None:
        self.erase.setEnabled(False)
        self.cancel.setEnabled(False)
        self.question.setVisible(False)
        clear(self._inside)
        self.steps: dict[ErasureStep, Sign] = {}
        for step in STEP_ORDER:
            sign = Sign("hourglass", tr(STEP_WORDS[step]))
            sign.setContentsMargins(16, 8, 16, 8)
            self.steps[step] = sign
            self._inside.addWidget(sign)
        desk, contact, post = self._work.desk, self._contact.id, self._work.dispatcher.post

        def on_step(step: ErasureStep) -> None:
            post(lambda: self._step(step))

        self._work.ask(
            self,
            lambda: desk.privacy.erase(contact, on_step=on_step),
            self._done,
            self._failed,
        )

    def _step(self, step: ErasureStep) -> None:
        place = STEP_ORDER.index(step) + 1
        words = tr(STEP_WORDS[step])
        done = tr("{words}, done", words=words)
        self.steps[step].set("check", done, "text.primary")
        self.erase.set_text(tr("Step {n} of {total}", n=place, total=len(STEP_ORDER)))
        announce(self, done)

    def _done(self, receipt: ErasureReceipt) -> None:
        counts = "\n".join(f"{name}: {count}" for name, count in receipt.counts)
        when = self._work.words.full(receipt.executed_at)
        self._receipt = "\n".join(
            (
                tr("Erasure {id}", id=receipt.erasure),
                when,
                counts,
                tr("Remains found: {n}", n=receipt.remains_found),
                tr("Audit entry: {n}", n=receipt.entry_index + 1),
                receipt.checkpoint,
            )
        )
        clear(self._inside)
        facts = (
            ("check", tr("Erased {when}", when=when)),
            ("magnifying-glass", tr("Remains found: {n}", n=receipt.remains_found)),
            ("checked-list", tr("Audit entry: {n}", n=number(receipt.entry_index + 1))),
            ("file-text", tr("The receipt names the erasure, never the person.")),
        )
        for icon, words in facts:
            sign = Sign(icon, words, "text.primary", wrap=True)
            sign.setContentsMargins(16, 8, 16, 8)
            self._inside.addWidget(sign)
        self.title.setText(tr("The person is erased"))
        self.lead.setVisible(False)
        self.erase.setVisible(False)
        self.copy.setVisible(True)
        self.cancel.setEnabled(True)
        self.cancel.set_text(tr("Close"))
        self.adjustSize()
        announce(self, tr("The person is erased"))

    def _failed(self, error: Exception) -> None:
        self._say("warning", error_line(error))
        self.cancel.setEnabled(True)
        self.erase.setEnabled(False)

    def _say(self, icon: str, words: str) -> None:
        self.question.set(icon, words, "hold.text" if icon == "warning" else "text.secondary")
        self.question.setVisible(True)
