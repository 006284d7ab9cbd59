"""Whom one hears while reviewing: the agent, the customer, or both."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from softphone.app.ports import Player
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, label

STEPS = 10
_CATCH = 1
"""So near to the middle counts as the middle: both alike is what people aim for."""


class BalanceBar(QWidget):
    """A slider from the agent's channel to the customer's; the button brings it to the middle."""

    def __init__(self, player: Player) -> None:
        super().__init__()
        self._player = player
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(-STEPS, STEPS)
        self.slider.setPageStep(STEPS)
        self.slider.setFixedWidth(120)
        self.slider.setAccessibleName(tr("Balance between agent and customer"))
        self.slider.valueChanged.connect(self._moved)
        self.middle = Button(kind="plain", icon="arrows-in-line-horizontal", name=tr("Hear both"))
        self.middle.clicked.connect(lambda: self.slider.setValue(0))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label(tr("Agent"), "secondary"))
        row.addWidget(self.slider)
        row.addWidget(label(tr("Customer"), "secondary"))
        row.addWidget(self.middle)
        self._moved(0)

    def _moved(self, value: int) -> None:
        near = 0 if abs(value) <= _CATCH else value
        self._player.set_balance(near / STEPS)
        self.middle.setVisible(near != 0)
        if near == 0:
            said = tr("Both sides alike")
        elif near < 0:
            said = tr("Agent louder") if near > -STEPS else tr("Agent only")
        else:
            said = tr("Customer louder") if near < STEPS else tr("Customer only")
        self.slider.setToolTip(said)
        self.slider.setAccessibleDescription(said)
