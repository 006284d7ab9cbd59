"""What this program is."""

from __future__ import annotations

import platform

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from softphone import __version__
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import frame, label
from softphone.ui.workplace import Workplace


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
