"""Times, lengths, numbers and refusals in the person's own words and time zone."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDate, QLocale

from softphone.app.numbers import display
from softphone.domain.audit import DataCategory, Result
from softphone.domain.call import (
    TRANSFER_FAILED,
    Call,
    CallState,
    Direction,
    Disposition,
    sentence_for,
)
from softphone.domain.permissions import Decision
from softphone.domain.recording import GapReason
from softphone.ui.translation import tr


class Words:
    """Writes moments in one time zone; ``now`` comes from the office's clock."""

    def __init__(self, time_zone: str) -> None:
        self.zone = ZoneInfo(time_zone)

    def local(self, moment: datetime) -> datetime:
        """Return the moment in the person's time zone."""
        return moment.astimezone(self.zone)

    def time(self, moment: datetime) -> str:
        """``10:42``."""
        return self.local(moment).strftime("%H:%M")

    def exact_time(self, moment: datetime) -> str:
        """``10:42:07``."""
        return self.local(moment).strftime("%H:%M:%S")

    def day(self, moment: datetime, now: datetime) -> str:
        """``Today``, ``Yesterday``, ``Friday 20 November`` or with the year when it differs."""
        then, today = self.local(moment).date(), self.local(now).date()
        if then == today:
            return tr("Today")
        if then == today - timedelta(days=1):
            return tr("Yesterday")
        return _day(then, tr("dddd d MMMM") if then.year == today.year else tr("d MMMM yyyy"))

    def when(self, moment: datetime, now: datetime) -> str:
        """``Today 10:03``, ``Friday 17:20`` or ``16 November 09:14``."""
        then, today = self.local(moment).date(), self.local(now).date()
        age = (today - then).days
        if age == 0:
            day = tr("Today")
        elif 0 < age < 7:
            day = _day(then, "dddd")
        else:
            day = _day(then, tr("d MMMM") if then.year == today.year else tr("d MMMM yyyy"))
        return f"{day} {self.time(moment)}"

    def full(self, moment: datetime) -> str:
        """``Monday 23 November 2026, 10:41:20``."""
        day = _day(self.local(moment).date(), tr("dddd d MMMM yyyy"))
        return f"{day}, {self.exact_time(moment)}"


def _day(day: date, pattern: str) -> str:
    """Write a day by Qt's pattern, which the language may have changed."""
    return QLocale().toString(QDate(day.year, day.month, day.day), pattern)


def isolated(text: str) -> str:
    """Return a text that keeps its own direction between others (Unicode UAX 9, FSI and PDI)."""
    if any(unicodedata.bidirectional(c) in ("R", "AL") for c in text):
        return f"\u2068{text}\u2069"
    return text


def length(milliseconds: int) -> str:
    """``12:37``, or ``1:02:37`` from an hour on."""
    seconds = max(0, milliseconds) // 1000
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def timer(milliseconds: int) -> str:
    """``00:11:24``."""
    seconds = max(0, milliseconds) // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def number(value: int) -> str:
    """Return a whole number with the separators of the person's language."""
    return QLocale().toString(value)


def mos(value: float) -> str:
    """``4.2`` in the person's number format."""
    return QLocale().toString(value, "f", 1)


def refusal(decision: Decision) -> str:
    """Say which right is missing and who can give it; empty when allowed."""
    if decision.allowed:
        return ""
    who = tr(" or ").join(decision.given_by) or tr("An administrator")
    return tr(
        "You do not have the right “{right}”. {who} can give it.",
        right=tr(decision.missing),
        who=who,
    )


def call_name(call: Call, known: str = "") -> str:
    """Return who a call is with: the contact, else what the far side says, else the number."""
    return known or call.display_name or display(call.number) or tr("Unknown number")


def call_state(call: Call) -> tuple[str, str, str]:
    """Return the words, the icon and the colour role for where a call stands."""
    if call.held_by_us and call.live:
        return tr("On hold by you"), "pause", "hold.text"
    if call.held_by_them and call.live:
        return tr("On hold by the other side"), "pause", "hold.text"
    if call.conference and call.state is CallState.ESTABLISHED:
        return tr("Talking together"), "users-three", "go.text"
    match call.state:
        case CallState.DIALLING:
            return tr("Calling"), "phone-outgoing", "text.secondary"
        case CallState.RINGING:
            return tr("Ringing there"), "phone-outgoing", "text.secondary"
        case CallState.INCOMING:
            return tr("Incoming call"), "arrow-down-left", "go.text"
        case CallState.ENDED:
            return tr("Call ended"), "phone-disconnect", "text.secondary"
        case _:
            incoming = call.direction is Direction.INCOMING
            if call.auto_answered:
                return tr("On a call, answered by itself"), "phone-call", "go.text"
            words = tr("On a call, incoming") if incoming else tr("On a call, outgoing")
            return words, "phone-call", "go.text"


def transfer_words(call: Call) -> str:
    """Say how a transfer goes, in the person's language; empty when there is none."""
    if not call.transfer:
        return ""
    step, failed, why = call.transfer.partition(TRANSFER_FAILED)
    how = tr("The transfer failed: {why}", why=tr(why)) if failed else tr(step)
    return tr("Transfer: {how}", how=how) if not failed else how


def ended_because(call: Call) -> str:
    """Say how a call ended."""
    if call.disposition is Disposition.ANSWERED:
        return ""
    if call.reason:
        return tr(call.reason)
    return tr(sentence_for(call.status)) if call.status else ""


DISPOSITIONS: dict[Disposition, str] = {
    Disposition.ANSWERED: "Answered",
    Disposition.MISSED: "Missed",
    Disposition.NO_ANSWER: "No answer",
    Disposition.BUSY: "Busy",
    Disposition.DECLINED: "Declined",
    Disposition.CANCELLED: "Cancelled",
    Disposition.FAILED: "Failed",
}
GAP_WORDS: dict[GapReason, str] = {
    GapReason.CARD_PAYMENT: "Paused for card payment",
    GapReason.AGENT_PAUSED: "Paused by the agent",
    GapReason.HOLD: "On hold",
    GapReason.TRANSFER: "Transferred",
    GapReason.CONFERENCE: "Somebody joined or left",
    GapReason.DISK_FULL: "Not recorded, the disk was full",
    GapReason.CRASH: "Not recorded, the program had stopped",
}
CATEGORIES: dict[DataCategory, str] = {
    DataCategory.NONE: "None",
    DataCategory.CONTACT: "Contact",
    DataCategory.CALL: "Calls",
    DataCategory.RECORDING: "Recording",
    DataCategory.NOTE: "Note",
    DataCategory.RIGHTS: "Rights",
    DataCategory.SETTINGS: "Settings",
    DataCategory.SIGN_IN: "Sign-in",
    DataCategory.AUDIT: "Audit log",
    DataCategory.REQUEST: "Privacy request",
    DataCategory.REGISTER: "Register",
    DataCategory.WHOLE_RECORD: "Whole record",
}
RESULTS: dict[Result, tuple[str, str, str]] = {
    Result.DONE: ("Done", "check", "text.secondary"),
    Result.REFUSED: ("Refused", "prohibit", "hold.text"),
    Result.FAILED: ("Failed", "warning", "hold.text"),
}
