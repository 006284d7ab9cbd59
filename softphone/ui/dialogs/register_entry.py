"""One entry of a register: its form, its history, and what can be done with it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QWidget

from softphone.domain.register import ACKNOWLEDGED, FORMS, Affected, Register, RegisterEntry
from softphone.ui.dialogs.form import FormDialog
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, label
from softphone.ui.widgets.file_dialogs import ask_new_file
from softphone.ui.widgets.notice import Notice
from softphone.ui.words import number
from softphone.ui.workplace import Workplace


class EntryDialog(FormDialog):
    """Add an entry, or read and change one."""

    def __init__(
        self,
        work: Workplace,
        notice: Notice,
        register: Register,
        add_words: str,
        entry: RegisterEntry | None,
        parent: QWidget | None,
    ) -> None:
        self.entry = entry
        self.register = register
        self._notice = notice
        desk = work.desk
        name = entry.id if entry else None
        super().__init__(
            work,
            entry.title if entry else add_words,
            FORMS[register],
            lambda values: desk.registers.save(register, values, name),
            parent,
            values=entry.values if entry else {},
        )
        self.setMinimumWidth(560)
        self._asked = False
        self.out = Button(tr("Take out"), icon="trash")
        self.out.clicked.connect(self.remove)
        self.history = label("", "small", wrap=True)
        self.column.insertWidget(self.column.count() - 2, self.history)
        if entry is not None:
            self._add_actions(entry)
            work.ask(self, lambda: self._said(entry), self.history.setText)

    def accept_text(self) -> None:
        """Accept the agreement in the version that is shown."""
        desk, entry = self._work.desk, self.entry
        if entry is not None:
            self._work.ask(
                self,
                lambda: desk.registers.confirm(entry.id, entry.revision),
                self._done,
                self._failed,
            )

    def remove(self) -> None:
        """Take the entry out of the register; asked once more in the same words."""
        desk, entry = self._work.desk, self.entry
        if entry is None:
            return
        if not self._asked:
            self._asked = True
            self.out.set_text(tr("Take out “{title}” now", title=entry.title))
            return
        self._work.ask(self, lambda: desk.registers.remove(entry.id), self._done, self._failed)

    def print_to(self, path: Path) -> None:
        """Write the agreement with who accepted it."""
        answers, entry = self._work.desk.answers, self.entry
        if entry is not None:
            self._work.ask(
                self,
                lambda: answers.agreement(entry.id, path),
                lambda done: self._notice.show_done(tr("Written to {file}", file=done)),
                self._failed,
            )

    def assess(self) -> None:
        """Count what the breach could have exposed, and put it into the form."""
        desk, entry = self._work.desk, self.entry
        if entry is None:
            return

        def work() -> Affected:
            since, until = desk.registers.breach_window(entry)
            return desk.registers.assess(since, until, entry=entry.id)

        self._work.ask(
            self,
            work,
            lambda found: self.form.set_value("affected", affected_words(found)),
            self._failed,
        )

    def _add_actions(self, entry: RegisterEntry) -> None:
        actions = [self.out]
        if self.register is Register.AGREEMENTS:
            accept = Button(tr("Accept this version"), icon="check")
            accept.clicked.connect(self.accept_text)
            paper = Button(tr("Write to a file"), icon="file-arrow-down")
            paper.clicked.connect(self._ask_file)
            actions += [paper, accept]
        if self.register is Register.BREACHES:
            assess = Button(tr("What could be affected?"), icon="magnifying-glass")
            assess.clicked.connect(self.assess)
            actions.append(assess)
        row = QHBoxLayout()
        row.setSpacing(8)
        for action in actions:
            row.addWidget(action)
        row.addStretch(1)
        self.column.insertLayout(self.column.count() - 2, row)

    def _said(self, entry: RegisterEntry) -> str:
        """Return versions and acceptances in words; runs on the lane."""
        registers, words = self._work.desk.registers, self._work.words
        lines = [
            tr("Version {n}, {who}, {when}", n=e.revision, who=e.changed_by, when=words.full(at))
            for e in registers.revisions(entry.id)
            if (at := e.changed_at) is not None
        ]
        if entry.register in ACKNOWLEDGED:
            lines += [
                tr(
                    "Version {n} confirmed by {who}, {when}",
                    n=a.revision,
                    who=a.person_name,
                    when=words.full(a.at),
                )
                for a in registers.acknowledgements(entry.id)
            ]
        return "\n".join(lines[:6])

    def _ask_file(self) -> None:
        ask_new_file(self, tr("Agreement"), "agreement.html", self.print_to)


def affected_words(found: Affected) -> str:
    """Say what a breach could have exposed."""
    keys = ", ".join(found.groups) or tr("none")
    parts = [
        tr("Keys within reach: {keys}", keys=keys),
        counted(found.recordings, "{n} recording", "{n} recordings"),
        counted(found.contacts, "{n} contact", "{n} contacts"),
        counted(found.calls, "{n} call", "{n} calls"),
    ]
    parts += [f"{tr(action)}: {number(count)}" for action, count in found.opened]
    return "\n".join(parts)
