"""Do-not-call lists: imported, and dropped when a newer one is there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QWidget

from softphone.domain.consent import DoNotCallList
from softphone.domain.permissions import Permission
from softphone.ui.pages.cards_section import CardsSection
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, frame, label
from softphone.ui.widgets.file_dialogs import ask_existing_file
from softphone.ui.widgets.notice import Notice
from softphone.ui.words import number, refusal
from softphone.ui.workplace import Workplace


class DoNotCallSection(CardsSection):
    """The lists with their figures; numbers are kept as hashes, so none can be shown."""

    kinds = frozenset({"do_not_call"})

    def __init__(self, work: Workplace, notice: Notice) -> None:
        words = tr(
            "Checked before every marketing call. Numbers are kept as keyed hashes: a list cannot "
            "be read back."
        )
        add = Button(tr("Import a list"), kind="main", icon="upload-simple")
        super().__init__(work, notice, tr("Do not call"), words, add)
        self.add.clicked.connect(self._ask_file)

    def read(self) -> None:
        """Ask for the lists."""
        self.work.ask(self, self.work.desk.campaigns.lists, self._show, self.states.show_error)

    def empty(self) -> tuple[str, str, str]:
        """What the lists are for."""
        return (
            "prohibit",
            tr("No lists yet"),
            tr("Import a list of numbers that must not be called for marketing: CSV or Excel."),
        )

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
        self.show_cards(self._card(made) for made in lists)

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
        ask_existing_file(self, tr("Import a list"), self.import_file)
