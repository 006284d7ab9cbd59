"""The registers that the law asks a controller to keep: forms, entries, reminders.

Processors (GDPR Art. 28), agreements with them and with users (Art. 28(3)), training of staff
(Art. 39(1)(b)), records of processing (Art. 30), and breaches (Art. 33).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from softphone.domain.canonical import canonical_json
from softphone.domain.errors import InvalidInput
from softphone.domain.ids import UserId

REPORT_BREACH_WITHIN = timedelta(hours=72)
"""GDPR Art. 33(1), from the moment the controller became aware of it."""
LONGEST_TEXT = 100_000
"""Characters of one field."""


class Register(StrEnum):
    """One of the registers."""

    CONTROLLER = "controller"
    """Who we are: one entry, named in every document that is handed out."""
    PROCESSORS = "processors"
    AGREEMENTS = "agreements"
    TRAINING = "training"
    ACTIVITIES = "activities"
    BREACHES = "breaches"


class FieldKind(StrEnum):
    """What a field takes."""

    LINE = "line"
    TEXT = "text"
    DATE = "date"
    """ISO 8601, ``2026-03-31``."""
    MOMENT = "moment"
    """ISO 8601 with a zone, ``2026-03-31T09:00:00+00:00``."""
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form; ``title`` is shown to people."""

    key: str
    title: str
    kind: FieldKind = FieldKind.LINE
    required: bool = False


def _must(key: str, title: str, kind: FieldKind = FieldKind.LINE) -> Field:
    return Field(key, title, kind, required=True)


FORMS: dict[Register, tuple[Field, ...]] = {
    Register.CONTROLLER: (
        _must("name", "Name of the organisation"),
        _must("address", "Address", FieldKind.TEXT),
        Field("contact", "Where to write or call"),
        Field("officer", "Data protection officer"),
        Field("authority", "Supervisory authority"),
    ),
    Register.PROCESSORS: (
        _must("name", "Name"),
        _must("purpose", "Purpose"),
        _must("data", "Kinds of data"),
        _must("country", "Country"),
        Field("safeguards", "Safeguards for a transfer"),
        Field("contract_date", "Contract signed on", FieldKind.DATE),
        Field("contact", "Who to ask there"),
        Field("review_on", "Review again on", FieldKind.DATE),
    ),
    Register.AGREEMENTS: (
        _must("title", "Title"),
        _must("party", "With whom"),
        _must("text", "Text", FieldKind.TEXT),
        Field("language", "Language"),
        Field("valid_from", "Valid from", FieldKind.DATE),
        Field("review_on", "Review again on", FieldKind.DATE),
    ),
    Register.TRAINING: (
        _must("title", "Title"),
        _must("text", "Text", FieldKind.TEXT),
        Field("language", "Language"),
        Field("roles", "For the roles (empty: for everybody)"),
        Field("renew_months", "Again after months", FieldKind.NUMBER),
    ),
    Register.ACTIVITIES: (
        _must("purpose", "Purpose"),
        _must("basis", "Legal basis"),
        _must("data", "Kinds of data"),
        _must("subjects", "Whose data"),
        Field("recipients", "Recipients"),
        Field("keep", "How long it is kept"),
        Field("security", "How it is protected"),
    ),
    Register.BREACHES: (
        _must("title", "Title"),
        _must("noticed_at", "Noticed at", FieldKind.MOMENT),
        _must("what", "What happened", FieldKind.TEXT),
        Field("workstation", "Workstation or account"),
        Field("happened_from", "Happened from", FieldKind.MOMENT),
        Field("happened_until", "Happened until", FieldKind.MOMENT),
        Field("affected", "Persons and data affected", FieldKind.TEXT),
        Field("measures", "Measures taken", FieldKind.TEXT),
        Field("authority_told_at", "Authority informed at", FieldKind.MOMENT),
        Field("persons_told_at", "Persons informed at", FieldKind.MOMENT),
        Field("why_not_told", "Why nobody need be informed", FieldKind.TEXT),
    ),
}
ACKNOWLEDGED = frozenset({Register.AGREEMENTS, Register.TRAINING})
"""Registers whose entries people accept or confirm, version by version."""


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One entry in one revision (from 1). Times are UTC."""

    id: str
    register: Register
    values: dict[str, str]
    revision: int = 0
    due_at: datetime | None = None
    changed_at: datetime | None = None
    changed_by: str = ""
    removed: bool = False

    @property
    def title(self) -> str:
        """What people call it."""
        first = FORMS[self.register][0].key
        return self.values.get(first, "")

    @property
    def sha256(self) -> str:
        """Hex SHA-256 over the canonical JSON of the values: what is accepted is this text."""
        return hashlib.sha256(canonical_json(dict(self.values))).hexdigest()


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A person accepted or finished one revision, whose text has this hash. Time is UTC."""

    entry: str
    revision: int
    sha256: str
    person: UserId
    person_name: str
    at: datetime


