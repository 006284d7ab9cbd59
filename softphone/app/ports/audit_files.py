"""The audit log as files that people read, and how an export goes on in steps."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from softphone.app.ports.export import BundleWriter
from softphone.domain.audit import AuditRow


class TableFormat(StrEnum):
    """What a list of entries is handed out as."""

    EXCEL = "xlsx"
    CSV = "csv"
    JSON = "json"


class AuditTable(Protocol):
    """One file being written; nothing is at its place before :meth:`finish`."""

    def add(self, rows: Sequence[AuditRow]) -> None:
        """Write entries. Raises StorageFailed."""
        ...

    def finish(self) -> None:
        """Put the file in its place (0600). Raises StorageFailed."""
        ...

    def discard(self) -> None:
        """Leave nothing."""
        ...


class AuditFiles(Protocol):
    """Writes entries of the audit log for people, and whole logs for strangers."""

    @property
    def bundles(self) -> BundleWriter:
        """The writer of provable bundles."""
        ...

    def table(self, destination: Path, format: TableFormat, time_zone: str) -> AuditTable:
        """Begin a file; texts never become formulas. Raises InvalidInput, StorageFailed."""
        ...
