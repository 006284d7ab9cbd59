"""How it rings: on a second device too, how loud, and with which sound, for each account."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from softphone.app.state import PhoneState
from softphone.domain.account import Account
from softphone.domain.ids import AccountId
from softphone.domain.sound import (
    FOR_ALL,
    RING_VOLUMES,
    AudioRole,
    Ringtone,
    RingtoneProblem,
    choose,
    ring_at,
    use_ringtone,
)
from softphone.ui.announce import announce
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, ElidedLabel, Sign, clear, frame, label
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.file_dialogs import ask_existing_file
from softphone.ui.workplace import Workplace

PATTERNS = "*.wav *.ogg *.oga *.opus *.flac"
RING_PROBLEM_WORDS: dict[RingtoneProblem, str] = {
    RingtoneProblem.UNREADABLE: "it is missing, or you may not read it.",
    RingtoneProblem.TOO_LARGE: "it is larger than 10 MB.",
    RingtoneProblem.NO_SOUND_FILE: "it is no WAV, Ogg or FLAC file, or it is damaged.",
    RingtoneProblem.SILENT: "nothing can be heard in it.",
    RingtoneProblem.NOT_KEPT: "a copy could not be written to your profile.",
}


class RingRow:
    """One account's ring: what it is, a button to choose another, and one to go back."""

    def __init__(self, account: AccountId, title: str) -> None:
        self.account = account
        self.title = ElidedLabel(title)
        self.title.setMinimumWidth(150)
        self.name = ElidedLabel("", "secondary")
        name = tr("Choose a sound file for {what}", what=title)
        self.choose = Button(tr("Choose a sound file"), icon="folder-open", name=name)
        words = tr("Use the built-in ring") if account == FOR_ALL else tr("Ring as all accounts")
        self.back = Button(words, kind="link", name=f"{words}: {title}")

    def show_ring(self, own: Ringtone | None) -> None:
        """Show what rings."""
        self.back.setVisible(own is not None)
        if own is None:
            self.name.setText(
                tr("Built-in ring") if self.account == FOR_ALL else tr("As all accounts")
            )
        else:
            self.name.setText(own.name)


