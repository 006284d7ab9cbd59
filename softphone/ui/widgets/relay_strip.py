"""Recordings on their way between workstations: what waits here, and what became of one's own."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from softphone.app.sending import HandOver
from softphone.domain.permissions import Permission
from softphone.domain.relay import (
    OPEN_STATES,
    REFUSAL_WORDS,
    SendState,
    SentPackage,
    WaitingPackage,
)
from softphone.ui.announce import announce
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.basic import Button, Glyph, Sign, clear, frame, label
from softphone.ui.widgets.states import error_line
from softphone.ui.words import refusal
from softphone.ui.workplace import Workplace

MOST_LINES = 3
"""Of what was sent; the newest. The others are in the log."""
_SIGNS = {
    SendState.WAITING: ("clock", "text.secondary"),
    SendState.SENT: ("paper-plane-tilt", "text.secondary"),
    SendState.TAKEN_IN: ("check", "text.secondary"),
    SendState.REFUSED: ("warning", "hold.text"),
    SendState.ENDED: ("warning", "hold.text"),
}


class RelayStrip(QWidget):
    """Hidden while there is nothing to say. Taking in goes on step by step beside other work."""

    told = Signal(str)
    """A sentence to show."""
    taken_in = Signal()

    def __init__(self, work: Workplace) -> None:
        super().__init__()
        self._work = work
        self._waiting: tuple[WaitingPackage, ...] = ()
        self._queue: list[WaitingPackage] = []
        self._taken = 0
        self._problems: list[str] = []
        self.card, inside = frame("notice", margins=12)
        self.words = label("", "strong", wrap=True)
        self.detail = label("", "small", wrap=True)
        self.take_in = Button(tr("Take in"), icon="download-simple")
        self.take_in.clicked.connect(self.begin)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.words)
        words.addWidget(self.detail)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(Glyph("tray", "accent.text", 24))
        row.addLayout(words, 1)
        row.addWidget(self.take_in)
        inside.addLayout(row)
        self.sent = QVBoxLayout()
        self.sent.setSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 0, 24, 8)
        column.setSpacing(6)
        column.addWidget(self.card)
        column.addLayout(self.sent)
        self.hide()

    @property
    def busy(self) -> bool:
        """Whether recordings are being taken in."""
        return bool(self._queue)

    def reload(self) -> None:
        """Read what waits and what was sent."""
        sending = self._work.desk.sending
        self._work.ask(self, lambda: (tuple(sending.waiting()), tuple(sending.sent())), self._show)

    def begin(self) -> None:
        """Take in what waits, one after the other."""
        if self.busy:
            return
        self._queue, self._taken, self._problems = list(self._waiting), 0, []
        self._next()

    def _show(self, found: tuple[tuple[WaitingPackage, ...], tuple[SentPackage, ...]]) -> None:
        self._waiting, sent = found
        count = len(self._waiting)
        self.card.setVisible(bool(count) or self.busy)
        if count and not self.busy:
            self.words.setText(
                counted(
                    count,
                    "{n} recording waits to be taken in",
                    "{n} recordings wait to be taken in",
                )
            )
            names = ", ".join(dict.fromkeys(one.label for one in self._waiting))
            until = self._work.words.full(min(one.ends_at for one in self._waiting))
            self.detail.setText(
                tr("From {names}. Take it in before {until}.", names=names, until=until)
            )
            self.take_in.set_refused(
                refusal(self._work.rights.decisions[Permission.RECORDINGS_LISTEN])
            )
        clear(self.sent)
        for one in sent[:MOST_LINES]:
            self.sent.addWidget(self._line(one))
        self.setVisible(bool(count or sent or self.busy))

    def _line(self, one: SentPackage) -> QWidget:
        icon, tint = _SIGNS[one.state]
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(12, 0, 0, 0)
        row.setSpacing(8)
        sign = Sign(icon, self._sentence(one), tint, elide=True)
        sign.setToolTip(self._sentence(one))
        row.addWidget(sign, 1)
        if one.state not in OPEN_STATES:
            away = Button(kind="plain", icon="x", name=tr("Put away"))
            away.setFixedSize(28, 26)
            away.clicked.connect(lambda: self._put_away(one.package))
            row.addWidget(away, 0, Qt.AlignmentFlag.AlignVCenter)
        return line

    def _sentence(self, one: SentPackage) -> str:
        when = self._work.words.when(one.made_at, self._work.office.clock.now())
        values = {"name": one.label, "when": when}
        if one.state is SendState.WAITING:
            return tr("{when}, to {name}: waits for the server.", **values)
        if one.state is SendState.SENT:
            return tr("{when}, to {name}: sent, not taken in yet.", **values)
        if one.state is SendState.TAKEN_IN:
            return tr("{when}, to {name}: taken in.", **values)
        if one.state is SendState.ENDED:
            return tr("{when}, to {name}: nobody fetched it in time. Send it again.", **values)
        return tr("{when}, to {name}: refused. {why}", why=tr(REFUSAL_WORDS[one.why]), **values)

    def _put_away(self, package: str) -> None:
        sending = self._work.desk.sending
        self._work.ask(self, lambda: sending.put_away(package), lambda _none: self.reload())

    def _next(self) -> None:
        self.take_in.set_refused(tr("Recordings are being taken in.") if self.busy else "")
        if not self._queue:
            self._ended()
            return
        self.words.setText(tr("Taking in {n} of {total}", n=self._number, total=self._total))
        sending, package = self._work.desk.sending, self._queue[0].package
        self._work.ask(self, lambda: sending.begin_taking_in(package), self._step, self._failed)

    @property
    def _total(self) -> int:
        return len(self._queue) + self._taken + len(self._problems)

    @property
    def _number(self) -> int:
        return self._taken + len(self._problems) + 1

    def _step(self, work: HandOver) -> None:
        def done(finished: bool) -> None:
            if not finished:
                self._step(work)
                return
            self._queue.pop(0)
            self._taken += 1
            self._next()

        self._work.ask(self, work.step, done, self._failed)

    def _failed(self, error: Exception) -> None:
        self._queue.pop(0)
        self._problems.append(error_line(error))
        self._next()

    def _ended(self) -> None:
        words = counted(self._taken, "{n} recording was taken in.", "{n} recordings were taken in.")
        told = " ".join([words, *self._problems[:1]]) if self._taken else self._problems[0]
        self.told.emit(told)
        announce(self, told)
        self.taken_in.emit()
        self.reload()
