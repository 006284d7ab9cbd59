"""Whether the agent takes calls: shown in the status bar, changed by its menu."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from softphone.app.numbers import display
from softphone.app.state import PhoneState
from softphone.domain.agent import AgentState, AgentStatus
from softphone.ui.dialogs.send_on import SendOnDialog
from softphone.ui.dispatcher import OnError
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import Button
from softphone.ui.words import length
from softphone.ui.workplace import Workplace

_ICONS = {
    AgentState.AVAILABLE: "check",
    AgentState.BREAK: "pause",
    AgentState.AFTER_CALL_WORK: "pencil-simple",
}


class AgentButton(Button):
    """Words and icon of the state, with its time; a click opens what else there is."""

    def __init__(self, work: Workplace, on_error: OnError | None = None) -> None:
        super().__init__(kind="plain", icon="check")
        self._work = work
        self._on_error = on_error
        self._status = AgentStatus()
        self._compact = False
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._show_words)
        work.store.changed.connect(self.show_state)
        self.show_state(work.store.state)

    def set_compact(self, compact: bool) -> None:
        """Leave the time out where there is little room."""
        self._compact = compact
        self._show_words()

    def show_state(self, state: PhoneState) -> None:
        """Show the state of the agent."""
        if state.agent is self._status:
            return
        self._status = state.agent
        sent_on = state.agent.takes_calls and bool(state.agent.wish.forward_always)
        self.set_icon("arrow-bend-up-right" if sent_on else _ICONS[state.agent.state])
        if state.agent.state is AgentState.AVAILABLE:
            self._clock.stop()
        else:
            self._clock.start()
        self._show_words()

    def enter(self, state: AgentState, reason: str = "") -> None:
        """Go to a state."""
        duty = self._work.desk.duty
        self._work.ask(self, lambda: duty.enter(state, reason), lambda _done: None, self._on_error)

    def _fill(self) -> None:
        self._menu.clear()
        self._add(tr("Available"), AgentState.AVAILABLE)
        self._add(tr("After-call work"), AgentState.AFTER_CALL_WORK)
        self._menu.addSeparator()
        for reason in self._work.rights.calls.break_reasons:
            self._add(tr(reason), AgentState.BREAK, reason)
        self._menu.addSeparator()
        self._menu.addAction(tr("Send my calls on…")).triggered.connect(self.open_send_on)
        alone = self._menu.addAction(tr("Answer calls by itself"))
        alone.setCheckable(True)
        alone.setChecked(self._status.wish.auto_answer)
        alone.triggered.connect(self._answer_alone)

    def open_send_on(self) -> SendOnDialog:
        """Ask where callers are sent."""
        dialog = SendOnDialog(self._work, self._status.wish, self.window())
        dialog.open()
        return dialog

    def _answer_alone(self, on: bool) -> None:
        duty, wish = self._work.desk.duty, replace(self._status.wish, auto_answer=on)
        self._work.ask(
            self, lambda: duty.set_availability(wish), lambda _done: None, self._on_error
        )

    def _add(self, words: str, state: AgentState, reason: str = "") -> None:
        action = QAction(words, self._menu)
        action.setCheckable(True)
        action.setChecked((state, reason) == (self._status.state, self._status.reason))
        action.triggered.connect(lambda _on=False: self.enter(state, reason))
        self._menu.addAction(action)

    def _show_words(self) -> None:
        status = self._status
        if status.state is AgentState.AVAILABLE:
            words = self._available_words()
        elif status.state is AgentState.BREAK:
            words = tr(status.reason) if status.reason else tr("Break")
        else:
            words = tr("After-call work")
        timed = self._time()
        self.set_text(words if self._compact or not timed else f"{words}, {timed}")
        self.setAccessibleName(tr("Your state: {state}", state=words))
        self.setToolTip(tr("Change whether you take calls"))

    def _available_words(self) -> str:
        wish = self._status.wish
        if wish.forward_always:
            return tr("Calls go to {number}", number=display(wish.forward_always))
        if wish.do_not_disturb:
            return tr("Do not disturb")
        return tr("Available, answers by itself") if wish.auto_answer else tr("Available")

    def _time(self) -> str:
        now, status = self._work.office.clock.now(), self._status
        if status.until is not None:
            left = max(0, int((status.until - now).total_seconds() * 1000))
            return tr("{time} left", time=length(left))
        if status.since is not None and status.state is not AgentState.AVAILABLE:
            return length(int((now - status.since).total_seconds() * 1000))
        return ""
