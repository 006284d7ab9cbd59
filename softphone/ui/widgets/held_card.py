"""A call beside the one that is shown large: on hold, or in a conference with it."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from softphone.domain.call import Call, RecordingState
from softphone.ui.call_actions import CallActions
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, ElidedLabel, Sign, restyle
from softphone.ui.words import call_state, length


class HeldCard(QFrame):
    """Name, recording, hold and how long; one button to go on with it, or to let it go."""

    def __init__(self, actions: CallActions) -> None:
        super().__init__()
        self.setObjectName("holdCard")
        self._call: Call | None = None
        self._since: datetime | None = None
        self.name = ElidedLabel("", "strong")
        self.recording = Sign(small=True)
        self.state = Sign(small=True, elide=True)
        self.swap = Button(tr("Swap"), tip=tr("Go on with this call and hold the other"))
        self._actions = actions
        self.swap.clicked.connect(self._swap)
        self.hang_up = Button(tr("Hang up"), tip=tr("End this call; you two go on"))
        self.hang_up.clicked.connect(self._hang_up)
        column = QVBoxLayout()
        column.setSpacing(2)
        # Each on a line of its own: with several calls the number must be read to its end.
        column.addWidget(self.name)
        column.addWidget(self.state)
        column.addWidget(self.recording)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(8)
        row.addLayout(column, 1)
        row.addWidget(self.swap)
        row.addWidget(self.hang_up)

    def _hang_up(self) -> None:
        if self._call is not None:
            self._actions.hang_up(self._call)

    def _swap(self) -> None:
        if self._call is not None:
            self._actions.swap(self._call)

    def show_call(self, call: Call, name: str, since: datetime | None, now: datetime) -> None:
        """Show a snapshot."""
        self._call, self._since = call, since
        self.name.setText(name)
        self.setAccessibleName(name)
        self.setProperty("state", "together" if call.conference else "")
        restyle(self)
        self.swap.setVisible(not call.conference)
        self.hang_up.setVisible(call.conference)
        on = call.recording is RecordingState.RECORDING
        self.recording.setVisible(call.recording is not RecordingState.OFF)
        self.recording.set(
            "record-dot" if on else "pause",
            tr("Recording") if on else tr("Recording paused"),
            "stop.text" if on else "hold.text",
        )
        self.tick(now)

    def tick(self, now: datetime) -> None:
        """Show how long it has been on hold."""
        if self._call is None:
            return
        words, icon, tint = call_state(self._call)
        if self._call.held_by_us and self._call.live:
            words = tr("On hold")  # by whom shows the button beside it
        if self._since is not None:
            words = f"{words}, {length(int((now - self._since).total_seconds() * 1000))}"
        self.state.set(icon, words, tint)
