"""Small tables read from workbooks."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from softphone.domain.errors import InvalidInput

MOST_ROWS = 10_000
MOST_BYTES = 50_000_000
"""Of the file; a register is a page or two."""


def read_table(source: Path) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of the first sheet as texts; empty rows are left out.

    Formulas come as what the program that saved them had computed, never as formulas. Raises
    InvalidInput.
    """
    try:
        if source.stat().st_size > MOST_BYTES:
            raise _unreadable(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
        book = load_workbook(source, read_only=True, data_only=True)
    except (OSError, zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise _unreadable("The file is missing, damaged, or no workbook (.xlsx).") from error
    try:
        rows = [
            [_text(value) for value in row]
            for row in book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS + 2)
        ]
    finally:
        book.close()
    filled = [row for row in rows if any(row)]
    if not filled:
        raise _unreadable("The first sheet is empty.")
    if len(filled) > MOST_ROWS:
        raise _unreadable(f"There are more than {MOST_ROWS} rows.")
    return filled[0], filled[1:]


def _text(value: object) -> str:
    if isinstance(value, datetime):
        midnight = not (value.hour or value.minute or value.second)
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _unreadable(why: str) -> InvalidInput:
    return InvalidInput("The table was not read.", why, "Choose another file.")
