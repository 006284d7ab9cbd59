"""Entries of the audit log as Excel, CSV or JSON; texts never become formulas."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from softphone.app.ports.audit_files import AuditTable, TableFormat
from softphone.app.ports.export import BundleWriter
from softphone.domain.audit import AuditRow
from softphone.domain.errors import InvalidInput, StorageFailed
from softphone.domain.tombstone import format_time
from softphone.export.bundle import FileBundleWriter
from softphone.export.memory_xlsx import MemoryWorkbook, Value
from softphone.paths import private_file, write_private

MOST_IN_EXCEL = 1_000_000
"""Rows; a sheet holds 1,048,576."""
_COLUMNS = (
    ("Entry", 10),
    ("When", 20),
    ("When (UTC)", 28),
    ("Who", 24),
    ("What", 30),
    ("Kind of data", 16),
    ("Object", 24),
    ("Result", 10),
    ("Detail", 50),
    ("Action", 22),
    ("Object identifier", 38),
    ("Person pseudonym", 34),
    ("Entry hash", 66),
    ("Confirmed by the server", 14),
)
_RISKY = ("=", "+", "-", "@", "\t", "\r")


class FileAuditFiles:
    """``AuditFiles`` of app.ports over real files."""

    @property
    def bundles(self) -> BundleWriter:
        """The writer of provable bundles."""
        return FileBundleWriter()

    def table(self, destination: Path, format: TableFormat, time_zone: str) -> AuditTable:
        """Begin a file. Raises InvalidInput, StorageFailed."""
        zone = ZoneInfo(time_zone)
        if format is TableFormat.EXCEL:
            return _Excel(destination, zone)
        make = _Csv if format is TableFormat.CSV else _Json
        try:
            return make(destination, zone)
        except OSError as error:
            raise _failed() from error


class _Excel:
    def __init__(self, destination: Path, zone: ZoneInfo) -> None:
        self._destination = destination
        self._zone = zone
        self._rows: list[Sequence[Value]] = []

    def add(self, rows: Sequence[AuditRow]) -> None:
        """Keep entries. Raises InvalidInput when a sheet cannot hold them."""
        self._rows += [_cells(row, self._zone) for row in rows]
        if len(self._rows) > MOST_IN_EXCEL:
            raise InvalidInput(
                "The entries were not exported.",
                "There are more than a sheet of Excel can hold.",
                "Choose CSV, or take fewer entries.",
            )

    def finish(self) -> None:
        """Build the workbook in memory and write it. Raises StorageFailed."""
        workbook = MemoryWorkbook()
        columns = [
            (f"{name} ({self._zone.key})" if name == "When" else name, width)
            for name, width in _COLUMNS
        ]
        workbook.table("Audit log", columns, self._rows)
        try:
            write_private(self._destination, workbook.save())
        except OSError as error:
            raise _failed() from error

    def discard(self) -> None:
        """Forget the entries."""
        self._rows.clear()


class _Streamed:
    """A text file that is written as entries come; it becomes the real one at the end."""

    def __init__(self, destination: Path, zone: ZoneInfo) -> None:
        self._zone = zone
        self._context = private_file(destination)
        self._file: IO[bytes] = self._context.__enter__()

    def _put(self, text: str) -> None:
        try:
            self._file.write(text.encode("utf-8"))
        except OSError as error:
            raise _failed() from error

    def finish(self) -> None:
        """Put the file in its place. Raises StorageFailed."""
        try:
            self._context.__exit__(None, None, None)
        except OSError as error:
            raise _failed() from error

    def discard(self) -> None:
        """Leave nothing."""
        stop = _Stop()
        try:
            self._context.__exit__(_Stop, stop, None)
        except _Stop as same:
            if same is not stop:
                raise


class _Stop(Exception):
    """Makes the file's context take everything back."""


class _Line:
    """One line, as csv writes it."""

    text = ""

    def write(self, text: str) -> int:
        self.text = text
        return len(text)


class _Csv(_Streamed):
    def __init__(self, destination: Path, zone: ZoneInfo) -> None:
        super().__init__(destination, zone)
        self._line = _Line()
        self._writer = csv.writer(self._line)
        # Spreadsheets take a file for UTF-8 only when it says so.
        self._put("\ufeff")
        self._row([f"When ({zone.key})" if n == "When" else n for n, _ in _COLUMNS])

    def add(self, rows: Sequence[AuditRow]) -> None:
        """Write lines (RFC 4180). Raises StorageFailed."""
        for row in rows:
            self._row([_plain(cell) for cell in _cells(row, self._zone)])

    def _row(self, cells: Sequence[str]) -> None:
        self._writer.writerow([f"'{cell}" if cell.startswith(_RISKY) else cell for cell in cells])
        self._put(self._line.text)


class _Json(_Streamed):
    def __init__(self, destination: Path, zone: ZoneInfo) -> None:
        super().__init__(destination, zone)
        self._first = True
        self._put("[")

    def add(self, rows: Sequence[AuditRow]) -> None:
        """Write objects, one a line. Raises StorageFailed."""
        for row in rows:
            said = json.dumps(row_json(row), ensure_ascii=False)
            self._put(("\n" if self._first else ",\n") + said)
            self._first = False

    def finish(self) -> None:
        """End the list and put the file in its place. Raises StorageFailed."""
        self._put("\n]\n")
        super().finish()


def row_json(row: AuditRow) -> dict[str, object]:
    """Return an entry as it is handed out to programs; times are UTC."""
    entry = row.entry
    return {
        "n": entry.index,
        "device": entry.device,
        "time": format_time(entry.time),
        "who": row.who,
        "actor": entry.actor,
        "action": entry.action,
        "what": row.what,
        "category": entry.category,
        "object": entry.object_id,
        "object_label": row.object_label,
        "result": entry.result,
        "detail": row.detail,
        "witnessed": row.witnessed,
        "leaf_hash": row.leaf_hash,
    }


def _cells(row: AuditRow, zone: ZoneInfo) -> list[Value]:
    entry = row.entry
    detail = "; ".join(f"{name}: {value}" for name, value in sorted(row.detail.items()))
    return [
        entry.index,
        entry.time.astimezone(zone).replace(tzinfo=None),
        format_time(entry.time),
        row.who,
        row.what,
        entry.category.replace("_", " "),
        row.object_label,
        entry.result,
        detail,
        entry.action,
        entry.object_id,
        entry.actor,
        row.leaf_hash,
        "yes" if row.witnessed else "no",
    ]


def _plain(value: Value) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return "" if value is None else str(value)


def _failed() -> StorageFailed:
    return StorageFailed(
        "The entries were not exported.",
        "The folder is missing, full or read-only.",
        "Choose another place.",
    )
