"""Headsets with buttons: which ones steer calls, why one does not, and what was pressed last."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from softphone.domain.events import HeadsetPressed, HeadsetsListed
from softphone.domain.headset import Headset, HeadsetButton, HeadsetProblem, HeadsetsOff
from softphone.domain.sound import use_buttons
from softphone.ui.announce import announce
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Sign, clear, divider, frame, label
from softphone.ui.widgets.switch import Switch
from softphone.ui.workplace import Workplace

BUTTON_WORDS: dict[HeadsetButton, str] = {
    HeadsetButton.HOOK: "answer and hang up",
    HeadsetButton.MUTE: "mute",
    HeadsetButton.HOLD: "hold",
    HeadsetButton.FLASH: "swap calls",
    HeadsetButton.DROP: "end",
    HeadsetButton.REJECT: "decline",
    HeadsetButton.KEY: "number keys",
}
PROBLEM_WORDS: dict[HeadsetProblem, str] = {
    HeadsetProblem.NO_PERMISSION: "The system does not permit its buttons to be read. "
    "Have the package's udev rule installed, then plug the headset in again.",
    HeadsetProblem.UNUSABLE: "It could not be opened. Plug it in again.",
    HeadsetProblem.BAD_DESCRIPTOR: "It describes its buttons wrongly and is left alone. "
    "Newer firmware may help.",
    HeadsetProblem.MISBEHAVED: "It sent more than anybody can press and was let go. "
    "Plug it in again.",
    HeadsetProblem.CRASHED: "The phone ended when it was opened the last time, so it is left "
    "alone. Switch headset buttons off and on to try it again.",
}
OFF_WORDS: dict[HeadsetsOff, str] = {
    HeadsetsOff.SWITCHED_OFF: "Switched off: headsets are left alone.",
    HeadsetsOff.POLICY: "Your organisation's rules do not permit headset buttons.",
    HeadsetsOff.NOT_STARTED: "The phone was started without headset buttons.",
}


class HeadsetCard(QWidget):
    """A switch, a line a headset, and a line that shows the last press: a test of the buttons."""

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self._shown: HeadsetsListed | None = None
        self.switch = Switch(tr("Steer calls by headset buttons"))
        self.switch.setChecked(True)
        self.switch.clicked.connect(self._choose)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(8)
        self.lines: list[Sign] = []
        self.pressed = label("", "small", wrap=True)
        self.pressed.setObjectName("pressed")
        self.pressed.setIndent(0)
        # Tab stops here, so that it can be read out as often as one likes.
        self.pressed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        card, inside = frame("card", margins=16, spacing=12)
        inside.addWidget(label(tr("Headset buttons"), "card"))
        inside.addWidget(self.switch)
        inside.addLayout(self._lines)
        self._line = divider()
        inside.addWidget(self._line)
        inside.addWidget(self.pressed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        self._say(tr("To try them out, press a button of the headset: it is named here."))

    def show_headsets(self, listed: HeadsetsListed) -> None:
        """Show what there is."""
        if listed == self._shown:
            return
        self._shown = listed
        mine = listed.off in (HeadsetsOff.NO, HeadsetsOff.SWITCHED_OFF)
        why = "" if mine else tr(OFF_WORDS[listed.off])
        self.switch.setChecked(listed.off is HeadsetsOff.NO)
        self.switch.setEnabled(mine)
        self.switch.setToolTip(why)
        self.switch.setAccessibleDescription(why)
        clear(self._lines)
        self.lines = []
        if listed.off is not HeadsetsOff.NO:
            self._add("info", tr(OFF_WORDS[listed.off]))
        elif not listed.headsets:
            self._add("info", tr("No headset with buttons is connected."))
        for headset in listed.headsets:
            self._add_headset(headset)
        for part in (self._line, self.pressed):
            part.setVisible(any(not headset.problem for headset in listed.headsets))

    def show_press(self, press: HeadsetPressed) -> None:
        """Show which button was pressed last, and say it."""
        what = press.digit or tr(BUTTON_WORDS[press.button])
        words = tr("Last pressed: {button}, on {name}", button=what, name=press.headset)
        self._say(words)
        if self.isVisible():
            announce(self, words)

    def _choose(self, on: bool) -> None:
        self._work.office.phone.sound(use_buttons(on))

    def _say(self, words: str) -> None:
        self.pressed.setText(words)
        self.pressed.setAccessibleName(words)

    def _add_headset(self, headset: Headset) -> None:
        if headset.problem:
            why = tr(PROBLEM_WORDS[headset.problem])
            self._add("warning", f"{headset.name}: {why}", "hold.text")
            return
        buttons = ", ".join(tr(BUTTON_WORDS[button]) for button in headset.buttons)
        words = buttons or tr("it has none that the phone knows")
        self._add("headset", tr("Buttons: {name} – {words}", name=headset.name, words=words))

    def _add(self, icon: str, words: str, tint: str = "text.primary") -> None:
        line = Sign(icon, words, tint, wrap=True)
        self.lines.append(line)
        self._lines.addWidget(line)
