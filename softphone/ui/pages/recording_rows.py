"""How a recording is drawn in its list."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QFont

from softphone.domain.ids import RecordingId
from softphone.domain.recording import Recording
from softphone.ui.translation import tr
from softphone.ui.widgets.rows import Column, Pen, RowDelegate
from softphone.ui.words import length
from softphone.ui.workplace import Workplace


def describe_recording(row: Recording) -> str:
    """Say a row in words."""
    closed = tr("without its key") if row.keyless else tr("sealed for others")
    state = closed if row.refused else ""
    reviewed = tr("reviewed") if row.reviewed_by else tr("not reviewed")
    parts = (row.agent_name, row.contact_name, length(row.audio_ms), state, reviewed)
    return ", ".join(part for part in parts if part)


class RecordingDelegate(RowDelegate):
    """Agent, contact, date, length, tags, reviewed; refused rows say so."""

    def __init__(self, work: Workplace) -> None:
        super().__init__(
            36,
            (
                Column("", 28),
                Column(tr("Agent"), 130, 0.8),
                Column(tr("Contact"), 150, 1.6),
                Column(tr("Date"), 150, 0.6),
                Column(tr("Length"), 72),
                Column(tr("Tags"), 150, 1.0, hide_below=900),
                Column(tr("Reviewed"), 190, 0.6, hide_below=700),
            ),
        )
        self._work = work
        self.playing: RecordingId | None = None

    def draw(self, pen: Pen, place: QRect, cells: list[QRect], value: object) -> None:
        """Draw one recording."""
        if not isinstance(value, Recording):
            return
        icon, agent, contact, date, talk, tags, reviewed = cells
        now = self._work.office.clock.now()
        if value.refused:
            pen.icon(icon, "lock", "hold.text")
        elif value.id == self.playing:
            pen.icon(icon, "sound-wave", "accent.text")
        else:
            pen.icon(icon, "play", "text.secondary")
        pen.text(agent, value.agent_name)
        pen.text(contact, value.contact_name, weight=QFont.Weight.Medium)
        pen.text(date, self._work.words.when(value.started_at, now), "text.secondary")
        pen.text(talk, length(value.audio_ms))
        for tag in value.tags:
            used = pen.tag(tags, tr(tag))
            tags.setLeft(tags.left() + used)
        self._reviewed(pen, reviewed, value)

    def _reviewed(self, pen: Pen, cell: QRect, value: Recording) -> None:
        if value.refused:
            words = tr("Without its key") if value.keyless else tr("Sealed for others")
            pen.text(cell, words, "hold.text")
        elif not value.reviewed_by or value.reviewed_at is None:
            pen.text(cell, tr("Not yet"), weight=QFont.Weight.Medium)
        else:
            mine = value.reviewed_by == self._work.rights.name
            who = tr("You") if mine else value.reviewed_by
            when = self._work.words.when(value.reviewed_at, self._work.office.clock.now())
            pen.icon(cell, "check", "text.secondary", 14)
            pen.text(cell.adjusted(20, 0, 0, 0), f"{who}, {when}", "text.secondary")
