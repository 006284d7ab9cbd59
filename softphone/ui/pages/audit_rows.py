"""How an entry of the audit log is drawn and explained."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QFont

from softphone.domain.audit import AuditRow, AuditVerdict, DataCategory, Result
from softphone.ui.translation import counted, tr
from softphone.ui.widgets.rows import Column, Pen, RowDelegate
from softphone.ui.words import CATEGORIES, RESULTS, mos
from softphone.ui.workplace import Workplace


def result_words(row: AuditRow) -> tuple[str, str, str]:
    """Return words, icon and role for how it came out."""
    known = {r.value: r for r in Result}
    result = known.get(row.entry.result)
    if result is None:
        return row.entry.result, "info", "text.secondary"
    words, icon, role = RESULTS[result]
    if result is Result.DONE and not row.witnessed:
        return tr("Waiting"), "hourglass", "text.secondary"
    return tr(words), icon, role


def category_words(row: AuditRow) -> str:
    """Return the kind of data."""
    known = {c.value: c for c in DataCategory}
    category = known.get(row.entry.category)
    return tr(CATEGORIES[category]) if category else row.entry.category


def describe_entry(row: AuditRow) -> str:
    """Say a row in words."""
    parts = (row.who, tr(row.what), category_words(row), row.object_label, result_words(row)[0])
    return ", ".join(part for part in parts if part)


class AuditDelegate(RowDelegate):
    """When, who, action, kind of data, object, result."""

    def __init__(self, work: Workplace) -> None:
        super().__init__(
            36,
            (
                Column(tr("When"), 132, 0.2),
                Column(tr("Who"), 130, 0.8),
                Column(tr("Action"), 150, 1.0),
                Column(tr("Kind of data"), 110, 0.4, hide_below=760),
                Column(tr("Object"), 130, 1.2, hide_below=560),
                Column(tr("Result"), 128),
            ),
        )
        self._work = work

    def draw(self, pen: Pen, place: QRect, cells: list[QRect], value: object) -> None:
        """Draw one entry."""
        if not isinstance(value, AuditRow):
            return
        when, who, action, kind, thing, result = cells
        words = self._work.words
        now = self._work.office.clock.now()
        moment = value.entry.time
        if words.local(moment).date() == words.local(now).date():
            pen.text(when, words.exact_time(moment), "text.secondary")
        else:
            pen.text(when, words.when(moment, now), "text.secondary")
        pen.text(who, value.who)
        pen.text(action, tr(value.what), weight=QFont.Weight.Medium)
        pen.text(kind, category_words(value), "text.secondary")
        pen.text(thing, value.object_label, "text.secondary")
        outcome, icon, role = result_words(value)
        pen.icon(result, icon, role)
        pen.text(result.adjusted(22, 0, 0, 0), outcome, role)


def verdict_words(verdict: AuditVerdict, words_time: str) -> tuple[str, str, bool]:
    """Return the sentence, the detail, and whether it needs attention."""
    seconds = mos(verdict.took_ms / 1000)
    detail = counted(
        verdict.entries,
        "{n} entry checked in {s} s.",
        "{n} entries checked in {s} s.",
        s=seconds,
    )
    if not verdict.holds:
        at = verdict.broken_at if verdict.broken_at is not None else verdict.signed_up_to
        sentence = tr("The log was altered from entry {n} on", n=at + 1)
        return sentence, " ".join((tr(verdict.why), detail)), True
    waiting = verdict.entries - verdict.witnessed_up_to
    if verdict.witnessed_up_to == 0:
        sentence = tr("Nothing was altered, dropped or reordered up to {time}", time=words_time)
        return sentence, f"{detail} {tr('No server has confirmed it yet.')}", False
    sentence = tr(
        "Nothing was altered, dropped or reordered up to {time} (witnessed)", time=words_time
    )
    if waiting:
        detail += " " + counted(
            waiting,
            "{n} newer entry is waiting for the witness.",
            "{n} newer entries are waiting for the witness.",
        )
    return sentence, detail, False
