"""Sound devices as they are, and what this program is."""

from __future__ import annotations

import platform

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from softphone import __version__
from softphone.app.state import PhoneState
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Glyph, frame, label
from softphone.ui.workplace import Workplace


class DevicesSection(QWidget):
    """Which devices are in use now."""

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        card, inside = frame("card", margins=16, spacing=12)
        inside.addWidget(label(tr("Sound"), "card"))
        text = tr("The phone follows the system's choice, also during a call.")
        inside.addWidget(label(text, "small"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(2, 1)
        self.microphone = label("", "strong")
        self.speaker = label("", "strong")
        rows = (
            ("microphone", tr("Microphone"), tr("Your voice"), self.microphone),
            ("headset", tr("Speaker"), tr("The customer"), self.speaker),
        )
        for row, (icon, title, what, value) in enumerate(rows):
            words = QVBoxLayout()
            words.setSpacing(0)
            words.addWidget(label(title))
            words.addWidget(label(what, "small"))
            grid.addWidget(Glyph(icon), row, 0)
            grid.addLayout(words, row, 1)
            grid.addWidget(value, row, 2)
        inside.addLayout(grid)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        work.store.changed.connect(self._show)
        self._show(work.store.state)

    def _show(self, state: PhoneState) -> None:
        self.microphone.setText(state.microphone or tr("No microphone found"))
        self.speaker.setText(state.speaker or tr("No speaker found"))


class AboutSection(QWidget):
    """Version, policy, libraries, licence."""

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        card, inside = frame("card", margins=16, spacing=12)
        inside.addWidget(label(tr("About"), "card"))
        facts = (
            (tr("Version"), __version__),
            (tr("Signed in"), f"{work.rights.name}, {tr(work.rights.role)}"),
            (tr("Policy"), tr("Version {n}", n=work.rights.policy_version)),
            (tr("Time zone"), work.office.time_zone),
            ("Qt", qVersion()),
            ("Python", platform.python_version()),
            (tr("Licence"), "GPL-3.0-or-later"),
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(facts):
            grid.addWidget(label(name, "secondary"), row, 0)
            grid.addWidget(label(value), row, 1)
        inside.addLayout(grid)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
