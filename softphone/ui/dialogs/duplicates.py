"""Contacts that may be one: why, what a merge would keep, and the way back."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QVBoxLayout, QWidget

from softphone.app.numbers import display
from softphone.domain.contact import Contact
from softphone.domain.duplicates import LIKENESS_WORDS, Duplicate
from softphone.ui.announce import announce
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, Sign, frame, label
from softphone.ui.widgets.states import StatePane, error_line
from softphone.ui.words import isolated
from softphone.ui.workplace import Workplace


def contact_lines(contact: Contact) -> str:
    """Return a contact in lines."""
    lines = [
        contact.name,
        contact.company,
        *(f"{display(n)} ({its})" if its else display(n) for n, its in contact.labelled),
        *contact.emails,
        ", ".join(contact.tags),
    ]
    return "\n".join(isolated(line) for line in lines if line)


class DuplicatesDialog(QDialog):
    """Pairs at the left; both and the result at the right."""

    def __init__(self, work: Workplace, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._work = work
        self._pairs: list[Duplicate] = []
        self._merge = ""
        self.setWindowTitle(tr("Duplicates"))
        self.setMinimumSize(760, 480)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Pairs that may be one contact"))
        self.list.currentRowChanged.connect(lambda _row: self._preview())
        self.first, self.second, self.outcome = (label("", wrap=True) for _ in range(3))
        self.why = Sign(wrap=True)
        self.merge = Button(tr("Merge into one"), kind="main", icon="check")
        self.merge.clicked.connect(lambda: self._do_merge())
        self.swap = Button(tr("Keep the other one"), icon="arrows-clockwise")
        self.swap.clicked.connect(self._swap)
        self.undo = Button(tr("Undo the last merge"), icon="arrow-counter-clockwise")
        self.undo.clicked.connect(self._undo)
        self.undo.setVisible(False)
        close = Button(tr("Close"))
        close.clicked.connect(self.accept)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.why)
        for title, part in (
            (tr("This one is kept"), self.first),
            (tr("This one goes into it"), self.second),
            (tr("What there will be"), self.outcome),
        ):
            card, inside = frame("insetSmall", margins=12, spacing=4)
            inside.addWidget(label(title, "label"))
            inside.addWidget(part)
            right.addWidget(card)
        right.addStretch(1)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.list, 1)
        row.addLayout(right, 1)
        self.states = StatePane(body, self.reload)
        self.said = Sign(wrap=True)
        self.said.setVisible(False)
        foot = QHBoxLayout()
        foot.addWidget(self.undo)
        foot.addStretch(1)
        for button in (close, self.swap, self.merge):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(tr("Contacts that may be one"), "title"))
        column.addWidget(self.states, 1)
        column.addWidget(self.said)
        column.addLayout(foot)
        self.reload()

    def reload(self) -> None:
        """Look for pairs."""
        self.states.show_loading()
        contacts = self._work.desk.contacts
        self._work.ask(self, contacts.duplicates, self._show, self._failed_to_read)

    def _failed_to_read(self, error: Exception) -> None:
        self.states.show_error(error)
        self._allow(False)

    def _show(self, pairs: list[Duplicate]) -> None:
        self._pairs = pairs
        self.list.clear()
        for pair in pairs:
            self.list.addItem(f"{isolated(pair.first.name)}\n{isolated(pair.second.name)}")
        self._allow(bool(pairs))
        if not pairs:
            self.states.show_empty(
                "users",
                tr("No duplicates"),
                tr("No two contacts share a number or an e-mail and have similar names."),
            )
            return
        self.list.setCurrentRow(0)
        self.states.show_full()

    def _allow(self, on: bool) -> None:
        self.merge.setVisible(on)
        self.swap.setVisible(on)

    def _pair(self) -> Duplicate | None:
        row = self.list.currentRow()
        return self._pairs[row] if 0 <= row < len(self._pairs) else None

    def _preview(self) -> None:
        pair, contacts = self._pair(), self._work.desk.contacts
        if pair is None:
            return
        self.first.setText(contact_lines(pair.first))
        self.second.setText(contact_lines(pair.second))
        self.why.set("info", ", ".join(tr(LIKENESS_WORDS[why]) for why in pair.why))
        kept, other = pair.first.id, pair.second.id
        self._work.ask(
            self,
            lambda: contacts.preview(kept, other),
            lambda merged: self.outcome.setText(contact_lines(merged)),
            self._failed,
        )

    def _swap(self) -> None:
        row, pair = self.list.currentRow(), self._pair()
        if pair is not None:
            self._pairs[row] = Duplicate(pair.second, pair.first, pair.why)
            self._preview()

    def _do_merge(self) -> None:
        pair, contacts = self._pair(), self._work.desk.contacts
        if pair is None:
            return
        kept, other = pair.first.id, pair.second.id
        self.merge.setEnabled(False)
        self._work.ask(self, lambda: contacts.merge(kept, other), self._merged, self._failed)

    def _merged(self, merge: str) -> None:
        self._merge = merge
        self.merge.setEnabled(True)
        self.undo.setVisible(True)
        self._say("check", tr("Merged. Calls, notes and legal bases went along."), "go.text")
        self.reload()

    def _undo(self) -> None:
        merge, contacts = self._merge, self._work.desk.contacts
        self._work.ask(
            self, lambda: contacts.undo_merge(merge), lambda _two: self._undone(), self._failed
        )

    def _undone(self) -> None:
        self.undo.setVisible(False)
        self._say("check", counted(2, "{n} contact again.", "{n} contacts again."), "go.text")
        self.reload()

    def _failed(self, error: Exception) -> None:
        self.merge.setEnabled(True)
        self._say("warning", error_line(error), "hold.text")

    def _say(self, icon: str, words: str, role: str) -> None:
        self.said.set(icon, words, role)
        self.said.setVisible(True)
        announce(self, words)
