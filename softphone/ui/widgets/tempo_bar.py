"""How fast a recording is reviewed, and whether silence is skipped; remembered per person."""

from __future__ import annotations

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from softphone.app.ports import Player
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, frame, label
from softphone.ui.widgets.switch import Switch

SPEEDS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)


class TempoBar(QWidget):
    """Speed in segments, and a switch. The key names the person, by identifier only."""

    def __init__(self, player: Player, settings: QSettings, person: str) -> None:
        super().__init__()
        self._player = player
        self._settings = settings
        self._key = f"review/{person}"
        self.segments: dict[float, Button] = {}
        self._group = QButtonGroup(self)
        edge, inside = frame("segments", margins=0, spacing=0)
        edge.setAccessibleName(tr("Speed"))
        row = QHBoxLayout()
        row.setSpacing(0)
        for speed in SPEEDS:
            words = f"{speed:g}"
            segment = Button(words, kind="segment", name=tr("{n} times as fast", n=words))
            segment.setCheckable(True)
            segment.clicked.connect(lambda _on=False, s=speed: self.choose(s))
            self._group.addButton(segment)
            self.segments[speed] = segment
            row.addWidget(segment)
        inside.addLayout(row)
        self.skip = Switch(tr("Skip silence"))
        self.skip.toggled.connect(self._skip)
        bar = QHBoxLayout(self)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(8)
        bar.addWidget(label(tr("Speed"), "secondary"))
        bar.addWidget(edge)
        bar.addSpacing(8)
        bar.addWidget(self.skip)
        self._recall()

    def choose(self, speed: float) -> None:
        """Play at a speed from now on."""
        self.segments[speed].setChecked(True)
        self._player.set_speed(speed)
        self._settings.setValue(f"{self._key}/speed", f"{speed:g}")

    def _skip(self, on: bool) -> None:
        self._player.skip_silence(on)
        self._settings.setValue(f"{self._key}/skip_silence", "true" if on else "false")

    def _recall(self) -> None:
        kept = str(self._settings.value(f"{self._key}/speed", "1"))
        known = {f"{speed:g}": speed for speed in SPEEDS}
        speed = known.get(kept, 1.0)
        self.segments[speed].setChecked(True)
        self._player.set_speed(speed)
        on = self._settings.value(f"{self._key}/skip_silence", "false") == "true"
        self._player.skip_silence(on)
        self.skip.setChecked(on)
