"""openpyxl without its temp files: sheets are written straight into the archive.

openpyxl streams every sheet through a plaintext file in the system's temp folder. The writer of a
sheet takes any output, so it is given the archive's own entry, and the one method that would copy
the file is replaced. The archive may be a stream that cannot seek, such as a file being sealed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any, BinaryIO, Self, cast
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

Value = str | int | float | datetime | timedelta | None
Sheet = Any
"""A write-only worksheet: its stubs know neither its page nor its writer."""
TEXT_LIMIT = 32_767
"""Characters that one cell can hold."""
ROW_LIMIT = 1_000_000
"""Rows of one sheet; what is more goes on another sheet (a sheet ends at 1,048,576)."""
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_HEADER_FONT = Font(bold=True, color="FFFFFF")
_HEADER_FILL = PatternFill("solid", fgColor="1F3A5F")
_HEADER_ALIGNMENT = Alignment(vertical="top", wrap_text=True)


def clean(text: str) -> str:
    """Return a text that XML can hold: what it cannot becomes U+FFFD."""
    return _ILLEGAL.sub("\ufffd", text) if _ILLEGAL.search(text) else text


class StreamedWorkbook:
    """A workbook of tables, written as the rows come; memory does not grow with them."""

    def __init__(self, file: BinaryIO) -> None:
        self.book = Workbook(write_only=True)
        self._numbers: dict[str, int] = {}
        self._zip = ZipFile(file, "w", ZIP_DEFLATED, allowZip64=True)

    def table(
        self,
        title: str,
        columns: Sequence[tuple[str, int]],
        rows: Iterable[Sequence[Value]],
        *,
        first: bool = False,
    ) -> int:
        """Add a sheet: columns are names and widths in characters, the header stays in view.

        ``first`` shows it before the others, whenever it is written.

        Texts never become formulas, whatever they begin with. Times are naive, already in the
        zone that the header names. Returns how many rows there were; more than ``ROW_LIMIT`` go on
        further sheets.
        """
        left, total, part = iter(rows), 0, 1
        while True:
            name = title if part == 1 else f"{title} {part}"
            here = self._sheet(name, columns, left, 0 if first else None)
            total += here
            following = list(islice(left, 1)) if here == ROW_LIMIT else []
            if not following:
                return total
            left, part = chain(following, left), part + 1

    def close(self) -> None:
        """Finish the file; the workbook cannot be used again."""
        _StreamWriter(self.book, self._zip, self._numbers).write_data()
        self._zip.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            with suppress(OSError, ValueError):  # the file is thrown away as a whole
                self._zip.close()

    def _sheet(
        self,
        title: str,
        columns: Sequence[tuple[str, int]],
        rows: Iterator[Sequence[Value]],
        place: int | None,
    ) -> int:
        sheet: Sheet = self.book.create_sheet(title, place)
        self._set_up(sheet, columns)
        number = len(self.book.worksheets)
        self._numbers[sheet.title] = number
        name = f"xl/worksheets/sheet{number}.xml"
        count = 0
        text = _text_cell(sheet)
        with self._zip.open(name, "w", force_zip64=True) as entry:
            # Set before the first row, so that openpyxl does not open a temp file.
            sheet._writer = WorksheetWriter(sheet, out=cast(Any, entry))
            sheet._writer.write_top()
            sheet.append([_header(sheet, column) for column, _ in columns])
            try:
                for row in islice(rows, ROW_LIMIT):
                    # A generator: each cell is written before the next one takes its place.
                    sheet.append(_safe(text, value) for value in row)
                    count += 1
            finally:
                sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{count + 1}"
                sheet.close()
        return count

    @staticmethod
    def _set_up(sheet: Sheet, columns: Sequence[tuple[str, int]]) -> None:
        for number, (_, width) in enumerate(columns, 1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.freeze_panes = "A2"
        sheet.print_title_rows = "1:1"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
        sheet.page_setup.fitToWidth = 1
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.HeaderFooter.oddFooter.center.text = "&A, &P / &N"


class MemoryWorkbook(StreamedWorkbook):
    """A small workbook, built in memory."""

    def __init__(self) -> None:
        self._memory = io.BytesIO()
        super().__init__(self._memory)

    def save(self) -> bytes:
        """Return the finished file; the workbook cannot be used again."""
        self.close()
        return self._memory.getvalue()


class _StreamWriter(ExcelWriter):
    """Finds the sheets in the archive already, under the numbers they were written with."""

    def __init__(self, workbook: Workbook, archive: ZipFile, numbers: dict[str, int]) -> None:
        super().__init__(workbook, archive)
        self._numbers = numbers

    def write_worksheet(self, ws: Sheet) -> None:
        ws._id = self._numbers[ws.title]
        ws._rels = ws._writer._rels
        self.manifest.append(ws)


def _header(sheet: Sheet, name: str) -> Cell:
    cell = WriteOnlyCell(sheet, name)
    cell.font = _HEADER_FONT
    cell.fill = _HEADER_FILL
    cell.alignment = _HEADER_ALIGNMENT
    return cell


def _text_cell(sheet: Sheet) -> Cell:
    """Return a cell for texts that look like formulas; it takes one after the other."""
    cell = WriteOnlyCell(sheet, "")
    # Without the prefix a spreadsheet would make a formula of it as soon as somebody edits it.
    cell.quotePrefix = True
    return cell


def _safe(text_cell: Cell, value: Value) -> Value | Cell:
    if not isinstance(value, str):
        return value
    text = clean(value)[:TEXT_LIMIT]
    if not text.startswith(_RISKY) and text not in ERROR_CODES:
        return text
    text_cell.value = text
    text_cell.data_type = "s"
    return text_cell
