"""Top of a call card: where the call stands, how long, with whom, how good, how safe."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from softphone.app.numbers import display
from softphone.domain.call import Call, CallState
from softphone.domain.sound import NO_TROUBLE, SoundHealth
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import ElidedLabel, Sign, label, tabular
from softphone.ui.words import call_state, mos, timer

_QUALITY = {
    "good": ("cell-signal-full", "Good", "text.primary"),
    "fair": ("cell-signal-medium", "Fair", "text.primary"),
    "poor": ("cell-signal-low", "Poor", "hold.text"),
}


class CallHeader(QWidget):
    """The same facts in both shapes, arranged for the room there is."""

    def __init__(self) -> None:
        super().__init__()
        self.state = Sign(small=True, elide=True)
        self.timer = label("", "title")
        self.timer.setFont(tabular(self.timer.font()))
        self.name = ElidedLabel("", "title")
        self.where = ElidedLabel("", "secondary")
        self.quality = Sign(small=True, elide=True)
        self.safety = Sign(small=True)
        self.hint = label("", "small", wrap=True)
        self.hint.setVisible(False)
        self._line = QWidget()
        line = QHBoxLayout(self._line)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.quality)
        line.addStretch(1)
        line.addWidget(self.safety)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self._compact = False
        self._call: Call | None = None
        self._sound = NO_TROUBLE
        self._place()

    def set_compact(self, compact: bool) -> None:
        """Arrange for the phone shape or the desk shape."""
        self._compact = compact
        self._place()

    def show_call(
        self, call: Call, name: str, company: str, now: datetime, sound: SoundHealth = NO_TROUBLE
    ) -> None:
        """Show a snapshot; ``sound`` is how the devices keep up in it."""
        self._call = call
        self._sound = sound
        words, icon, tint = call_state(call)
        if call.muted:
            talking = call.state is CallState.ESTABLISHED and not call.held_by_us
            muted = tr("On a call, you are muted")
            words = muted if talking else tr("{state}, muted", state=words)
        self.state.set(icon, words, tint)
        self.name.setText(name)
        number = display(call.number)
        where = " · ".join(part for part in (number if number != name else "", company) if part)
        self.where.setText(where)
        self._show_quality(call)
        if call.encrypted:
            self.safety.set("lock", tr("Encrypted"))
        else:
            self.safety.set("lock-open", tr("Not encrypted"), "hold.text")
        self.safety.setVisible(call.established_at is not None)
        self.tick(now)

    def tick(self, now: datetime) -> None:
        """Show how long the call has been going on."""
        call = self._call
        if call is None:
            return
        began = call.established_at or call.started_at or now
        until = call.ended_at or now
        self.timer.setText(timer(int((until - began).total_seconds() * 1000)))

    def _show_quality(self, call: Call) -> None:
        hint = call.quality.hint if call.quality is not None and call.live else ""
        self.hint.setText(tr(hint) if hint else "")
        self.hint.setVisible(bool(hint))
        if call.established_at is None:
            self.quality.setVisible(False)
            return
        self.quality.setVisible(True)
        if call.quality is None:
            self.quality.set("cell-signal-none", tr("Quality not known yet"))
            return
        icon, words, tint = _QUALITY[call.quality.word]
        figure = tr("estimated MOS {value}", value=mos(call.quality.estimated_mos))
        heard = not call.quality.nothing_arrives  # what is not there has no MOS
        self.quality.set(icon, f"{tr(words)}, {figure}" if heard else tr(words), tint)
        line = tr(
            "Loss {loss} %, on the way from you {sent} %; too late {late} %, jitter {jitter} ms, "
            "round trip {trip} ms",
            loss=round(call.quality.loss_percent, 1),
            sent=round(call.quality.sent_loss_percent, 1),
            late=round(call.quality.late_percent, 1),
            jitter=round(call.quality.jitter_ms),
            trip=round(call.quality.round_trip_ms),
        )
        sound = tr(
            "Headset: microphone late {late}, too much {much}; speaker late {ear_late}, "
            "too much {ear_much}; lost {lost}",
            late=self._sound.microphone_gaps,
            much=self._sound.microphone_floods,
            ear_late=self._sound.speaker_gaps,
            ear_much=self._sound.speaker_floods,
            lost=self._sound.devices_lost,
        )
        self.quality.setToolTip(f"{line}\n{sound}")

    def _place(self) -> None:
        grid = self._grid
        while grid.count():
            grid.takeAt(0)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if self._compact:
            grid.addWidget(self.state, 0, 0, 1, 2)
            grid.addWidget(self.name, 1, 0)
            grid.addWidget(self.timer, 1, 1, right)
        else:
            grid.addWidget(self.state, 0, 0)
            grid.addWidget(self.timer, 0, 1, right)
            grid.addWidget(self.name, 1, 0, 1, 2)
        grid.addWidget(self.where, 2, 0, 1, 2)
        grid.addWidget(self._line, 3, 0, 1, 2)
        grid.addWidget(self.hint, 4, 0, 1, 2)
