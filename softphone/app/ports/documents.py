"""Documents of the privacy centre."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from softphone.domain.register import Register, RegisterEntry
from softphone.domain.report import PersonReport, Purpose


class DocumentWriter(Protocol):
    """Writes what is handed out; each file is private (0600) and whole, or not there.

    All methods return nothing and raise StorageFailed.
    """

    def access_report(self, report: PersonReport, destination: Path) -> None:
        """Write the answer of Art. 15 as one HTML file that prints well."""
        ...

    def portable(self, report: PersonReport, destination: Path) -> None:
        """Write the answer of Art. 20 as JSON by the published schema."""
        ...

    def processing_record(
        self,
        controller: RegisterEntry | None,
        purposes: Sequence[Purpose],
        processors: Sequence[RegisterEntry],
        security: str,
        destination: Path,
    ) -> None:
        """Write the record of processing of Art. 30 as one HTML file."""
        ...

    def agreement(
        self, entry: RegisterEntry, accepted: Sequence[tuple[str, str]], destination: Path
    ) -> None:
        """Write an agreement with who accepted it when, as one HTML file that prints well."""
        ...

    def register(
        self, register: Register, entries: Sequence[RegisterEntry], destination: Path
    ) -> None:
        """Write a register as an Excel workbook; texts never become formulas."""
        ...

    def read_register(self, register: Register, source: Path) -> list[dict[str, str]]:
        """Return the rows of a workbook by field. Raises InvalidInput."""
        ...

    def read_receipt(self, source: Path) -> str:
        """Return the text of a receipt. Raises InvalidInput."""
        ...

    def receipt(self, text: str, destination: Path) -> None:
        """Write a receipt or certificate (JSON)."""
        ...

    def sha256(self, file: Path) -> str:
        """Return the hex SHA-256 of a file."""
        ...
