"""Wrong sign-ins: counted before they are tried, delayed, and kept until they can be audited."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from softphone.app.ports import Clock
from softphone.domain.errors import TryLater
from softphone.paths import write_private

FREE_ATTEMPTS = 3
LONGEST_S = 60.0
KEPT = 100
"""How many times are kept for the audit log; further ones are only counted."""


class _Record(msgspec.Struct, frozen=True):
    wrong: int = 0
    last: datetime | None = None
    times: tuple[datetime, ...] = ()


class Attempts:
    """The counter of wrong sign-ins since the last good one, in a file beside the key slots."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._before = _Record()

    def begin(self) -> None:
        """Count an attempt as wrong before it is looked at. Raises TryLater."""
        record = self._read()
        now = self._clock.now()
        left = _left(record, now)
        if left > 0:
            raise TryLater(left)
        times = (*record.times, now)[-KEPT:]
        self._before = record
        self._write(_Record(record.wrong + 1, now, times))

    def cancel(self) -> None:
        """Do not count the attempt just begun: the password was right, something else was not."""
        self._write(self._before)

    def succeeded(self) -> tuple[int, tuple[datetime, ...]]:
        """Return how many attempts before this one were wrong, and when (UTC)."""
        record = self._read()
        return max(record.wrong - 1, 0), record.times[:-1]

    def forget(self) -> None:
        """Start from zero, once the wrong ones are in the audit log."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> _Record:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Record)
        except FileNotFoundError:
            return _Record()
        except (msgspec.DecodeError, UnicodeDecodeError):
            # Damaged on purpose or not: the longest delay, counted from now.
            record = _Record(wrong=FREE_ATTEMPTS + 6, last=self._clock.now())
            self._write(record)
            return record

    def _write(self, record: _Record) -> None:
        write_private(self._path, msgspec.json.encode(record))


def _left(record: _Record, now: datetime) -> float:
    """Return the seconds to wait; a clock set back does not make it longer than the longest."""
    if record.wrong < FREE_ATTEMPTS or record.last is None:
        return 0.0
    delay = min(2.0 ** min(record.wrong - FREE_ATTEMPTS + 1, 10), LONGEST_S)
    passed = (now - record.last).total_seconds()
    return min(delay - passed, LONGEST_S)
