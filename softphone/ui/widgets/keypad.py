"""Twelve keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QToolButton, QWidget

from softphone.ui.translation import tr

_KEYS = "123456789*0#"
_NAMES = {"*": "Star", "#": "Hash"}


class Keypad(QWidget):
    """Emits the digit of each key that is pressed."""

    pressed = Signal(str)

    def __init__(self, key_height: int = 48) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        for position, digit in enumerate(_KEYS):
            key = QToolButton()
            key.setObjectName("key")
            key.setText(digit)
            key.setAccessibleName(tr(_NAMES[digit]) if digit in _NAMES else digit)
            key.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            key.setFixedHeight(key_height)
            key.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            key.clicked.connect(lambda _checked=False, d=digit: self.pressed.emit(d))
            grid.addWidget(key, position // 3, position % 3)
