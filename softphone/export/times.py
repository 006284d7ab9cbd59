"""Times as sheets show them, and what a sheet is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from softphone.domain.errors import InvalidInput
from softphone.export.memory_xlsx import Value

Rows = Iterable[Sequence[Value]]
Sheet = tuple[str, list[tuple[str, int]], Rows]
"""Title, columns with their widths in characters, rows."""


@dataclass(frozen=True, slots=True)
class Zone:
    """Times in the person's zone, as a spreadsheet can hold them (without an offset)."""

    name: str
    info: ZoneInfo

    def local(self, when: datetime | None) -> datetime | None:
        """Return a time as a cell holds it."""
        return None if when is None else when.astimezone(self.info).replace(tzinfo=None)

    def offset(self, when: datetime | None) -> str:
        """Return the offset to UTC: local times repeat when clocks go back."""
        if when is None:
            return ""
        minutes = (when.astimezone(self.info).utcoffset() or timedelta()) // timedelta(minutes=1)
        return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"

    def titled(self, title: str) -> str:
        """Return a column's title with the zone."""
        return f"{title} ({self.name})"


def zone_of(name: str) -> Zone:
    """Return a zone by its IANA name. Raises InvalidInput."""
    try:
        return Zone(name, ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            "The workbook cannot be written.",
            "The time zone is unknown.",
            "Choose a zone such as Europe/Berlin in Settings.",
        ) from error


def length(milliseconds: int) -> timedelta:
    """Return a length as a cell holds it."""
    return timedelta(milliseconds=milliseconds)
