"""The calls that go on while the window is locked: no name, no number, but the hands on them."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from softphone.app.office import Office
from softphone.domain.call import Call, CallState, RecordingState
from softphone.domain.ids import CallId
from softphone.domain.recording import GapReason
from softphone.ui.store import Store, main_call, ringing_calls
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, label, tabular
from softphone.ui.words import call_state, timer

RECORDING: dict[RecordingState, tuple[str, str, str]] = {
    RecordingState.OFF: ("circle", "Not recording", "text.secondary"),
    RecordingState.RECORDING: ("record-dot", "Recording", "stop.text"),
    RecordingState.PAUSED: ("pause", "Recording paused", "hold.text"),
    RecordingState.FAILED: ("warning", "Recording failed", "hold.text"),
}


class LockedCall(QFrame):
    """One call: where it stands, how long, whether it is recorded, and what can be done."""

    def __init__(self, office: Office, store: Store) -> None:
        super().__init__()
        self.setObjectName("card")
        self._phone = office.phone
        self._store = store
        self._call: Call | None = None
        self.state = Sign(small=True, elide=True)
        self.time = label("", "strong")
        self.time.setFont(tabular(self.time.font()))
        self.recording = Sign(small=True)
        self.answer = Button(tr("Answer"), kind="go", icon="phone", tip=tr("Answer (Ctrl+Enter)"))
        self.mute = Button(tr("Mute"), icon="microphone")
        self.hold = Button(tr("Hold"), icon="pause")
        self.pause = Button(tr("Pause recording"), icon="pause")
        self.hang_up = Button(tr("Hang up"), kind="stop")
        self.hang_up.setToolTip(tr("Hang up (Ctrl+.)"))
        for button, deed in (
            (self.answer, self.answer_it),
            (self.mute, self._mute),
            (self.hold, self._hold),
            (self.pause, self._pause),
            (self.hang_up, self.end_it),
        ):
            button.clicked.connect(deed)
        top = QHBoxLayout()
        top.addWidget(self.state, 1)
        top.addWidget(self.time)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.answer, self.mute, self.hold, self.hang_up):
            row.addWidget(button, 1)
        middle = QHBoxLayout()
        middle.addWidget(self.recording, 1)
        middle.addWidget(self.pause)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addLayout(top)
        column.addLayout(middle)
        column.addLayout(row)

    def show_call(self, call: Call, now: datetime) -> None:
        """Show a snapshot."""
        self._call = call
        words, icon, tint = call_state(call)
        if call.muted:
            words = tr("{state}, muted", state=words)
        self.state.set(icon, words, tint)
        self.setAccessibleName(words)
        shown, told, role = RECORDING[call.recording]
        self.recording.set(shown, tr(told), role)
        talking = call.established_at is not None
        ringing = call.state is CallState.INCOMING
        self.answer.setVisible(ringing)
        self.hang_up.set_text(tr("Decline") if ringing else tr("Hang up"))
        self.mute.setVisible(talking)
        self.hold.setVisible(talking)
        self.mute.set_text(tr("Unmute") if call.muted else tr("Mute"))
        self.mute.set_icon("microphone-slash" if call.muted else "microphone")
        self.hold.set_text(tr("Resume") if call.held_by_us else tr("Hold"))
        self.hold.set_icon("play" if call.held_by_us else "pause")
        on = call.recording is RecordingState.RECORDING
        self.recording.setVisible(talking)
        self.pause.setVisible(on or call.recording is RecordingState.PAUSED)
        self.pause.set_text(tr("Pause recording") if on else tr("Resume recording"))
        self.pause.set_icon("pause" if on else "record-dot")
        self.tick(now)

    def tick(self, now: datetime) -> None:
        """Show how long the call has been going on."""
        if self._call is not None:
            began = self._call.established_at or self._call.started_at or now
            self.time.setText(timer(int((now - began).total_seconds() * 1000)))

    def answer_it(self) -> None:
        """Answer; the call that is on is put on hold."""
        call = self._call
        if call is None or call.state is not CallState.INCOMING:
            return
        current = main_call(self._store.state.live_calls)
        if current is not None and current.state is CallState.ESTABLISHED:
            self._phone.hold(current.id, True)
        self._phone.answer(call.id)

    def end_it(self) -> None:
        """Hang up, or decline."""
        if self._call is not None:
            self._phone.hang_up(self._call.id)

    def _mute(self) -> None:
        if self._call is not None:
            self._phone.mute(self._call.id, not self._call.muted)

    def _hold(self) -> None:
        if self._call is not None:
            self._phone.hold(self._call.id, not self._call.held_by_us)

    def _pause(self) -> None:
        call = self._call
        if call is None:
            return
        if call.recording is RecordingState.RECORDING:
            self._phone.pause_recording(call.id, GapReason.AGENT_PAUSED)
        else:
            self._phone.resume_recording(call.id)


class LockedCalls(QWidget):
    """A card for each call that goes on; nothing without one."""

    def __init__(self, office: Office, store: Store) -> None:
        super().__init__()
        self.setAccessibleName(tr("Calls"))
        self._office = office
        self._store = store
        self.cards: dict[CallId, LockedCall] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tick)
        store.changed.connect(self._refresh)
        self._refresh()

    def answer(self) -> None:
        """Answer the call that rang first."""
        for call in ringing_calls(self._store.state.live_calls)[:1]:
            self.cards[call.id].answer_it()

    def hang_up(self) -> None:
        """End the call that is on, or decline the one that rings."""
        calls = self._store.state.live_calls
        wanted = main_call(calls) or next(iter(ringing_calls(calls)), None)
        if wanted is not None:
            self.cards[wanted.id].end_it()

    def _refresh(self, _state: object = None) -> None:
        calls = {call.id: call for call in self._store.state.live_calls}
        for gone in set(self.cards) - set(calls):
            card = self.cards.pop(gone)
            card.hide()
            card.deleteLater()
        now = self._office.clock.now()
        for call in calls.values():
            if call.id not in self.cards:
                self.cards[call.id] = LockedCall(self._office, self._store)
                self._column.addWidget(self.cards[call.id])
            self.cards[call.id].show_call(call, now)
        self.setVisible(bool(calls))
        (self._clock.start if calls else self._clock.stop)()

    def _tick(self) -> None:
        now = self._office.clock.now()
        for card in self.cards.values():
            card.tick(now)
