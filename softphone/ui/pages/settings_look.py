"""Appearance and keyboard."""

from __future__ import annotations

from PySide6.QtCore import QSettings
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QCheckBox, QGridLayout, QKeySequenceEdit, QVBoxLayout, QWidget

from softphone.ui.shortcuts import SHORTCUTS, keys_for
from softphone.ui.theme.theme import ThemeChoice
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, frame, label
from softphone.ui.widgets.combo import Combo
from softphone.ui.workplace import Workplace

LANGUAGES = (("", "As the system"), ("en", "English"), ("de", "Deutsch"))


class AppearanceSection(QWidget):
    """Theme, language, and whether the phone shape stays on top."""

    def __init__(self, work: Workplace, settings: QSettings) -> None:
        super().__init__()
        self._theme = work.theme
        self._settings = settings
        self.theme = Combo(tr("Theme"))
        for choice, words in (
            (ThemeChoice.SYSTEM, tr("As the system")),
            (ThemeChoice.LIGHT, tr("Light")),
            (ThemeChoice.DARK, tr("Dark")),
        ):
            self.theme.addItem(words, choice)
        self._show_theme()
        self.theme.activated.connect(
            lambda _index: work.theme.choose(ThemeChoice(self.theme.currentData()))
        )
        work.theme.changed.connect(lambda _name: self._show_theme())
        self.language = Combo(tr("Language"))
        for code, words in LANGUAGES:
            self.language.addItem(tr(words), code)
        current = str(settings.value("language", ""))
        self.language.setCurrentIndex(max(0, self.language.findData(current)))
        self.language.activated.connect(
            lambda _index: settings.setValue("language", self.language.currentData())
        )
        self.on_top = QCheckBox(tr("The phone shape stays on top of other windows"))
        self.on_top.setAccessibleName(self.on_top.text())
        self.on_top.setChecked(settings.value("window/on_top", "true") == "true")
        self.on_top.toggled.connect(
            lambda on: settings.setValue("window/on_top", "true" if on else "false")
        )
        card, inside = frame("card", margins=16, spacing=12)
        inside.addWidget(label(tr("Appearance"), "card"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(2, 1)
        for row, (words, control) in enumerate(
            ((tr("Theme"), self.theme), (tr("Language"), self.language))
        ):
            name = label(words)
            name.setBuddy(control)
            control.setMinimumWidth(200)
            grid.addWidget(name, row, 0)
            grid.addWidget(control, row, 1)
        inside.addLayout(grid)
        note = label(tr("Another language appears the next time the program starts."), "small")
        inside.addWidget(note)
        inside.addWidget(self.on_top)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)

    def _show_theme(self) -> None:
        self.theme.setCurrentIndex(max(0, self.theme.findData(self._theme.choice)))


class KeyboardSection(QWidget):
    """Own keys for every shortcut; a conflict is said in words and not kept."""

    def __init__(self, settings: QSettings) -> None:
        super().__init__()
        self._settings = settings
        self.edits: dict[str, QKeySequenceEdit] = {}
        card, inside = frame("card", margins=16, spacing=12)
        inside.addWidget(label(tr("Keyboard"), "card"))
        inside.addWidget(label(tr("New keys apply after the next sign-in."), "small"))
        self.problem = Sign()
        self.problem.setVisible(False)
        inside.addWidget(self.problem)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        for row, shortcut in enumerate(SHORTCUTS):
            words = tr(shortcut.words)
            edit = QKeySequenceEdit(QKeySequence(keys_for(settings, shortcut)))
            edit.setMaximumSequenceLength(1)
            edit.setAccessibleName(tr("Keys for: {what}", what=words))
            edit.setFixedWidth(180)
            edit.editingFinished.connect(lambda name=shortcut.name: self._changed(name))
            self.edits[shortcut.name] = edit
            grid.addWidget(label(words), row, 0)
            grid.addWidget(edit, row, 1)
        inside.addLayout(grid)
        usual = Button(tr("Use the usual keys again"), kind="link")
        usual.clicked.connect(self._reset)
        inside.addWidget(usual)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)

    def _changed(self, name: str) -> None:
        wanted = self.edits[name].keySequence()
        text = wanted.toString(QKeySequence.SequenceFormat.PortableText)
        for shortcut in SHORTCUTS:
            if shortcut.name != name and text and keys_for(self._settings, shortcut) == text:
                self.problem.set(
                    "warning",
                    tr("{keys} is taken by: {what}", keys=text, what=tr(shortcut.words)),
                    "hold.text",
                )
                self.problem.setVisible(True)
                known = next(s for s in SHORTCUTS if s.name == name)
                self.edits[name].setKeySequence(QKeySequence(keys_for(self._settings, known)))
                return
        self.problem.setVisible(False)
        if text:
            self._settings.setValue(f"keys/{name}", text)

    def _reset(self) -> None:
        self._settings.remove("keys")
        self.problem.setVisible(False)
        for shortcut in SHORTCUTS:
            self.edits[shortcut.name].setKeySequence(QKeySequence(shortcut.keys))
