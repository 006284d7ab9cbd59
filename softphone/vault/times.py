"""Times as the database keeps them: microseconds since 1970-01-01 UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(when: datetime) -> int:
    """Return an aware time as microseconds."""
    return (when - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the UTC time of microseconds."""
    return _EPOCH + timedelta(microseconds=micros)


def optional_micros(when: datetime | None) -> int | None:
    """Return microseconds, or None."""
    return None if when is None else to_micros(when)


def optional_time(micros: int | None) -> datetime | None:
    """Return the UTC time, or None."""
    return None if micros is None else from_micros(micros)
