"""The printed recovery sheet: the key as words, as a QR code and as it is; never a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import segno
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPainter, QPaintEvent
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget

from softphone.ui.translation import tr

SHAPE = 0.63
"""Height of the sheet by its width."""
_COLUMNS = 3
_WIDE = 100.0
"""The sheet is laid out in hundredths of its width."""


@dataclass(frozen=True, slots=True)
class RecoverySheet:
    """What is printed. ``made_on`` is a day as people write it."""

    key: str
    words: tuple[str, ...]
    workstation: str
    made_on: str


def qr_matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of a QR code with its quiet zone, dark is True (ISO/IEC 18004)."""
    code = segno.make_qr(text, error="m")
    return tuple(tuple(bool(dark) for dark in row) for row in code.matrix_iter(border=4))


def paint_sheet(painter: QPainter, place: QRectF, sheet: RecoverySheet) -> None:
    """Paint the sheet into a place of the right shape: black on white, whatever the theme."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(place, Qt.GlobalColor.white)
    painter.setPen(QColor(Qt.GlobalColor.black))
    brush = _Brush(painter, place)
    title = tr("Recovery key of {name}", name=sheet.workstation)
    brush.text(4, 3, 92, 6, title, size=3.6, bold=True)
    brush.text(4, 8.6, 92, 4, tr("Made on {day}", day=sheet.made_on), size=2.2)
    rows = -(-len(sheet.words) // _COLUMNS)
    for n, word in enumerate(sheet.words):
        column, row = divmod(n, rows)
        left, top = 4 + column * 20.5, 14.5 + row * 3.9
        brush.text(left, top, 4, 3.9, f"{n + 1}", size=2.0)
        brush.text(left + 4, top, 16.5, 3.9, word, size=2.5, bold=True, mono=True)
    brush.code(66, 12, 30, qr_matrix(sheet.key))
    brush.text(66, 42.2, 30, 3, tr("The same key, to be scanned"), size=1.8, centred=True)
    half = -(-len(sheet.key) // 2)
    for n, part in enumerate((sheet.key[:half], sheet.key[half:])):
        brush.text(4, 47.5 + n * 3, 92, 3, part, size=2.1, mono=True)
    why = tr(
        "Opens the vault when every password is lost, and every recording. Whoever has it can read "
        "everything: lock it away, not beside the workstation."
    )
    brush.text(4, 54.5, 92, 6, why, size=2.1, wrap=True)
    painter.restore()


def print_sheet(printer: QPrinter, sheet: RecoverySheet) -> bool:
    """Print the sheet; False when the printer did not take it. No file of ours is written."""
    printer.setDocName(tr("Recovery sheet"))
    with _spooled_in_memory():
        painter = QPainter()
        if not painter.begin(printer):
            return False
        page = QRectF(painter.viewport())
        paint_sheet(painter, QRectF(0, 0, page.width(), page.width() * SHAPE), sheet)
        return painter.end()


@contextmanager
def _spooled_in_memory() -> Iterator[None]:
    """Let Qt's file for the print system lie in memory where the system has a place for that.

    Qt removes it after handing it over; what the print system keeps is not ours to say.
    """
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    before = os.environ.get("TMPDIR")
    if folder and Path(folder).is_dir():
        os.environ["TMPDIR"] = folder
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("TMPDIR", None)
        else:
            os.environ["TMPDIR"] = before


class SheetPreview(QWidget):
    """The sheet as it will be printed."""

    def __init__(self, sheet: RecoverySheet) -> None:
        super().__init__()
        self._sheet = sheet
        self.setAccessibleName(tr("Recovery sheet"))
        self.setAccessibleDescription(" ".join(sheet.words))

    def set_width(self, width: int) -> None:
        """Take a width, and the height that goes with it."""
        self.setFixedSize(width, round(width * SHAPE))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it as the printer does."""
        painter = QPainter(self)
        paint_sheet(painter, QRectF(self.rect()), self._sheet)
        painter.end()


class _Brush:
    """Paints in hundredths of the sheet's width."""

    def __init__(self, painter: QPainter, place: QRectF) -> None:
        self._painter = painter
        self._place = place
        self._unit = place.width() / _WIDE

    def text(
        self, x: float, y: float, width: float, height: float, words: str, *, size: float,
        bold: bool = False, mono: bool = False, centred: bool = False, wrap: bool = False,
    ) -> None:  # fmt: skip
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont) if mono else QFont()
        font.setPixelSize(max(1, round(size * self._unit)))
        font.setBold(bold)
        self._painter.setFont(font)
        flag = Qt.AlignmentFlag
        side = flag.AlignHCenter if centred else flag.AlignLeft
        options = int(side | (flag.AlignTop if wrap else flag.AlignVCenter))
        if wrap:
            options |= int(Qt.TextFlag.TextWordWrap)
        self._painter.drawText(self._box(x, y, width, height), options, words)

    def code(self, x: float, y: float, width: float, rows: tuple[tuple[bool, ...], ...]) -> None:
        whole = self._box(x, y, width, width)
        step = whole.width() / len(rows)
        for n, row in enumerate(rows):
            for m, dark in enumerate(row):
                if dark:
                    # Edges are rounded alike on both sides: no white lines between modules.
                    left, right = round(m * step), round((m + 1) * step)
                    top, bottom = round(n * step), round((n + 1) * step)
                    self._painter.fillRect(
                        QRectF(whole.x() + left, whole.y() + top, right - left, bottom - top),
                        Qt.GlobalColor.black,
                    )

    def _box(self, x: float, y: float, width: float, height: float) -> QRectF:
        unit = self._unit
        return QRectF(
            round(self._place.x() + x * unit),
            round(self._place.y() + y * unit),
            width * unit,
            height * unit,
        )
