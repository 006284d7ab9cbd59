"""Documents that are handed out: readable pages (HTML), JSON for machines, registers in Excel."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from softphone.domain.errors import InvalidInput, StorageFailed
from softphone.domain.register import FORMS, Register, RegisterEntry
from softphone.domain.report import RIGHTS, PersonReport, Purpose
from softphone.export.memory_xlsx import MemoryWorkbook
from softphone.export.portable import portable_data
from softphone.export.report_sections import contact_facts, report_sections
from softphone.export.tables import read_table
from softphone.paths import write_private

_PROCESSOR = ("name", "purpose", "data", "country", "safeguards")


class HtmlDocuments:
    """Implements ``DocumentWriter``. Texts from outside are escaped, always."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("softphone.export"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def access_report(self, report: PersonReport, destination: Path) -> None:
        """Write the answer of Art. 15 as one HTML file that prints well. Raises StorageFailed."""
        zone = ZoneInfo(report.time_zone)
        self._write(
            destination,
            "access.html",
            title="What is held about you",
            made=f"{report.made_at.astimezone(zone):%Y-%m-%d %H:%M}",
            zone=report.time_zone,
            controller=_controller(report.controller),
            purposes=_purposes(report.purposes),
            processors=_processors(report.processors),
            contact=contact_facts(report.file.contact, zone),
            sections=report_sections(report, zone),
            rights=RIGHTS,
        )

    def portable(self, report: PersonReport, destination: Path) -> None:
        """Write the answer of Art. 20 as JSON by the published schema. Raises StorageFailed."""
        text = json.dumps(portable_data(report), indent=2, ensure_ascii=False)
        _save(destination, text.encode("utf-8"))

    def processing_record(
        self,
        controller: RegisterEntry | None,
        purposes: Sequence[Purpose],
        processors: Sequence[RegisterEntry],
        security: str,
        destination: Path,
    ) -> None:
        """Write the record of processing of Art. 30 as one HTML file. Raises StorageFailed."""
        self._write(
            destination,
            "processing.html",
            title="Record of processing activities",
            made=f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
            controller=_controller(controller),
            purposes=[
                (p.purpose, p.basis, p.subjects, p.data, p.recipients, p.keep) for p in purposes
            ],
            processors=_processors(processors),
            security=security,
        )

    def agreement(
        self, entry: RegisterEntry, accepted: Sequence[tuple[str, str]], destination: Path
    ) -> None:
        """Write an agreement with who accepted it when. Raises StorageFailed."""
        titles = {form.key: form.title for form in FORMS[entry.register]}
        about = [
            (titles[key], value)
            for key, value in entry.values.items()
            if key not in ("title", "text")
        ]
        self._write(
            destination,
            "agreement.html",
            title=entry.title,
            version=entry.revision,
            sha256=entry.sha256,
            about=about,
            text=entry.values.get("text", ""),
            accepted=list(accepted),
        )

    def register(
        self, register: Register, entries: Sequence[RegisterEntry], destination: Path
    ) -> None:
        """Write a register as a workbook that can be read back. Raises StorageFailed."""
        book = MemoryWorkbook()
        form = FORMS[register]
        book.table(
            register.value.capitalize(),
            [(field.title, 60 if field.kind == "text" else 24) for field in form],
            [[entry.values.get(field.key, "") for field in form] for entry in entries],
        )
        _save(destination, book.save())

    def read_register(self, register: Register, source: Path) -> list[dict[str, str]]:
        """Return the rows of a workbook by field; columns by title or key. Raises InvalidInput."""
        names = {}
        for field in FORMS[register]:
            names[field.title.casefold()] = names[field.key.casefold()] = field.key
        head, rows = read_table(source)
        keys = [names.get(column.strip().casefold(), "") for column in head]
        if strange := [c for c, key in zip(head, keys, strict=True) if c.strip() and not key]:
            raise InvalidInput(
                "The table was not read.",
                f"The register has no column “{strange[0]}”.",
                f"It has: {', '.join(field.title for field in FORMS[register])}.",
            )
        return [{key: value for key, value in zip(keys, row, strict=False) if key} for row in rows]

    def read_receipt(self, source: Path) -> str:
        """Return the text of a receipt. Raises InvalidInput."""
        try:
            return source.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(
                "The receipt cannot be read.",
                "The file is missing or no text.",
                "Choose the file as it was handed out.",
            ) from error

    def receipt(self, text: str, destination: Path) -> None:
        """Write a receipt or certificate. Raises StorageFailed."""
        _save(destination, text.encode("utf-8"))

    def sha256(self, file: Path) -> str:
        """Return the hex SHA-256 of a file. Raises StorageFailed."""
        try:
            with file.open("rb") as opened:
                return hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError as error:
            raise _unwritten() from error

    def _write(self, destination: Path, template: str, **values: object) -> None:
        text = self._templates.get_template(template).render(**values)
        _save(destination, text.encode("utf-8"))


def _save(destination: Path, data: bytes) -> None:
    try:
        write_private(destination, data)
    except OSError as error:
        raise _unwritten() from error


def _unwritten() -> StorageFailed:
    return StorageFailed(
        "The document cannot be written.",
        "The folder is missing, full or read-only.",
        "Choose another folder.",
    )


def _controller(entry: RegisterEntry | None) -> list[tuple[str, str]]:
    if entry is None:
        return []
    return [(field.title, entry.values.get(field.key, "")) for field in FORMS[entry.register]]


def _purposes(purposes: Sequence[Purpose]) -> list[tuple[str, ...]]:
    return [(p.purpose, p.basis, p.data, p.recipients, p.keep) for p in purposes]


def _processors(entries: Sequence[RegisterEntry]) -> list[tuple[str, ...]]:
    return [tuple(e.values.get(key, "") for key in _PROCESSOR) for e in entries]