class RingCard(QWidget):
    """Changes apply at the next ring."""

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self._accounts: tuple[Account, ...] = ()
        self._refused: Ringtone | None = None
        self.second = Combo(tr("Ring on a second device"))
        self.volume = Combo(tr("Ring volume"))
        for percent in RING_VOLUMES:
            self.volume.addItem(f"{percent} %", percent)
        self.missing = Sign("info", wrap=True)
        self.problem = Sign("warning", wrap=True)
        self.rows: dict[AccountId, RingRow] = {}
        self._lines = QVBoxLayout()
        self._lines.setSpacing(8)
        self._lay_out()
        self.second.activated.connect(lambda _index: self._choose_second())
        self.volume.activated.connect(
            lambda _index: work.office.phone.sound(ring_at(int(self.volume.currentData())))
        )
        work.store.changed.connect(self._show)
        self._show_accounts(())

    def showEvent(self, event: QShowEvent) -> None:
        """Read the accounts' names while one looks."""
        super().showEvent(event)
        vault = self._work.desk.session.vault
        self._work.ask(
            self, lambda: tuple(account for account, _ in vault.accounts()), self._show_accounts
        )

    def use_file(self, account: AccountId, file: Path) -> None:
        """Ring with a copy of this file."""
        self._work.office.phone.sound(use_ringtone(str(file), account))

    def _choose_second(self) -> None:
        device = str(self.second.currentData())
        self._work.office.phone.sound(choose(AudioRole.SECOND_RINGER, device))

    def _ask(self, account: AccountId) -> None:
        pattern = tr("Sound ({patterns})", patterns=PATTERNS)
        ask_existing_file(
            self, tr("Choose a sound file"), lambda file: self.use_file(account, file), pattern
        )

    def _show_accounts(self, accounts: tuple[Account, ...]) -> None:
        if self.rows and accounts == self._accounts:
            return
        self._accounts = accounts
        clear(self._lines)
        self.rows = {FOR_ALL: RingRow(FOR_ALL, tr("All accounts"))}
        if len(accounts) > 1:
            self.rows |= {a.id: RingRow(a.id, a.address_of_record) for a in accounts}
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for line, row in enumerate(self.rows.values()):
            for column, part in enumerate((row.title, row.name, row.back, row.choose)):
                grid.addWidget(part, line, column)
            row.choose.clicked.connect(lambda _on=False, a=row.account: self._ask(a))
            row.back.clicked.connect(
                lambda _on=False, a=row.account: self._work.office.phone.sound(use_ringtone("", a))
            )
        self._lines.addLayout(grid)
        self._show(self._work.store.state)

    def _show(self, state: PhoneState) -> None:
        self._show_second(state)
        told = state.ringtones
        nearest = min(RING_VOLUMES, key=lambda percent: abs(percent - told.volume_percent))
        self.volume.setCurrentIndex(self.volume.findData(nearest))
        own = {ring.account: ring for ring in told.chosen}
        for row in self.rows.values():
            row.show_ring(own.get(row.account))
        self._show_problem(told.refused, [ring for ring in told.chosen if ring.problem])

    def _show_second(self, state: PhoneState) -> None:
        chosen = state.devices.chosen_second_ringer
        self.second.blockSignals(True)
        self.second.clear()
        self.second.addItem(tr("On no second device"), "")
        for device in state.devices.speakers:
            self.second.addItem(device.name, device.id)
        if chosen.id and self.second.findData(chosen.id) < 0:
            self.second.addItem(tr("{name}, not connected", name=chosen.name), chosen.id)
        self.second.setCurrentIndex(max(0, self.second.findData(chosen.id)))
        self.second.blockSignals(False)
        alone = bool(chosen.id) and state.second_ringer != chosen.name
        words = tr("Only {name} rings now.", name=state.ringer) if state.ringer else ""
        if state.second_ringer:
            words = tr("{name} rings instead.", name=state.second_ringer)
        self.missing.set("info", words)
        self.missing.setVisible(alone and bool(words))

    def _show_problem(self, refused: Ringtone | None, damaged: list[Ringtone]) -> None:
        words = ""
        if damaged:
            why = tr(RING_PROBLEM_WORDS[damaged[0].problem])
            words = tr("The built-in ring sounds instead of “{name}”: {why}",
                       name=damaged[0].name, why=why)  # fmt: skip
        if refused is not None:
            why = tr(RING_PROBLEM_WORDS[refused.problem])
            words = tr("“{name}” was not taken: {why}", name=refused.name, why=why)
        if refused is not None and refused != self._refused and self.isVisible():
            announce(self, words)
        self._refused = refused
        self.problem.set("warning", words, "hold.text")
        self.problem.setVisible(bool(words))

    def _lay_out(self) -> None:
        card, inside = frame("card", margins=16, spacing=12)
        inside.addWidget(label(tr("How calls ring"), "card"))
        top = QHBoxLayout()
        top.setSpacing(12)
        for control, stretch in ((self.second, 2), (self.volume, 1)):
            box = QVBoxLayout()
            box.setSpacing(4)
            name = label(control.accessibleName(), "label")
            name.setBuddy(control)
            box.addWidget(name)
            box.addWidget(control)
            top.addLayout(box, stretch)
        top.setAlignment(Qt.AlignmentFlag.AlignTop)
        inside.addLayout(top)
        inside.addWidget(self.missing)
        inside.addLayout(self._lines)
        inside.addWidget(self.problem)
        inside.addWidget(
            label(
                tr("A file is copied into your profile and brought to the ring's loudness; at most "
                   "30 seconds of it ring."),
                "small",
                wrap=True,
            )
        )  # fmt: skip
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
