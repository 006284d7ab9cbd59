"""The call panel: one widget in both shapes of the window."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from softphone.domain.call import Call, CallState
from softphone.domain.ids import CallId
from softphone.ui.call_actions import CallActions
from softphone.ui.store import ringing_calls
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, WordButton, label
from softphone.ui.widgets.call_header import CallHeader
from softphone.ui.widgets.call_notes import CallNotes
from softphone.ui.widgets.consent_strip import ConsentStrip
from softphone.ui.widgets.earlier import Earlier
from softphone.ui.widgets.held_card import HeldCard
from softphone.ui.widgets.keypad import Keypad
from softphone.ui.widgets.microphone_line import MicrophoneLine
from softphone.ui.widgets.recording_strip import RecordingStrip
from softphone.ui.widgets.transfer_strip import TransferStrip
from softphone.ui.words import ended_because
from softphone.ui.workplace import Workplace


class CallPanel(QWidget):
    """Shows the call that is on, the ones on hold, or the one that just ended (wrap-up)."""

    shown = Signal(bool)
    """Whether there is anything to show."""

    def __init__(self, work: Workplace, actions: CallActions) -> None:
        super().__init__()
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._work = work
        self._actions = actions
        self._wrapping: Call | None = None
        self._last = CallId("")
        self._compact = False
        self._held: dict[CallId, HeldCard] = {}
        self.header = CallHeader()
        self.recording = RecordingStrip(actions, work.rights.recording)
        self.consents = ConsentStrip(work)
        self.silenced = MicrophoneLine(short=True)
        self.ended = label("", "secondary", wrap=True)
        self.notes = CallNotes(work)
        self.earlier = Earlier(work)
        self._make_buttons()
        self._lay_out()
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tick)
        work.store.changed.connect(self._refresh)
        actions.contacts_changed.connect(self._refresh)
        self._refresh()

    @property
    def call(self) -> Call | None:
        """The call shown large, the one in wrap-up included."""
        return self._actions.main or self._wrapping

    def set_compact(self, compact: bool) -> None:
        """Arrange for the phone shape or the desk shape."""
        self._compact = compact
        self.header.set_compact(compact)
        self.notes.set_compact(compact)
        self.earlier.set_hidden_by_shape(compact)
        self.consents.set_compact(compact)
        for part in (self.hang_up, self.done):
            (self._beside if compact else self._below).addWidget(part)
        self._notes_row.setStretch(0, 1)
        place = self._body.indexOf(self._notes_box)
        self._body.setStretch(place, 0 if compact else 1)
        self._filler.setVisible(compact)
        for button in (self.mute, self.hold, self.transfer, self.keys):
            button.setFixedHeight(48 if compact else 56)

    def _make_buttons(self) -> None:
        def call_button(text: str, icon: str, tip: str) -> WordButton:
            made = WordButton(
                text, icon, object_name="callButton", role="text.primary", on_role="accent.on"
            )
            made.setToolTip(tip)
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            return made

        self.mute = call_button(tr("Mute"), "microphone", tr("Mute (Ctrl+M)"))
        self.hold = call_button(tr("Hold"), "pause", tr("Hold (Ctrl+H)"))
        self.transfer = call_button(
            tr("Transfer"), "arrow-bend-up-right", tr("Transfer or add somebody (Ctrl+T)")
        )
        self.transfer.toggled.connect(self._show_transfer)
        self.passing_on = TransferStrip(self._work, self._actions)
        self.passing_on.asked.connect(lambda: self.transfer.setChecked(False))
        self.passing_on.setVisible(False)
        self.keys = call_button(tr("Keypad"), "dots-nine", tr("Show the keypad"))
        self.mute.clicked.connect(self._actions.toggle_mute)
        self.hold.clicked.connect(self._actions.toggle_hold)
        self.keypad = Keypad(40)
        self.keypad.pressed.connect(self._actions.digits)
        self.keypad.setVisible(False)
        self.keys.toggled.connect(self._show_keypad)
        self.hang_up = Button(tr("Hang up"), kind="stop", icon="phone-disconnect")
        self.hang_up.setToolTip(tr("Hang up (Ctrl+.)"))
        self.hang_up.setProperty("large", True)
        self.hang_up.clicked.connect(lambda: self._actions.hang_up())
        self.done = Button(tr("Finish wrap-up"), kind="main", icon="check")
        self.done.setProperty("large", True)
        self.done.clicked.connect(self.finish)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.mute, self.hold, self.transfer, self.keys):
            row.addWidget(button, 1)
        self._buttons = QWidget()
        self._buttons.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        self._below = QHBoxLayout()
        self._beside = QHBoxLayout()
        self._beside.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._below.addWidget(self.hang_up)
        self._below.addWidget(self.done)
        self._notes_box = QWidget()
        self._notes_row = QHBoxLayout(self._notes_box)
        self._notes_row.setContentsMargins(0, 0, 0, 0)
        self._notes_row.setSpacing(8)
        self._notes_row.addWidget(self.notes, 1)
        self._notes_row.addLayout(self._beside)
        self._held_column = QVBoxLayout()
        self._held_column.setSpacing(8)
        self._filler = QWidget()
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(16, 16, 16, 16)
        self._body.setSpacing(12)
        parts = (self.header, self.silenced, self.ended, self.recording, self.consents)
        for part in (*parts, self._buttons, self.passing_on, self.keypad):
            self._body.addWidget(part)
        self._body.addLayout(self._below)
        self._body.addLayout(self._held_column)
        self._body.addWidget(self.earlier)
        self._body.addWidget(self._notes_box, 1)
        self._body.addWidget(self._filler, 1)

    def finish(self) -> None:
        """End the wrap-up: save what is not saved and clear the panel."""
        self.notes.flush()
        self._wrapping = None
        self._refresh()

    def show_transfer(self) -> None:
        """Open the strip for passing on, and go to its line."""
        if self._buttons.isVisible():
            self.transfer.setChecked(True)
            self.passing_on.line.setFocus()

    def _show_transfer(self, on: bool) -> None:
        self._refresh()
        if on:
            self.passing_on.line.setFocus()

    def _show_keypad(self, on: bool) -> None:
        self.keypad.setVisible(on)
        self.keys.set_word(tr("Hide keys") if on else tr("Keypad"))

    def _tick(self) -> None:
        now = self._work.office.clock.now()
        self.header.tick(now)
        self.recording.tick(now)
        for card in self._held.values():
            card.tick(now)

    def _refresh(self) -> None:
        main = self._actions.main
        self._follow_end(main)
        call = main or self._wrapping
        if call is None:
            self._clock.stop()
            self.shown.emit(False)
            return
        contact = self._actions.contact(call)
        now = self._work.office.clock.now()
        self.header.show_call(
            call, self._actions.name(call), contact.company if contact else "", now,
            self._work.store.state.sound,
        )  # fmt: skip
        self._show_controls(call)
        problem = self._work.store.state.recording_problems.get(call.id, "")
        pause = self._work.store.pauses.get(call.id)
        self.recording.show_call(call, problem, pause, now)
        others = len(self._work.store.state.live_calls) > 1
        self.consents.show_call(call, crowded=others)
        self.notes.show_call(call, contact.id if contact else None)
        self.earlier.show_number(call.number)
        self._show_held(call)
        self.shown.emit(True)
        if call.live:
            self._clock.start()
        else:
            self._clock.stop()

    def _follow_end(self, main: Call | None) -> None:
        if main is not None:
            self._last = main.id
            self._wrapping = None
            return
        ended = self._work.store.state.calls.get(self._last)
        if ended is not None and ended.state is CallState.ENDED:
            self._wrapping = ended

    def _show_controls(self, call: Call) -> None:
        talking = call.live and call.established_at is not None
        self._buttons.setVisible(talking)
        self.recording.setVisible(call.live)
        self.silenced.show_microphone(self._work.store.state.set_microphone, wanted=talking)
        self.keypad.setVisible(talking and self.keys.isChecked())
        # The small shape has no room to spare above an incoming card: there it takes the button.
        waiting = talking and self._actions.on_hold is not None and not self._compact
        self.passing_on.setVisible(talking and (self.transfer.isChecked() or waiting))
        self.passing_on.show_call(call, wanted=self.transfer.isChecked())
        self.hang_up.setVisible(call.live)
        self.done.setVisible(not call.live)
        reason = ended_because(call)
        self.ended.setText(reason or tr("Write down what the call was about, then finish."))
        self.ended.setVisible(not call.live)
        self.mute.setChecked(call.muted)
        self.mute.set_word(
            tr("Unmute") if call.muted else tr("Mute"),
            "microphone-slash" if call.muted else "microphone",
        )
        self.hold.setChecked(call.held_by_us)
        self.hold.set_word(
            tr("Resume") if call.held_by_us else tr("Hold"), "play" if call.held_by_us else "pause"
        )

    def _show_held(self, main: Call) -> None:
        state = self._work.store.state
        waiting = {c.id for c in ringing_calls(state.live_calls)} | {main.id}
        others = [c for c in state.live_calls if c.id not in waiting]
        for gone in set(self._held) - {c.id for c in others}:
            card = self._held.pop(gone)
            card.hide()
            card.deleteLater()
        for call in others:
            if call.id not in self._held:
                made = HeldCard(self._actions)
                self._held[call.id] = made
                self._held_column.addWidget(made)
            since = self._work.store.held_since.get(call.id)
            self._held[call.id].show_call(
                call, self._actions.name(call), since, self._work.office.clock.now()
            )
