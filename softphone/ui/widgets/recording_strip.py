"""The recording of the call: state and who will be able to listen, always in sight."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from softphone.domain.call import Call, RecordingState
from softphone.domain.permissions import RecordingMode
from softphone.domain.recording import GapReason
from softphone.ui.call_actions import CallActions
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, label, restyle
from softphone.ui.words import GAP_WORDS, length

ASKED_FOR = (GapReason.CARD_PAYMENT, GapReason.AGENT_PAUSED)


class RecordingStrip(QFrame):
    """Recording, paused with reason and time, off and why, or failed and what to do."""

    def __init__(self, actions: CallActions, mode: RecordingMode) -> None:
        super().__init__()
        self.setObjectName("strip")
        self._mode = mode
        self.state = Sign(wrap=True)
        self.detail = label("", "small", wrap=True)
        self.button = Button(tr("Pause"), icon="pause")
        self.button.clicked.connect(lambda: actions.toggle_recording())
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.state)
        column.addWidget(self.detail)
        row.addLayout(column, 1)
        row.addWidget(self.button)
        self._pause: tuple[GapReason, datetime] | None = None
        self._showing = RecordingState.OFF

    def show_call(
        self, call: Call, problem: str, pause: tuple[GapReason, datetime] | None, now: datetime
    ) -> None:
        """Show the recording of one call."""
        self._pause = pause
        self._showing = RecordingState.FAILED if problem else call.recording
        if self._showing is RecordingState.RECORDING:
            self._recording(call)
        elif self._showing is RecordingState.PAUSED:
            self._paused(call)
        elif self._showing is RecordingState.FAILED:
            self._failed(problem)
        else:
            self._off(call)
        if self.property("state") != self._showing.value:
            self.setProperty("state", self._showing.value)
            restyle(self)
        self.tick(now)
        self.setAccessibleName(f"{self.state.text.text()}. {self.detail.text()}")

    def tick(self, now: datetime) -> None:
        """Show how long the pause has been going on."""
        if self._showing is RecordingState.PAUSED and self._pause is not None:
            reason, since = self._pause
            gone = length(int((now - since).total_seconds() * 1000))
            self.state.set("pause", f"{tr(GAP_WORDS[reason])}, {gone}", "hold.text")

    def _recording(self, call: Call) -> None:
        self.state.set("record-dot", tr("Recording"), "stop.text")
        self.detail.setText(tr("Sealed for {who}", who=call.sealed_for))
        self._offer(tr("Pause"), "pause", tr("Pause the recording for a card payment (Ctrl+R)"))

    def _paused(self, call: Call) -> None:
        self.state.set("pause", tr("Recording paused"), "hold.text")
        self.detail.setText(tr("Nothing is captured. Sealed for {who}", who=call.sealed_for))
        self._offer(tr("Resume"), "record-dot", tr("Go on recording (Ctrl+R)"))
        # A hold ends by resuming the call, not the recording.
        self.button.setVisible(self._pause is None or self._pause[0] in ASKED_FOR)

    def _failed(self, problem: str) -> None:
        self.state.set("warning", tr("Recording failed"), "hold.text")
        self.detail.setText(problem or tr("What was recorded until then is kept."))
        self.button.setVisible(False)

    def _off(self, call: Call) -> None:
        self.state.set("circle", tr("Not recording"))
        self.button.setVisible(False)
        if self._mode is RecordingMode.OFF:
            self.detail.setText(tr("Your organisation's policy turns recording off."))
        elif call.established_at is None:
            self.detail.setText(tr("Recording begins when the call is answered."))
        elif self._mode is RecordingMode.MANUAL:
            self.detail.setText(tr("You decide whether this call is recorded."))
            self._offer(tr("Record"), "record-dot", tr("Begin recording (Ctrl+R)"))
        else:
            self.detail.setText(tr("The call has no recording at the moment."))

    def _offer(self, words: str, icon: str, tip: str) -> None:
        self.button.set_text(words)
        self.button.set_icon(icon)
        self.button.setToolTip(tip)
        self.button.setVisible(True)
