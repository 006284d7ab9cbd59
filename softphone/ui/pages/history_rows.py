"""How a finished call is drawn: with whom, when, how long, what about, and its recording."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QFont

from softphone.app.numbers import display
from softphone.domain.call import Direction, Disposition
from softphone.domain.contact import HistoryEntry
from softphone.ui.translation import tr
from softphone.ui.widgets.rows import Column, Pen, RowDelegate
from softphone.ui.words import DISPOSITIONS, length, mos
from softphone.ui.workplace import Workplace


def call_columns() -> tuple[Column, ...]:
    """Return the columns of the history."""
    return (
        Column("", 28),
        Column(tr("With"), 200, 2.0),
        Column(tr("Time"), 72),
        Column(tr("Length"), 96),
        Column(tr("Topic"), 130, 1.2),
        Column(tr("Agent"), 120, 0.6, hide_below=820),
        Column(tr("Recording"), 116, 0.4, hide_below=620),
    )


def describe_call(entry: HistoryEntry) -> str:
    """Say a row in words."""
    direction = tr("incoming") if entry.direction is Direction.INCOMING else tr("outgoing")
    who = entry.contact_name or display(entry.number)
    words = [who, direction, tr(DISPOSITIONS[entry.disposition]), length(entry.talk_ms)]
    if entry.reason:
        words.append(tr(entry.reason))
    if entry.quality_mos is not None:
        words.append(tr("estimated MOS {value}", value=mos(entry.quality_mos)))
    return ", ".join(words)


def call_icon(entry: HistoryEntry) -> str:
    """Return the sign of direction and outcome."""
    if entry.disposition is Disposition.MISSED:
        return "phone-x"
    return "arrow-down-left" if entry.direction is Direction.INCOMING else "arrow-up-right"


def draw_who(pen: Pen, cell: QRect, entry: HistoryEntry) -> None:
    """Draw the name over the number."""
    number = display(entry.number)
    name = entry.contact_name or number
    top = QRect(cell.left(), cell.top() + 5, cell.width(), 20)
    below = QRect(cell.left(), cell.top() + 24, cell.width(), 18)
    if name == number:
        pen.text(cell, name, weight=QFont.Weight.Medium)
        return
    pen.text(top, name, weight=QFont.Weight.Medium)
    pen.text(below, number, "text.secondary", size=12)


class HistoryDelegate(RowDelegate):
    """One call of the history page."""

    def __init__(self, work: Workplace) -> None:
        super().__init__(48, call_columns())
        self._work = work

    def draw(self, pen: Pen, place: QRect, cells: list[QRect], value: object) -> None:
        """Draw one call."""
        if not isinstance(value, HistoryEntry):
            return
        icon, who, time, talk, about, agent, recording = cells
        pen.icon(icon, call_icon(value), "text.secondary")
        draw_who(pen, who, value)
        pen.text(time, self._work.words.time(value.started_at), "text.secondary")
        if value.talk_ms:
            pen.text(talk, length(value.talk_ms))
        else:
            pen.text(talk, tr(DISPOSITIONS[value.disposition]), "text.secondary")
        if value.wrap_up:
            pen.text(about, tr(value.wrap_up))
        elif value.reason:
            pen.text(about, tr(value.reason), "text.secondary", size=12)
        mine = value.agent_name == self._work.rights.name
        pen.text(agent, tr("You") if mine else value.agent_name, "text.secondary")
        if value.recording:
            pen.icon(recording, "lock", "text.secondary")
            pen.text(recording.adjusted(22, 0, 0, 0), tr("Sealed"), "text.secondary")
        else:
            pen.text(recording, tr("None"), "text.secondary")


class RecentDelegate(RowDelegate):
    """One of the last calls on the phone page."""

    def __init__(self, work: Workplace) -> None:
        super().__init__(48, (Column("", 28), Column("", 140, 1.0), Column("", 150)))
        self._work = work

    def draw(self, pen: Pen, place: QRect, cells: list[QRect], value: object) -> None:
        """Draw one call."""
        if not isinstance(value, HistoryEntry):
            return
        icon, who, when = cells
        pen.icon(icon, call_icon(value), "text.secondary")
        draw_who(pen, who, value)
        words = self._work.words.when(value.started_at, self._work.office.clock.now())
        upper = QRect(when.left(), when.top() + 5, when.width(), 20)
        lower = QRect(when.left(), when.top() + 24, when.width(), 18)
        pen.text(upper, words, "text.secondary", right=True)
        outcome = length(value.talk_ms) if value.talk_ms else tr(DISPOSITIONS[value.disposition])
        pen.text(lower, outcome, "text.secondary", size=12, right=True)
