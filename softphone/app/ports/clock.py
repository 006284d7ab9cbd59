"""The time."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time and monotonic time."""

    def now(self) -> datetime:
        """Return the time now (UTC, aware)."""
        ...

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        ...
