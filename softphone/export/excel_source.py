"""Contacts from workbooks: values only, never formulas; read row by row."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from softphone.app.ports import SourceRow
from softphone.domain.contact_import import MOST_ROWS
from softphone.domain.errors import InvalidInput
from softphone.export.csv_source import MOST_COLUMNS, table_head, too_many

_MOST_UNPACKED = 4 << 30
_MOST_TEXTS = 256 << 20
"""Bytes of the table of texts, which must be in memory."""
_BROKEN = (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, BadZipFile)


class ExcelSource:
    """The first sheet of one open workbook (``ContactSource``)."""

    format = "xlsx"

    def __init__(self, path: Path) -> None:
        _check_size(path)
        self._file = path.open("rb")
        self._book = _load(self._file)
        names = self._book.sheetnames
        self._sheet: Any = self._book[names[0]] if names else None
        if self._sheet is None or not hasattr(self._sheet, "iter_rows"):
            raise _unreadable()
        self._expected = min(self._sheet.max_row or 1, MOST_ROWS)
        self._sheet.reset_dimensions()
        self._row = 0
        try:
            first = [cells for _, cells in islice(self._values(), 6)]
        except InvalidInput:
            self.close()
            raise
        self._titled, self.columns, self.sample = table_head(first)
        self.read_as = names[0]

    @property
    def done(self) -> float:
        """How much has been read, 0 to 1."""
        return min(1.0, self._row / max(1, self._expected))

    def rows(self) -> Iterator[SourceRow]:
        """Return all rows. Raises InvalidInput (too many, or a damaged sheet)."""
        skip = self._titled
        count = 0
        for number, cells in self._values():
            self._row = number
            if skip or not any(cell.strip() for cell in cells):
                skip = False
                continue
            count += 1
            if count > MOST_ROWS:
                raise too_many()
            yield SourceRow(number, cells)

    def close(self) -> None:
        """Close the file."""
        self._book.close()
        self._file.close()

    def _values(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        rows = self._sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
        number = 0
        while True:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # the library's remarks on styles and dates
                    values = next(rows)
            except StopIteration:
                return
            except _BROKEN as error:
                raise _unreadable() from error
            number += 1
            yield number, _trimmed(tuple(_text(value) for value in values))


def _load(file: BinaryIO) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # data_only: the last calculated values; a formula itself is never looked at.
            return openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except (*_BROKEN, InvalidFileException) as error:
        file.close()
        raise _unreadable() from error


def _check_size(path: Path) -> None:
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
    except (BadZipFile, OSError) as error:
        raise _unreadable() from error
    texts = sum(p.file_size for p in parts if p.filename.endswith("sharedStrings.xml"))
    if sum(p.file_size for p in parts) > _MOST_UNPACKED or texts > _MOST_TEXTS:
        raise InvalidInput(
            "The workbook cannot be imported.",
            "It is too large once it is unpacked.",
            "Save the sheet with the contacts as CSV and import that.",
        )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _trimmed(cells: tuple[str, ...]) -> tuple[str, ...]:
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]


def _unreadable() -> InvalidInput:
    return InvalidInput(
        "The workbook cannot be imported.",
        "It is damaged, protected by a password, or no workbook.",
        "Open it in Excel or LibreOffice and save it as .xlsx without a password.",
    )
