"""The organisation's rules for calls: shown to everybody, changed by who manages the policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from softphone.app.rule_lines import (
    colleague_lines,
    colleagues_from,
    rule_lines,
    rules_from,
    words_from,
)
from softphone.domain.call_policy import CallPolicy, Notice, Redirects
from softphone.domain.errors import SoftphoneError
from softphone.domain.permissions import Permission
from softphone.domain.phone_build import CODECS
from softphone.domain.voice import VoiceRule
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, Sign, frame, label, with_reason
from softphone.ui.widgets.combo import Combo
from softphone.ui.widgets.states import error_line
from softphone.ui.widgets.switch import Switch
from softphone.ui.words import refusal
from softphone.ui.workplace import Workplace

REDIRECT_WORDS: dict[Redirects, str] = {
    Redirects.NEVER: "Never follow",
    Redirects.OWN_DOMAIN: "Follow within our own domain",
    Redirects.ALWAYS: "Always follow",
}
NOTICE_WORDS: dict[Notice, str] = {
    Notice.NONE: "Nothing",
    Notice.AT_START: "An announcement at the start",
    Notice.BEEP: "A beep again and again",
}
VOICE_WORDS: dict[VoiceRule, str] = {
    VoiceRule.CHOICE: "Everybody decides",
    VoiceRule.ON: "Always on",
    VoiceRule.OFF: "Always off",
}
NAMES = 240
WHEN_WORDS: dict[str, str] = {"ring": "Ringing", "answer": "Answered", "end": "Ended"}


class CallSection(QWidget):
    """One form; everything is checked and published together."""

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self._rules = work.rights.calls
        why = refusal(work.rights.decisions[Permission.POLICY_MANAGE])
        self.plain = Switch(tr("Permit accounts without encryption (TCP, UDP)"))
        self.asserted = Switch(tr("Trust the caller's identity that the registrar asserts"))
        self.by_header = Switch(tr("Answer at once when the caller's system asks for it"))
        self.by_info = Switch(tr("Send keys as SIP INFO"))
        self.hold_tone = Switch(tr("Let people on hold hear a soft tone"))
        self.buttons = Switch(tr("Headset buttons may steer calls"))
        self.redirects = _choice(tr("Redirected calls"), REDIRECT_WORDS)
        self.notice = _choice(tr("When a call is recorded, both sides hear"), NOTICE_WORDS)
        self.url_when = _choice(tr("Open it when"), WHEN_WORDS)
        self.echo = _choice(tr("Take echo away"), VOICE_WORDS)
        self.noise = _choice(tr("Reduce noise"), VOICE_WORDS)
        self.gain = _choice(tr("Even out the volume"), VOICE_WORDS)
        self.beep = NumberLine(tr("Seconds between beeps"), 2, 300)
        self.work_after = NumberLine(tr("Seconds of work after a call"), 0, 3600)
        self.session = NumberLine(tr("Session timer, seconds (0 is none)"), 0, 86400)
        self.jitter = NumberLine(tr("Longest wait for late packets, ms"), 40, 2000)
        self.codecs = _line(tr("Codecs in order"))
        build = work.store.state.build
        self.codecs.setToolTip(
            tr("Known are {known}. This workstation has {here}.").format(
                known=", ".join(CODECS), here=", ".join(build.codecs)
            )
        )
        self.echo_number = _line(tr("Number of the echo test call"))
        self.breaks = _line(tr("Reasons for a break, separated by commas"))
        self.url = _line(tr("Address to open"))
        self.url.setPlaceholderText("https://crm.example/?number={number}")
        self.hook = _line(tr("Program to start, one word or “quoted words” each"))
        self.colleagues = _area(tr("Colleagues whose lines are watched: name, extension"))
        self.recorded = _area(tr("Recording rules, the first that fits decides"))
        self.recorded.setPlaceholderText("never number=+4930*\nalways direction=incoming")
        self.problem = Sign(wrap=True)
        self.problem.setVisible(False)
        self.save = Button(tr("Publish the rules"), kind="main", icon="check")
        self.save.set_refused(why)
        self.save.clicked.connect(self.submit)
        self._lay_out(why)
        self._show(self._rules)
        if why:
            for control in self._controls():
                control.setEnabled(False)

    def _controls(self) -> tuple[QWidget, ...]:
        return (
            self.plain, self.asserted, self.by_header, self.by_info, self.hold_tone, self.buttons,
            self.redirects, self.notice,
            self.url_when, self.beep, self.work_after, self.session, self.jitter, self.codecs,
            self.echo_number,
            self.breaks, self.url, self.hook, self.colleagues, self.recorded, self.echo,
            self.noise, self.gain,
        )  # fmt: skip

    def _lay_out(self, why: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        parts = (
            (tr("Taking calls"), (self.by_header, self.redirects, self.asserted, self.breaks,
                                  self.work_after, self.colleagues)),
            (tr("Recording"), (self.notice, self.beep, self.recorded)),
            (tr("Sound and signalling"), (self.codecs, self.jitter, self.session,
                                          self.echo_number, self.echo, self.noise, self.gain,
                                          self.by_info, self.hold_tone, self.buttons,
                                          self.plain)),
            (tr("Other programs"), (self.url, self.url_when, self.hook)),
        )  # fmt: skip
        for title, controls in parts:
            card, inside = frame("card", margins=16, spacing=12)
            inside.addWidget(label(title, "card"))
            inside.addLayout(_grid(controls))
            column.addWidget(card)
        column.addWidget(self.problem)
        column.addLayout(with_reason(self.save, why))

    def submit(self) -> None:
        """Check and publish."""
        try:
            wanted = self._read()
        except SoftphoneError as error:
            self._failed(error)
            return
        rules = self._work.desk.call_rules
        self.save.setEnabled(False)
        self._work.ask(self, lambda: rules.change(wanted), lambda _done: self._saved(wanted),
                       self._failed)  # fmt: skip

    def _read(self) -> CallPolicy:
        return replace(
            self._rules,
            plain_signalling=self.plain.isChecked(),
            trust_asserted_identity=self.asserted.isChecked(),
            auto_answer_by_header=self.by_header.isChecked(),
            dtmf_by_info=self.by_info.isChecked(),
            hold_tone=self.hold_tone.isChecked(),
            headset_buttons=self.buttons.isChecked(),
            echo_number=self.echo_number.text().strip(),
            redirects=Redirects(self.redirects.currentData()),
            notice=Notice(self.notice.currentData()),
            echo_cancellation=VoiceRule(self.echo.currentData()),
            noise_suppression=VoiceRule(self.noise.currentData()),
            automatic_gain=VoiceRule(self.gain.currentData()),
            url_when=str(self.url_when.currentData()),
            beep_every_s=self.beep.value(),
            after_call_work_s=self.work_after.value(),
            session_expires_s=self.session.value(),
            jitter_buffer_ms=self.jitter.value(),
            codecs=tuple(self.codecs.text().replace(",", " ").upper().split()),
            break_reasons=tuple(p.strip() for p in self.breaks.text().split(",") if p.strip()),
            url_template=self.url.text().strip(),
            hook=words_from(self.hook.text()),
            colleagues=colleagues_from(self.colleagues.toPlainText()),
            recording_rules=rules_from(self.recorded.toPlainText()),
        )

    def _show(self, rules: CallPolicy) -> None:
        self.plain.setChecked(rules.plain_signalling)
        self.asserted.setChecked(rules.trust_asserted_identity)
        self.by_header.setChecked(rules.auto_answer_by_header)
        self.by_info.setChecked(rules.dtmf_by_info)
        self.hold_tone.setChecked(rules.hold_tone)
        self.buttons.setChecked(rules.headset_buttons)
        self.echo_number.setText(rules.echo_number)
        for combo, value in (
            (self.redirects, rules.redirects),
            (self.notice, rules.notice),
            (self.url_when, rules.url_when),
            (self.echo, rules.echo_cancellation),
            (self.noise, rules.noise_suppression),
            (self.gain, rules.automatic_gain),
        ):
            combo.setCurrentIndex(max(0, combo.findData(str(value))))
        self.beep.set_value(rules.beep_every_s)
        self.work_after.set_value(rules.after_call_work_s)
        self.session.set_value(rules.session_expires_s)
        self.jitter.set_value(rules.jitter_buffer_ms)
        self.codecs.setText(", ".join(rules.codecs))
        self.breaks.setText(", ".join(rules.break_reasons))
        self.url.setText(rules.url_template)
        self.hook.setText(" ".join(f'"{w}"' if " " in w else w for w in rules.hook))
        self.colleagues.setPlainText(colleague_lines(rules.colleagues))
        self.recorded.setPlainText(rule_lines(rules.recording_rules))

    def _saved(self, rules: CallPolicy) -> None:
        self._rules = rules
        self.save.setEnabled(True)
        self.problem.set("check", tr("Published. Names and reasons show after the next sign-in."))
        self.problem.setVisible(True)

    def _failed(self, error: Exception) -> None:
        self.save.setEnabled(True)
        words = error_line(error)
        self.problem.set("warning", words, "hold.text")
        self.problem.setVisible(True)


def _grid(controls: tuple[QWidget, ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(10)
    grid.setColumnStretch(1, 1)
    grid.setColumnMinimumWidth(0, NAMES)
    for row, control in enumerate(controls):
        if isinstance(control, Switch):
            grid.addWidget(control, row, 0, 1, 2)
            continue
        name = label(control.accessibleName(), wrap=True)
        name.setBuddy(control)
        name.setFixedWidth(NAMES)
        grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(control, row, 1)
    return grid


def _choice(name: str, words: Mapping[Any, str]) -> Combo:
    made = Combo(name)
    for value, text in words.items():
        made.addItem(tr(text), str(value))
    return made


class NumberLine(QLineEdit):
    """A whole number within bounds; what is out of them counts as the nearest bound."""

    def __init__(self, name: str, least: int, most: int) -> None:
        super().__init__()
        self._least, self._most = least, most
        self.setAccessibleName(name)
        self.setValidator(QIntValidator(0, most, self))
        self.setMaximumWidth(120)

    def value(self) -> int:
        """Return the number."""
        text = self.text().strip()
        return min(max(int(text) if text else self._least, self._least), self._most)

    def set_value(self, value: int) -> None:
        """Show a number."""
        self.setText(str(value))


def _line(name: str) -> QLineEdit:
    made = QLineEdit()
    made.setAccessibleName(name)
    made.setMaxLength(500)
    return made


def _area(name: str) -> QPlainTextEdit:
    made = QPlainTextEdit()
    made.setAccessibleName(name)
    made.setTabChangesFocus(True)
    made.setFixedHeight(84)
    return made
