"""Texts that an agent reads out in a call, and the word that they did."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from softphone.domain.call import Call
from softphone.domain.consent import Informed, InfoText
from softphone.ui.dialogs.consent import titled
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, label
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.states import error_line
from softphone.ui.words import isolated
from softphone.ui.workplace import Workplace


class ReadOutDialog(QDialog):
    """The newest version of each text, in the contact's language first."""

    def __init__(self, work: Workplace, call: Call, language: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._work = work
        self._call = call
        self._language = language.casefold()
        self.setWindowTitle(tr("Text to read out"))
        self.setMinimumWidth(520)
        self.which = Combo(tr("Text"))
        self.which.currentIndexChanged.connect(lambda _row: self._say())
        self.text = label("", "card", wrap=True)
        self.state = Sign(wrap=True)
        self.state.setVisible(False)
        self.done_button = Button(tr("I read this out"), kind="main", icon="check")
        self.done_button.clicked.connect(self.submit)
        close = Button(tr("Close"))
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        foot.addWidget(self.done_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(tr("Text to read out"), "title"))
        column.addLayout(titled(tr("Text"), self.which))
        column.addWidget(self.text)
        column.addWidget(self.state)
        column.addLayout(foot)
        self.done_button.setEnabled(False)
        desk = work.desk
        work.ask(
            self,
            lambda: (desk.information.texts(), {p.key: p.title for p in desk.consents.purposes()}),
            lambda found: self._show(*found),
            self._failed,
        )

    def submit(self) -> None:
        """Note that the text was read out."""
        chosen = self.which.currentData()
        if not isinstance(chosen, InfoText):
            return
        information, call = self._work.desk.information, self._call
        self.done_button.setEnabled(False)
        self._work.ask(
            self,
            lambda: information.read_out(call.id, call.number, chosen.topic, chosen.language),
            self._noted,
            self._failed,
        )

    def _show(self, texts: list[InfoText], titles: dict[str, str]) -> None:
        newest: dict[tuple[str, str], InfoText] = {}
        for text in texts:
            newest.setdefault((text.topic, text.language), text)
        ordered = sorted(newest.values(), key=lambda t: t.language.casefold() != self._language)
        for text in ordered:
            title = tr(titles.get(text.topic, text.topic))
            self.which.addItem(f"{title}, {text.language}", text)
        self.done_button.setEnabled(bool(ordered))
        if not ordered:
            self._tell("info", tr("There are no texts yet. The privacy page is where they are."))

    def _say(self) -> None:
        chosen = self.which.currentData()
        if isinstance(chosen, InfoText):
            self.text.setText(isolated(chosen.text))
            self.done_button.setEnabled(True)

    def _noted(self, told: Informed) -> None:
        self._tell("check", tr("Noted: version {version}, read out.", version=told.version))

    def _failed(self, error: Exception) -> None:
        self.done_button.setEnabled(True)
        self._tell("warning", error_line(error))

    def _tell(self, icon: str, words: str) -> None:
        self.state.set(icon, words, "hold.text" if icon == "warning" else "text.primary")
        self.state.setVisible(True)
