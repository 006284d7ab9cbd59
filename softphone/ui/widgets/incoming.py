"""The incoming-call card: sits in a corner, never takes the focus, stays until answered or gone."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from softphone.app.numbers import display
from softphone.domain.call import Call
from softphone.ui.call_actions import CallActions
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button, ElidedLabel, Sign, label
from softphone.ui.words import length
from softphone.ui.workplace import Workplace

WIDTH = 344
DECLINE_REASONS: tuple[tuple[str, int], ...] = (
    ("Say that you are busy", 486),
    ("Say that you cannot be reached", 480),
    ("Decline", 603),
)
"""Words, and the SIP status that the caller gets."""


class IncomingCard(QFrame):
    """One ringing call. Its buttons take the focus by Tab only, never by themselves."""

    def __init__(self, work: Workplace, actions: CallActions, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._work = work
        self._actions = actions
        self._call: Call | None = None
        self.state = Sign("arrow-down-left", tr("Incoming call"), "go.text", small=True)
        self.ringing = label("", "small")
        self.name = ElidedLabel("", "card")
        self.number = label("", "secondary")
        self.effect = label("", "small", wrap=True)
        self.answer = Button(tr("Answer"), kind="go", icon="phone")
        self.decline = Button(tr("Decline"), icon="x")
        self.reasons = Button(kind="plain", icon="caret-down", name=tr("Decline with a reason"))
        self._menu = QMenu(self)
        for words, status in DECLINE_REASONS:
            action = self._menu.addAction(tr(words))
            action.triggered.connect(lambda _on=False, s=status: self._decline(s))
        self.reasons.setMenu(self._menu)
        self.answer.setToolTip(tr("Answer (Ctrl+Enter)"))
        for button in (self.answer, self.decline, self.reasons):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setProperty("large", True)
        self.answer.clicked.connect(self._answer)
        self.decline.clicked.connect(lambda: self._decline(0))
        self._lay_out()
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tick)
        work.store.changed.connect(self._refresh)
        actions.contacts_changed.connect(self._refresh)
        self.hide()

    @property
    def call(self) -> Call | None:
        """The call it shows, or None."""
        return self._call

    def wanted(self) -> bool:
        """Whether there is a call to show here."""
        return self._call is not None

    def place(self) -> None:
        """Take the room that the words need, over everything else in the window."""
        self.adjustSize()
        self.raise_()

    def _answer(self) -> None:
        if self._call is not None:
            self._actions.answer(self._call)

    def _decline(self, status: int) -> None:
        if self._call is not None:
            self._actions.hang_up(self._call, status)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(6)
        top = QHBoxLayout()
        top.addWidget(self.state, 1)
        top.addWidget(self.ringing)
        column.addLayout(top)
        middle = QHBoxLayout()
        middle.addWidget(self.name, 1)
        middle.addWidget(self.number)
        column.addLayout(middle)
        column.addWidget(self.effect)
        row = QHBoxLayout()
        row.setSpacing(8)
        # The whole row is theirs: who reaches for the mouse must not aim.
        row.addWidget(self.answer, 1)
        row.addWidget(self.decline, 1)
        row.addWidget(self.reasons)
        column.addSpacing(4)
        column.addLayout(row)

    def _refresh(self) -> None:
        ringing = self._actions.ringing
        self._call = ringing[0] if ringing else None
        if self._call is None or not self.wanted():
            self._clock.stop()
            self.hide()
            return
        name = self._actions.name(self._call)
        number = display(self._call.number)
        self.name.setText(name)
        self.number.setText(number if number != name else "")
        main = self._actions.main
        more = len(ringing) - 1
        effects = []
        if main is not None:
            effects.append(tr("Answering puts {name} on hold.", name=self._actions.name(main)))
        if more:
            effects.append(tr("{n} more waiting.", n=more))
        self.effect.setText(" ".join(effects))
        self.effect.setVisible(bool(effects))
        self.setAccessibleName(tr("Incoming call from {name}", name=name))
        self._tick()
        self._clock.start()
        self.show()
        self.place()

    def _tick(self) -> None:
        if self._call is not None:
            began: datetime = self._call.started_at or self._work.office.clock.now()
            gone = self._work.office.clock.now() - began
            self.ringing.setText(
                tr("ringing {time}", time=length(int(gone.total_seconds() * 1000)))
            )
