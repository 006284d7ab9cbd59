"""How long data is kept, per class of data; it goes by itself when its purpose ends.

GDPR Art. 5(1)(e) (storage limitation) and Art. 17(1)(a). Whoever sets a rule answers for the
period; the choices offered here name the law or the custom they come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from softphone.domain.errors import InvalidInput

LONGEST_DAYS = 36_525
"""A hundred years; anything longer is a typing error."""
RUN_EVERY = timedelta(hours=24)


class DataClass(StrEnum):
    """A class of data with one period."""

    RECORDINGS = "recordings"
    CALLS = "calls"
    NOTES = "notes"
    CONTACTS = "contacts"
    AUDIT_DETAIL = "audit_detail"
    REQUESTS = "requests"


DATA_WORDS: dict[DataClass, str] = {
    DataClass.RECORDINGS: "Recordings",
    DataClass.CALLS: "Calls in the history",
    DataClass.NOTES: "Notes",
    DataClass.CONTACTS: "Contacts without activity",
    DataClass.AUDIT_DETAIL: "Personal detail in the audit log",
    DataClass.REQUESTS: "Closed privacy requests",
}


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """Keep one class of data for ``keep_days`` days; ``why`` is the reason in words."""

    data: DataClass
    keep_days: int
    why: str = ""

    def before(self, now: datetime) -> datetime:
        """Return the moment before which data of this class has to go."""
        return now - timedelta(days=self.keep_days)


@dataclass(frozen=True, slots=True)
class RetentionChoice:
    """A period to choose, with where it comes from. None keeps the data."""

    keep_days: int | None
    why: str


_KEEP = RetentionChoice(None, "Kept until somebody deletes it")
_QUARTER = RetentionChoice(90, "Quality review of the last quarter")
_CLAIMS = RetentionChoice(1096, "Until claims are out of time (DE: BGB section 195)")
_LETTERS = RetentionChoice(2192, "Commercial letters (DE: HGB section 257)")
CHOICES: dict[DataClass, tuple[RetentionChoice, ...]] = {
    DataClass.RECORDINGS: (
        RetentionChoice(30, "Training and quality of service"),
        _QUARTER,
        RetentionChoice(1827, "Orders by telephone in finance (MiFID II Art. 16(7))"),
        _KEEP,
    ),
    DataClass.CALLS: (
        RetentionChoice(180, "Follow-up of open matters"),
        _CLAIMS,
        _LETTERS,
        _KEEP,
    ),
    DataClass.NOTES: (RetentionChoice(365, "Follow-up of open matters"), _CLAIMS, _KEEP),
    DataClass.CONTACTS: (RetentionChoice(730, "No business for two years"), _CLAIMS, _KEEP),
    DataClass.AUDIT_DETAIL: (
        RetentionChoice(730, "Access reviews; the proof itself stays"),
        _CLAIMS,
        _KEEP,
    ),
    DataClass.REQUESTS: (_CLAIMS, _KEEP),
}


@dataclass(frozen=True, slots=True)
class RetentionPreview:
    """What the next run would do with one class of data. Times are UTC."""

    rule: RetentionRule
    due: int
    held: int
    """Due as well, but of people who are restricted or under a legal hold: these stay."""
    oldest: datetime | None = None
    """The oldest that is due."""


@dataclass(frozen=True, slots=True)
class RetentionRun:
    """The report of a run. ``by`` is empty when it ran by itself."""

    at: datetime
    by: str
    counts: tuple[tuple[DataClass, int], ...]

    @property
    def total(self) -> int:
        """How much went."""
        return sum(count for _, count in self.counts)


def check_rules(rules: tuple[RetentionRule, ...]) -> None:
    """Refuse what cannot be meant. Raises InvalidInput."""
    why = ""
    if len({rule.data for rule in rules}) != len(rules):
        why = "A class of data has two periods."
    elif any(not 1 <= rule.keep_days <= LONGEST_DAYS for rule in rules):
        why = "A period is shorter than a day or longer than a hundred years."
    if why:
        raise InvalidInput("The rules were not changed.", why, "Correct the number of days.")


def run_is_due(last: datetime | None, now: datetime) -> bool:
    """Whether a day has passed since the last run; a clock that jumped back runs anew."""
    return last is None or not timedelta(0) <= now - last < RUN_EVERY
