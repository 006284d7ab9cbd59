"""Checking the audit log, step by step."""

from __future__ import annotations

from typing import Protocol

from softphone.domain.audit import AuditVerdict


class AuditCheck(Protocol):
    """A check of the log as it was at the beginning; goes on by steps on the vault's thread."""

    @property
    def total(self) -> int:
        """How many entries there are to check."""
        ...

    @property
    def done(self) -> int:
        """How many were checked."""
        ...

    def step(self) -> AuditVerdict | None:
        """Check some more; the verdict at the end. A log that does not hold is no error."""
        ...


def checked(check: AuditCheck) -> AuditVerdict:
    """Finish a check in one go."""
    while True:
        if (verdict := check.step()) is not None:
            return verdict
