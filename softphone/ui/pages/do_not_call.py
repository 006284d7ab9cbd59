"""Do-not-call lists: imported, and dropped when a newer one is there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from softphone.domain.consent import DoNotCallList
from softphone.domain.permissions import Permission
from softphone.ui.pages.section import Section
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, frame, label
from softphone.ui.widgets.notice import Notice
from softphone.ui.widgets.states import StatePane
from softphone.ui.words import number, refusal
from softphone.ui.workplace import Workplace


class DoNotCallSection(Section):
    """The lists with their figures; numbers are kept as hashes, so none can be shown."""

    def __init__(self, work: Workplace, notice: Notice) -> None:
        super().__init__(work, notice, tr("Do not call"))
        self.add = Button(tr("Import a list"), kind="main", icon="upload-simple")
        self.add.set_refused(refusal(work.rights.decisions[Permission.PRIVACY_MANAGE]))
        self.add.clicked.connect(self._ask_file)
        self._cards = QVBoxLayout()
        self._cards.setContentsMargins(24, 0, 24, 16)
        self._cards.setSpacing(12)
        inside = QWidget()
        inside.setLayout(self._cards)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        self.states = StatePane(scroll, self.activate)
        words = tr(
            "Checked before every marketing call. Numbers are kept as keyed hashes: a list cannot "
            "be read back."
        )
        head = QHBoxLayout()
        head.setContentsMargins(24, 4, 24, 8)
        head.addWidget(label(words, "secondary", wrap=True), 1)
        head.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(self.states, 1)

    def activate(self) -> None:
        """Read the lists."""
        if self._cards.count() == 0:
            self.states.show_loading()
        campaigns = self.work.desk.campaigns
        self.work.ask(self, campaigns.lists, self._show, self.states.show_error)

    def changed(self, kinds: frozenset[str]) -> None:
        """Follow imports."""
        if "do_not_call" in kinds:
            self.activate()

    def import_file(self, path: Path) -> None:
        """Import a file under its own name."""
        campaigns, title = self.work.desk.campaigns, path.stem
        self.add.set_text(tr("Importing"))
        self.add.setEnabled(False)
        self.work.ask(
            self, lambda: campaigns.import_list(path, title), self._imported, self._failed
        )

    def _imported(self, counts: tuple[int, int]) -> None:
        self._ends()
        numbers, unusable = counts
        words = counted(numbers, "{n} number is on the list.", "{n} numbers are on the list.")
        if unusable:
            left = counted(
                unusable, "{n} row had no number.", "{n} rows had no number and were left out."
            )
            words = f"{words} {left}"
        self.notice.show_done(words)

    def _failed(self, error: Exception) -> None:
        self._ends()
        self.notice.show_error(error)

    def _ends(self) -> None:
        self.add.set_text(tr("Import a list"))
        self.add.setEnabled(True)

    def _show(self, lists: list[DoNotCallList]) -> None:
        while item := self._cards.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if not lists:
            self.states.show_empty(
                "prohibit",
                tr("No lists yet"),
                tr("Import a list of numbers that must not be called for marketing: CSV or Excel."),
            )
            return
        for made in lists:
            self._cards.addWidget(self._card(made))
        self._cards.addStretch(1)
        self.states.show_full()

    def _card(self, made: DoNotCallList) -> QWidget:
        card, inside = frame("card", margins=16, spacing=6)
        row = QHBoxLayout()
        row.addWidget(label(made.title, "strong", wrap=True), 1)
        count = counted(made.numbers, "{n} number", "{n} numbers")
        when = self.work.words.when(made.imported_at, self.work.office.clock.now())
        remove = Button(tr("Remove"), icon="trash")
        remove.setAccessibleName(tr("Remove {name}", name=made.title))
        remove.set_refused(refusal(self.work.rights.decisions[Permission.PRIVACY_MANAGE]))
        remove.clicked.connect(lambda: self._remove(made, remove))
        row.addWidget(remove)
        inside.addLayout(row)
        inside.addWidget(label(f"{count}, {when}", "small"))
        return card

    def _remove(self, made: DoNotCallList, button: Button) -> None:
        words = tr("Press once more: {n} numbers may be called again", n=number(made.numbers))
        if button.text() != words:
            button.set_text(words)
            return
        campaigns = self.work.desk.campaigns
        self.work.ask(
            self, lambda: campaigns.remove_list(made.id), lambda _none: None, self.notice.show_error
        )

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, tr("Import a list"), str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.import_file(Path(path)))
        dialog.open()
