"""What a backup came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BackupMade:
    """What a backup holds: payloads in all, newly written ones, and those that are damaged here."""

    payloads: int
    written: int
    damaged: int
