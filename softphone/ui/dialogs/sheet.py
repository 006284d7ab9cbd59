"""The F1 sheet: every shortcut in words."""

from __future__ import annotations

from PySide6.QtCore import QSettings
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from softphone.ui.shortcuts import REVIEW, SHORTCUTS, keys_for
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, key_cap, label


class ShortcutSheet(QDialog):
    """Groups of keys and what they do."""

    def __init__(self, settings: QSettings, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        groups: dict[str, list[tuple[str, str]]] = {}
        for shortcut in SHORTCUTS:
            keys = QKeySequence(keys_for(settings, shortcut))
            text = keys.toString(QKeySequence.SequenceFormat.NativeText)
            groups.setdefault(shortcut.group, []).append((text, shortcut.words))
        groups["While listening"] = list(REVIEW)
        columns = QHBoxLayout()
        columns.setSpacing(32)
        left, right = QVBoxLayout(), QVBoxLayout()
        for number, (title, rows) in enumerate(groups.items()):
            (right if number % 2 else left).addLayout(_group(title, rows))
        for half in (left, right):
            half.setSpacing(16)
            half.addStretch(1)
            columns.addLayout(half)
        close = Button(tr("Close"))
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(16)
        column.addWidget(label(tr("Keyboard shortcuts"), "title"))
        column.addLayout(columns)
        column.addLayout(foot)


def _group(title: str, rows: list[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(0, 1)
    grid.addWidget(label(tr(title), "label"), 0, 0, 1, 2)
    for number, (keys, words) in enumerate(rows, start=1):
        grid.addWidget(label(tr(words)), number, 0)
        grid.addWidget(key_cap(keys), number, 1)
    return grid
