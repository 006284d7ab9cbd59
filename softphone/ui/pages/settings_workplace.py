"""Locking, the score card, the life of keys in backups: changed by whoever manages the policy."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from softphone.domain.errors import SoftphoneError
from softphone.domain.permissions import Permission
from softphone.domain.workplace import (
    LONGEST_BACKUP_KEYS_DAYS,
    LONGEST_LOCK_MIN,
    WorkplaceRules,
    question_lines,
    questions_from,
)
from softphone.ui.pages.settings_calls import NumberLine
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, frame, label, with_reason
from softphone.ui.widgets.states import error_line
from softphone.ui.words import refusal
from softphone.ui.workplace import Workplace


class WorkplaceSection(QWidget):
    """Three cards and one button."""

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        why = refusal(work.rights.decisions[Permission.POLICY_MANAGE])
        self.lock = NumberLine(
            tr("Minutes without keyboard and mouse (0 is never)"), 0, LONGEST_LOCK_MIN
        )
        self.questions = QPlainTextEdit()
        self.questions.setAccessibleName(tr("Questions of the score card"))
        self.questions.setPlaceholderText(tr("Was the caller greeted by name? | 5"))
        self.questions.setTabChangesFocus(True)
        self.questions.setFixedHeight(140)
        self.keys = NumberLine(
            tr("Days until the keys of a backup's recordings end"), 1, LONGEST_BACKUP_KEYS_DAYS
        )
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        self.save = Button(tr("Publish the rules"), kind="main", icon="check")
        self.save.set_refused(why)
        self.save.clicked.connect(self.submit)
        self._lay_out(why)
        self._show(work.rights.workplace)
        for control in (self.lock, self.questions, self.keys):
            control.setEnabled(not why)

    def _lay_out(self, why: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        card, inside = frame("card", margins=16, spacing=8)
        inside.addWidget(label(tr("Locking"), "card"))
        lead = tr(
            "The window locks by itself, and when the workstation locks. Calls and recordings go "
            "on; the keys of the vault are gone until somebody signs in."
        )
        inside.addWidget(label(lead, "secondary", wrap=True))
        name = label(self.lock.accessibleName(), "label")
        name.setBuddy(self.lock)
        inside.addWidget(name)
        inside.addWidget(self.lock)
        column.addWidget(card)
        card, inside = frame("card", margins=16, spacing=8)
        inside.addWidget(label(tr("Score card"), "card"))
        lead = tr(
            "What reviewers are asked about a recording: one question a line, with the most points "
            "behind a bar. Answers that were given stay as they are."
        )
        inside.addWidget(label(lead, "secondary", wrap=True))
        inside.addWidget(self.questions)
        column.addWidget(card)
        column.addWidget(self._backups())
        column.addWidget(self.problem)
        column.addLayout(with_reason(self.save, why))

    def _backups(self) -> QWidget:
        card, inside = frame("card", margins=16, spacing=8)
        inside.addWidget(label(tr("Backups"), "card"))
        lead = tr(
            "A backup keeps the keys of its recordings in a file of their own, which every backup "
            "replaces. Whoever was erased since cannot be heard from an old backup any more. "
            "After these days a restore refuses the file."
        )
        inside.addWidget(label(lead, "secondary", wrap=True))
        name = label(self.keys.accessibleName(), "label")
        name.setBuddy(self.keys)
        inside.addWidget(name)
        inside.addWidget(self.keys)
        return card

    def submit(self) -> None:
        """Check and publish."""
        try:
            questions = questions_from(self.questions.toPlainText())
        except SoftphoneError as error:
            self._failed(error)
            return
        wanted = WorkplaceRules(self.lock.value(), questions, self.keys.value())
        rules = self._work.desk.workplace
        self.save.setEnabled(False)
        self._work.ask(
            self, lambda: rules.change(wanted), lambda _done: self._saved(wanted), self._failed
        )

    def _show(self, rules: WorkplaceRules) -> None:
        self.lock.set_value(rules.lock_after_min)
        self.questions.setPlainText(question_lines(rules.questions))
        self.keys.set_value(rules.backup_keys_days)

    def _saved(self, rules: WorkplaceRules) -> None:
        self.save.setEnabled(True)
        self._show(rules)
        self.problem.set("check", tr("Published. The rules hold from now on."))
        self.problem.setVisible(True)

    def _failed(self, error: Exception) -> None:
        self.save.setEnabled(True)
        self.problem.set("warning", error_line(error), "hold.text")
        self.problem.setVisible(True)
