"""openpyxl without its temp files: sheets and archive are built in memory.

openpyxl streams every sheet through a plaintext file in the system's temp folder. The writer of a
sheet takes any output, so it is given memory, and the one method that reads the file is replaced.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
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
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_HEADER_FONT = Font(bold=True, color="FFFFFF")
_HEADER_FILL = PatternFill("solid", fgColor="1F3A5F")
_HEADER_ALIGNMENT = Alignment(vertical="top", wrap_text=True)


def clean(text: str) -> str:
    """Return a text that XML can hold: what it cannot becomes U+FFFD."""
    return _ILLEGAL.sub("\ufffd", text)


class MemoryWorkbook:
    """A workbook of tables, built in memory. Sheets are written one after the other."""

    def __init__(self) -> None:
        self.book = Workbook(write_only=True)

    def table(
        self, title: str, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[Value]]
    ) -> None:
        """Add a sheet: columns are names and widths in characters, the header stays in view.

        Texts never become formulas, whatever they begin with. Times are naive, already in the
        zone that the header names.
        """
        sheet: Sheet = self.book.create_sheet(title)
        self._set_up(sheet, columns, len(rows))
        # Set before the first row, so that openpyxl does not open a temp file.
        sheet._writer = WorksheetWriter(sheet, out=io.BytesIO())
        sheet._writer.write_top()
        sheet.append([_header(sheet, name) for name, _ in columns])
        for row in rows:
            sheet.append([_safe(sheet, value) for value in row])

    def save(self) -> bytes:
        """Return the finished file; the workbook cannot be used again."""
        archive = io.BytesIO()
        with ZipFile(archive, "w", ZIP_DEFLATED, allowZip64=True) as zipped:
            _MemoryWriter(self.book, zipped).write_data()
        return archive.getvalue()

    @staticmethod
    def _set_up(sheet: Sheet, columns: Sequence[tuple[str, int]], rows: int) -> None:
        last = get_column_letter(len(columns))
        for number, (_, width) in enumerate(columns, 1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = f"A1:{last}{rows + 1}"
        sheet.print_title_rows = "1:1"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
        sheet.page_setup.fitToWidth = 1
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.HeaderFooter.oddFooter.center.text = "&A, &P / &N"


class _MemoryWriter(ExcelWriter):
    """Takes sheets from memory instead of temp files."""

    def __init__(self, workbook: Workbook, archive: ZipFile) -> None:
        super().__init__(workbook, archive)
        self._zip = archive

    def write_worksheet(self, ws: Sheet) -> None:
        if not ws.closed:
            ws.close()
        ws._rels = ws._writer._rels
        self._zip.writestr(ws.path[1:], ws._writer.out.getvalue())
        self.manifest.append(ws)


def _header(sheet: Sheet, name: str) -> Cell:
    cell = WriteOnlyCell(sheet, name)
    cell.font = _HEADER_FONT
    cell.fill = _HEADER_FILL
    cell.alignment = _HEADER_ALIGNMENT
    return cell


def _safe(sheet: Sheet, value: Value) -> Value | Cell:
    if not isinstance(value, str):
        return value
    text = clean(value)[:TEXT_LIMIT]
    if not text.startswith(_RISKY) and text not in ERROR_CODES:
        return text
    cell = WriteOnlyCell(sheet)
    cell.value = text
    cell.data_type = "s"
    # Without the prefix a spreadsheet would make a formula of it as soon as somebody edits it.
    cell.quotePrefix = True
    return cell
