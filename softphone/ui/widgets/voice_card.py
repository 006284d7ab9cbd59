"""What is done to one's voice before others hear it: three switches, locked where the policy says.

A locked switch shows what holds and says who decided; a missing library is said in words.
"""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from softphone.app.state import PhoneState
from softphone.domain.sound import process
from softphone.domain.voice import VoicePart, VoiceRule
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Sign, frame, label
from softphone.ui.widgets.switch import Switch
from softphone.ui.workplace import Workplace

WORDS: dict[VoicePart, tuple[str, str]] = {
    VoicePart.ECHO: (
        "Take echo away",
        "The customer does not hear themselves through your speaker.",
    ),
    VoicePart.NOISE: ("Reduce noise", "Fans and voices around you become quieter."),
    VoicePart.GAIN: ("Even out the volume", "A quiet voice is raised, a loud one lowered."),
}


class VoiceCard(QWidget):
    """Changes apply at once, also in a call."""

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self.switches = {part: Switch(tr(words[0])) for part, words in WORDS.items()}
        self.locks = {part: Sign() for part in VoicePart}
        self.problem = Sign("warning", "", "hold.text", wrap=True)
        self._lay_out()
        for part, switch in self.switches.items():
            switch.clicked.connect(lambda on, p=part: self._switch(p, on))
        work.store.changed.connect(self._show)
        self._show(work.store.state)

    def _switch(self, part: VoicePart, on: bool) -> None:
        self._work.office.phone.sound(process(part, on))

    def _show(self, state: PhoneState) -> None:
        told = state.voice
        decided = told.rules.decide(told.chosen)
        for part, switch in self.switches.items():
            free = told.rules.of(part) is VoiceRule.CHOICE
            switch.setChecked(decided.has(part))
            switch.setEnabled(free)
            self.locks[part].setVisible(not free)
            self.locks[part].set("lock", tr("Set by the policy"))
        words = tr(
            "Your voice goes out as the microphone gives it: the sound processing does not work. "
            "Calls are not affected otherwise. Reason: {why}",
            why=told.problem,
        )
        self.problem.set("warning", words if told.problem else "", "hold.text")
        self.problem.setVisible(bool(told.problem))

    def _lay_out(self) -> None:
        card, inside = frame("card", margins=16, spacing=12)
        inside.addWidget(label(tr("Your voice, before others hear it"), "card"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(1, 1)
        for row, (part, switch) in enumerate(self.switches.items()):
            grid.addWidget(switch, row, 0)
            grid.addWidget(label(tr(WORDS[part][1]), "small", wrap=True), row, 1)
            grid.addWidget(self.locks[part], row, 2)
        inside.addLayout(grid)
        inside.addWidget(self.problem)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
