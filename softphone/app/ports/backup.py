"""What a backup came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BackupMade:
    """What a backup holds: payloads in all, newly written ones, and those that are damaged here.

    ``keys_until`` is when the keys of its recordings end, which lie in a file of their own.
    """

    payloads: int
    written: int
    damaged: int
    keys_until: datetime
