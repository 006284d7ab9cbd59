"""Call records of a PBX, and which of its calls left no entry in the audit log."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from softphone.domain.errors import InvalidInput

TOLERANCE = timedelta(minutes=2)
"""Clocks of PBX and workstation differ, and one counts ringing where the other does not."""
MOST_RECORDS = 200_000
_START = (
    "calldate",
    "start",
    "starttime",
    "startzeit",
    "startdatetime",
    "callstart",
    "datetime",
    "timestamp",
    "begin",
    "beginn",
    "anrufbeginn",
    "date",
    "datum",
    "time",
    "zeit",
    "setuptime",
    "connecttime",
)
_TIME_OF_DAY = ("time", "zeit", "uhrzeit")
_DATE = ("date", "datum")
_NUMBERS = (
    "src",
    "dst",
    "from",
    "to",
    "caller",
    "callee",
    "called",
    "callerid",
    "clid",
    "source",
    "destination",
    "callingnumber",
    "callednumber",
    "number",
    "phone",
    "von",
    "an",
    "nach",
    "anrufer",
    "angerufener",
    "ziel",
    "rufnummer",
    "nummer",
)
_LENGTH = (
    "duration",
    "billsec",
    "seconds",
    "durationseconds",
    "talktime",
    "dauer",
)
_FORMATS = (
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%y %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
)
_LETTERS = re.compile(r"[^a-z]")


@dataclass(frozen=True, slots=True)
class PbxCall:
    """One call as the PBX saw it: line of the file, start (UTC), numbers as written, length (s)."""

    line: int
    started_at: datetime
    numbers: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class OwnCall:
    """A call that has an entry: when it started and ended (UTC); no number once it was erased."""

    ended_at: datetime
    started_at: datetime | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Calls of the PBX in all, those without an entry, and lines that could not be read."""

    calls: int
    missing: tuple[PbxCall, ...]
    unread: tuple[int, ...]


def parse_records(text: str, zone: tzinfo) -> tuple[list[PbxCall], list[int]]:
    """Return the calls of a CSV file and the lines that could not be read.

    Columns are found by what they are usually called, in any order; the delimiter is the one that
    splits the heading most. Times without an offset are in ``zone``. Raises InvalidInput when no
    column holds a start, or none a number.
    """
    lines = text.splitlines()
    if not lines:
        raise _unreadable("It is empty.")
    delimiter = max(",;\t|", key=lines[0].count)
    rows = csv.reader(lines, delimiter=delimiter)
    heading = [_LETTERS.sub("", name.casefold()) for name in next(rows)]
    starts = [n for n, name in enumerate(heading) if name in _START]
    numbers = [n for n, name in enumerate(heading) if name in _NUMBERS]
    lengths = [n for n, name in enumerate(heading) if name in _LENGTH]
    if not starts or not numbers:
        raise _unreadable("Its first line must name a column for the start and one for a number.")
    calls: list[PbxCall] = []
    unread: list[int] = []
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        try:
            started_at = _start(row, heading, starts, zone)
            found = tuple(row[n].strip() for n in numbers if row[n].strip())
            seconds = _seconds(row[lengths[0]]) if lengths else 0.0
        except (ValueError, IndexError):
            unread.append(rows.line_num)
            continue
        calls.append(PbxCall(rows.line_num, started_at, found, seconds))
        if len(calls) > MOST_RECORDS:
            raise _unreadable("It has more calls than are compared at once.")
    return calls, unread


def compare(
    records: Sequence[PbxCall], own: Iterable[OwnCall], spell: Callable[[str], str]
) -> tuple[PbxCall, ...]:
    """Return the calls of the PBX that have no entry of their own.

    A call is found by its number and start. One that was erased since has only the time of its
    entry left; it stands for one call that ended then. ``spell`` gives a number its one spelling.
    """
    known: dict[str, list[datetime]] = {}
    erased: list[datetime] = []
    for call in own:
        if call.started_at is None or not call.number:
            erased.append(call.ended_at)
        else:
            known.setdefault(spell(call.number), []).append(call.started_at)
    left: list[PbxCall] = []
    for record in sorted(records, key=lambda one: one.started_at):
        near = [
            (times, when)
            for number in record.numbers
            for times in (known.get(spell(number), []),)
            for when in times
            if abs(when - record.started_at) <= TOLERANCE
        ]
        if near:
            times, when = min(near, key=lambda pair: abs(pair[1] - record.started_at))
            times.remove(when)
        else:
            left.append(record)
    return tuple(record for record in left if not _taken(record, erased))


def _taken(record: PbxCall, erased: list[datetime]) -> bool:
    end = record.started_at + timedelta(seconds=record.seconds)
    near = [when for when in erased if record.started_at - TOLERANCE <= when <= end + TOLERANCE]
    if not near:
        return False
    erased.remove(min(near, key=lambda when: abs(when - end)))
    return True


def _start(row: Sequence[str], heading: list[str], starts: list[int], zone: tzinfo) -> datetime:
    text = row[starts[0]].strip()
    if heading[starts[0]] in _DATE:
        beside = [n for n, name in enumerate(heading) if name in _TIME_OF_DAY]
        if beside:
            text = f"{text} {row[beside[0]].strip()}"
    when = _moment(text)
    return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)


def _moment(text: str) -> datetime:
    if re.fullmatch(r"[0-9]{9,11}(\.[0-9]+)?", text):
        return datetime.fromtimestamp(float(text), UTC)
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the caller's zone follows
        except ValueError:
            continue
    return datetime.fromisoformat(text)


def _seconds(text: str) -> float:
    parts = [float(part or 0) for part in text.strip().split(":")]
    total = 0.0
    for part in parts:
        total = total * 60 + part
    return total


def _unreadable(why: str) -> InvalidInput:
    return InvalidInput(
        "The call records cannot be compared.", why, "Export them from the PBX as CSV."
    )
