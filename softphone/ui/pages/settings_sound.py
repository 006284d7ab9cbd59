"""Sound: one row a role, with its device, its level now, and a way to try it out."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from softphone.app.state import PhoneState
from softphone.domain.events import Event, HeadsetPressed, SoundLevels, SoundTested
from softphone.domain.sound import (
    GAINS_DB,
    SILENCE_DBFS,
    AudioRole,
    LevelWord,
    SoundDevice,
    amplify,
    choose,
    level_word,
    try_out,
    watch_levels,
)
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Glyph, Sign, divider, frame, label, tabular
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.headset_card import HeadsetCard
from softphone.ui.widgets.level_meter import LevelMeter, MeterScale, decibels
from softphone.ui.widgets.microphone_line import MicrophoneLine
from softphone.ui.widgets.ring_card import RingCard
from softphone.ui.widgets.states import error_line
from softphone.ui.widgets.voice_card import VoiceCard
from softphone.ui.workplace import Workplace

CLIPPED_FOR_MS = 4000
LEVEL_WORDS = {
    LevelWord.SILENT: "silent",
    LevelWord.QUIET: "quiet",
    LevelWord.GOOD: "good",
    LevelWord.TOO_LOUD: "too loud",
}


def with_sign(gain: int) -> str:
    """Return a gain with its sign, a true minus."""
    return f"+{gain}" if gain > 0 else str(gain).replace("-", "−")


class RoleRow:
    """The widgets of one role."""

    def __init__(self, role: AudioRole, icon: str, title: str, what: str, deed: str) -> None:
        self.role = role
        self.what = what
        self.glyph = Glyph(icon)
        self.title = label(title, "strong")
        self.under = label(what, "small")
        self.device = Combo(title)
        self.device.setMinimumWidth(130)
        self.device.setMinimumContentsLength(12)
        self.device.setSizeAdjustPolicy(
            Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.meter = LevelMeter(tr("Level: {what}", what=title))
        self.level = Sign()
        self.level.setMinimumWidth(120)
        self.level.text.setFont(tabular(self.level.text.font()))
        self.deed = deed
        self.icon = "microphone" if role is AudioRole.MICROPHONE else "play"
        self.test = Button(deed, icon=self.icon)
        self.test.setMinimumWidth(118)
        self.show_level(SILENCE_DBFS, present=True)

    def show_devices(
        self, devices: tuple[SoundDevice, ...], chosen: SoundDevice, in_use: str
    ) -> None:
        """Show what may be chosen, what is, and what is used instead."""
        self.device.blockSignals(True)
        self.device.clear()
        self.device.addItem(tr("As the system"), "")
        for device in devices:
            self.device.addItem(device.name, device.id)
        if chosen.id and self.device.findData(chosen.id) < 0:
            self.device.addItem(tr("{name}, not connected", name=chosen.name), chosen.id)
        self.device.setCurrentIndex(max(0, self.device.findData(chosen.id)))
        self.device.blockSignals(False)
        instead = bool(in_use) and in_use != self.device.currentText()
        self.under.setText(tr("In use: {name}", name=in_use) if instead else self.what)
        self.device.setToolTip(in_use)
        self.test.set_refused("" if in_use else tr("No device is connected."))
        if not in_use:
            self.show_level(SILENCE_DBFS, present=False)

    def show_level(self, dbfs: float, *, present: bool) -> None:
        """Show a level in segments, in decibels and in a word."""
        self.meter.show_level(dbfs)
        if not present:
            self.level.set("warning", tr("No device"), "hold.text")
            return
        word = level_word(dbfs)
        if word is LevelWord.SILENT:
            self.level.set("", tr("Silent"))
            return
        words = f"{decibels(dbfs)} dBFS {tr(LEVEL_WORDS[word])}"
        loud = word is LevelWord.TOO_LOUD
        self.level.set("warning" if loud else "", words, "hold.text" if loud else "text.primary")

    def show_step(self, step: str) -> None:
        """Show how far a test is."""
        words = {"recording": tr("Speak now"), "playing": tr("Playing")}.get(step, self.deed)
        self.test.set_text(words)
        self.test.setEnabled(not step)


class SoundSection(QWidget):
    """Microphone, speaker and ringer. Changes apply at once, also in a call."""

    clipped = Signal()

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self._watching = False
        self.rows = {
            row.role: row
            for row in (
                RoleRow(AudioRole.MICROPHONE, "microphone", tr("Microphone"), tr("Your voice"),
                        tr("Record 3 s")),
                RoleRow(AudioRole.SPEAKER, "headset", tr("Speaker"), tr("The customer"),
                        tr("Play tone")),
                RoleRow(AudioRole.RINGER, "bell", tr("Ringer"), tr("Incoming calls"),
                        tr("Play ring")),
            )
        }  # fmt: skip
        self.warning = Sign("warning", "", "hold.text", wrap=True)
        self.warning.setVisible(False)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(CLIPPED_FOR_MS)
        self._calm.timeout.connect(lambda: self.warning.setVisible(False))
        self.silenced = MicrophoneLine()
        self.gain = Combo(tr("Microphone gain"))
        for step in GAINS_DB:
            self.gain.addItem(f"{with_sign(step)} dB", step)
        self.gain.setMinimumWidth(120)
        self.gain.activated.connect(
            lambda _index: work.office.phone.sound(amplify(float(self.gain.currentData())))
        )
        self.echo = Button(tr("Echo test call"), icon="phone-call")
        self.echo.setToolTip(tr("Calls a number that lets you hear yourself"))
        self.echo.setVisible(bool(work.rights.calls.echo_number))
        self.echo.clicked.connect(self._call_echo)
        self.echo_problem = Sign("warning", wrap=True)
        self.echo_problem.setVisible(False)
        self.ring = RingCard(work)
        self.headsets = HeadsetCard(work)
        self.voice = VoiceCard(work)
        self._lay_out()
        for row in self.rows.values():
            row.device.activated.connect(lambda _index, r=row: self._choose(r))
            row.test.clicked.connect(lambda _on=False, r=row: self._try(r))
        work.store.changed.connect(self._show)
        work.store.happened.connect(self._happened)
        self._show(work.store.state)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for levels while one looks."""
        super().showEvent(event)
        self._watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """No levels where nobody looks: the microphone is let go."""
        super().hideEvent(event)
        self._watch(False)

    def _watch(self, on: bool) -> None:
        if on != self._watching:
            self._watching = on
            self._work.office.phone.sound(watch_levels(on))

    def _choose(self, row: RoleRow) -> None:
        self._work.office.phone.sound(choose(row.role, str(row.device.currentData())))

    def _try(self, row: RoleRow) -> None:
        self._work.office.phone.sound(try_out(row.role))

    def _show(self, state: PhoneState) -> None:
        found = state.devices
        for role, devices, chosen, in_use in (
            (AudioRole.MICROPHONE, found.microphones, found.chosen_microphone, state.microphone),
            (AudioRole.SPEAKER, found.speakers, found.chosen_speaker, state.speaker),
            (AudioRole.RINGER, found.speakers, found.chosen_ringer, state.ringer),
        ):
            self.rows[role].show_devices(devices, chosen, in_use)
        self.silenced.show_microphone(state.set_microphone)
        nearest = min(GAINS_DB, key=lambda gain: abs(gain - state.set_microphone.gain_db))
        self.gain.setCurrentIndex(self.gain.findData(nearest))
        self.gain.setEnabled(bool(state.microphone))
        self.gain_of.setText(
            tr("Kept for {name}", name=state.microphone) if state.microphone else ""
        )
        self.headsets.show_headsets(state.headsets)

    def _call_echo(self) -> None:
        calls, number = self._work.desk.calls, self._work.rights.calls.echo_number
        self.echo_problem.setVisible(False)
        self._work.ask(self, lambda: calls.dial(number), lambda _call: None, self._echo_failed)

    def _echo_failed(self, error: Exception) -> None:
        self.echo_problem.set("warning", error_line(error), "hold.text")
        self.echo_problem.setVisible(True)

    def _happened(self, event: Event) -> None:
        if isinstance(event, SoundLevels) and self._watching:
            state = self._work.store.state
            for role, dbfs, in_use in (
                (AudioRole.MICROPHONE, event.microphone, state.microphone),
                (AudioRole.SPEAKER, event.speaker, state.speaker),
                (AudioRole.RINGER, event.ringer, state.ringer),
            ):
                self.rows[role].show_level(dbfs, present=bool(in_use))
            if event.clipped:
                self._warn()
        elif isinstance(event, HeadsetPressed):
            self.headsets.show_press(event)
        elif isinstance(event, SoundTested):
            self.rows[AudioRole(event.role)].show_step(event.step)

    def _warn(self) -> None:
        words = tr(
            "Your microphone is too loud and sounds distorted to others. "
            "Move it away from your mouth, or lower its gain."
        )
        self.warning.set("warning", words, "hold.text")
        self.warning.setVisible(True)
        self._calm.start()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(label(tr("Sound"), "card"))
        head.addWidget(label(tr("Changes apply at once, also during a call."), "small"))
        head.addStretch(1)
        card, inside = frame("card", margins=16, spacing=12)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(2, 3)
        grid.setColumnStretch(3, 4)
        for column, words in ((0, tr("Role")), (2, tr("Device")), (4, tr("Level now"))):
            grid.addWidget(label(words, "label"), 0, column, 1, 2 if column == 0 else 1)
        grid.addWidget(MeterScale(), 0, 3)
        line = 1
        for row in self.rows.values():
            grid.addWidget(divider(), line, 0, 1, 6)
            words_box = QVBoxLayout()
            words_box.setSpacing(0)
            words_box.addWidget(row.title)
            words_box.addWidget(row.under)
            grid.addWidget(row.glyph, line + 1, 0)
            grid.addLayout(words_box, line + 1, 1)
            for column, part in enumerate((row.device, row.meter, row.level, row.test), start=2):
                grid.addWidget(part, line + 1, column)
            line += 2
        inside.addLayout(grid)
        inside.addWidget(self.silenced)
        inside.addWidget(self.warning)
        inside.addWidget(divider())
        foot = QHBoxLayout()
        foot.setSpacing(12)
        name = label(self.gain.accessibleName())
        name.setBuddy(self.gain)
        foot.addWidget(name)
        foot.addWidget(self.gain)
        self.gain_of = label("", "small")
        foot.addWidget(self.gain_of, 1)
        foot.addWidget(self.echo)
        inside.addLayout(foot)
        inside.addWidget(self.echo_problem)
        note = label(
            tr("The first connected device you chose is used. What you record here is kept in "
               "memory only, and forgotten once it was played."),
            "small",
            wrap=True,
        )  # fmt: skip
        inside.addWidget(note)
        column_box = QVBoxLayout(self)
        column_box.setContentsMargins(0, 0, 0, 0)
        column_box.setSpacing(12)
        column_box.addLayout(head)
        column_box.addWidget(card)
        column_box.addWidget(self.ring)
        column_box.addWidget(self.headsets)
        column_box.addWidget(self.voice)
