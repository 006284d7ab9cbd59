"""What the retention of data needs from the vault."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from softphone.domain.audit import AuditDraft
from softphone.domain.retention import (
    DataClass,
    RetentionPreview,
    RetentionRule,
    RetentionRun,
)


class RetentionStore(Protocol):
    """Finds and deletes what is older than its period. Confined to the vault's thread."""

    def preview(
        self, rules: tuple[RetentionRule, ...], now: datetime
    ) -> Sequence[RetentionPreview]:
        """Count what a run would delete now, per rule."""
        ...

    def delete_before(self, data: DataClass, before: datetime, limit: int) -> int:
        """Delete up to about ``limit`` rows of a class; returns how many went.

        Recordings and contacts are erased with their keys, and other workstations told. What
        belongs to people who are restricted or held stays. Raises StorageFailed.
        """
        ...

    def finish_run(self, run: RetentionRun, draft: AuditDraft) -> None:
        """Keep the report of a run."""
        ...

    def runs(self, limit: int) -> Sequence[RetentionRun]:
        """Return reports, newest first."""
        ...