class Standing(StrEnum):
    """Where a person stands with a training."""

    MISSING = "missing"
    OUTDATED = "outdated"
    """They know an older version."""
    OVERDUE = "overdue"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class TrainingLine:
    """One person and one training."""

    entry: RegisterEntry
    person: UserId
    person_name: str
    standing: Standing
    done_at: datetime | None = None
    renew_on: date | None = None


def checked(register: Register, values: dict[str, str]) -> dict[str, str]:
    """Return the values of a form without empty ones. Raises InvalidInput, naming the field."""
    kept: dict[str, str] = {}
    known = {form.key for form in FORMS[register]}
    if strange := sorted(set(values) - known):
        raise InvalidInput(
            "The entry was not saved.",
            f"The form has no field “{strange[0]}”.",
            f"It has: {', '.join(form.key for form in FORMS[register])}.",
        )
    for form in FORMS[register]:
        value = values.get(form.key, "").strip()
        if form.required and not value:
            raise InvalidInput(
                "The entry was not saved.", f"“{form.title}” is empty.", "Fill it in."
            )
        if len(value) > LONGEST_TEXT:
            raise InvalidInput(
                "The entry was not saved.",
                f"“{form.title}” is too long.",
                f"Use at most {LONGEST_TEXT} characters.",
            )
        if value:
            kept[form.key] = _parsed(form, value)
    return kept


def due_at(register: Register, values: dict[str, str]) -> datetime | None:
    """Return when somebody has to look at the entry (UTC), or None."""
    if register is Register.BREACHES:
        told = values.get("authority_told_at") or values.get("why_not_told")
        return None if told else moment(values["noticed_at"]) + REPORT_BREACH_WITHIN
    day = values.get("review_on")
    return datetime.combine(date.fromisoformat(day), time(), UTC) if day else None


def moment(text: str) -> datetime:
    """Parse ISO 8601 with a zone into UTC. Raises ValueError."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError("a moment needs a zone")
    return parsed.astimezone(UTC)


def concerns(entry: RegisterEntry, role: str) -> bool:
    """Whether a training is for people of this role."""
    wanted = {name.strip().casefold() for name in entry.values.get("roles", "").split(",")}
    return wanted == {""} or role.casefold() in wanted


def training_line(
    entry: RegisterEntry,
    person: UserId,
    name: str,
    known: tuple[Acknowledgement, ...],
    today: date,
) -> TrainingLine:
    """Say where a person stands with a training; the newest acknowledgement counts."""
    mine = [a for a in known if a.person == person and a.entry == entry.id]
    if not mine:
        return TrainingLine(entry, person, name, Standing.MISSING)
    last = max(mine, key=lambda a: (a.revision, a.at))
    if last.sha256 != entry.sha256:
        return TrainingLine(entry, person, name, Standing.OUTDATED, last.at)
    months = int(entry.values.get("renew_months", "0") or 0)
    renew = add_months(last.at.date(), months) if months else None
    overdue = renew is not None and renew <= today
    standing = Standing.OVERDUE if overdue else Standing.DONE
    return TrainingLine(entry, person, name, standing, last.at, renew)


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month; where that month is shorter, its last day.

    As periods in months are counted in Regulation (EEC, Euratom) No 1182/71, Art. 3(2)(c).
    """
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    after = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day.day, (after - timedelta(days=1)).day))


@dataclass(frozen=True, slots=True)
class Affected:
    """What a lost workstation or account could have exposed, from the log and the keys."""

    groups: tuple[str, ...] = ()
    """Labels of the listeners' groups whose key was within reach."""
    recordings: int = 0
    contacts: int = 0
    calls: int = 0
    entries: int = 0
    """Log entries of that time."""
    opened: tuple[tuple[str, int], ...] = field(default_factory=tuple)
    """What was opened or handed out in that time, in words, with how often."""


def _parsed(form: Field, value: str) -> str:
    try:
        match form.kind:
            case FieldKind.DATE:
                return date.fromisoformat(value).isoformat()
            case FieldKind.MOMENT:
                return moment(value).isoformat()
            case FieldKind.NUMBER:
                number = int(value)
                if not 0 <= number <= 1200:
                    raise ValueError("out of range")
                return str(number)
            case _:
                return value
    except ValueError as error:
        how = {
            FieldKind.DATE: "a day as 2026-03-31",
            FieldKind.MOMENT: "a time with its zone as 2026-03-31T09:00+02:00",
            FieldKind.NUMBER: "a whole number from 0 to 1200",
        }[form.kind]
        raise InvalidInput(
            "The entry was not saved.", f"“{form.title}” is not {how}.", "Correct it."
        ) from error
