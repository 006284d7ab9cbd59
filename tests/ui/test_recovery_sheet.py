from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication

from softphone.ui.dialogs.set_up import RecoveryPage
from softphone.ui.recovery_sheet import (
    SHAPE,
    RecoverySheet,
    paint_sheet,
    print_sheet,
    qr_matrix,
)
from softphone.vault.recipients import HybridIdentity
from softphone.vault.recovery_words import recovery_words
from tests.ui.conftest import Driver

Start = Callable[..., Driver]
KEY = str(HybridIdentity(bytes(range(32))))
SHEET = RecoverySheet(KEY, recovery_words(KEY), "NORTH-12", "26 November 2026")


def painted(sheet: RecoverySheet, width: int = 1000) -> QImage:
    image = QImage(width, round(width * SHAPE), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    painter = QPainter(image)
    paint_sheet(painter, QRectF(image.rect()), sheet)
    painter.end()
    return image


def test_the_code_on_the_sheet_is_the_key(qapp: QApplication) -> None:
    """Every module that was painted is the one of the code, with its quiet zone around it."""
    image = painted(SHEET)
    rows = qr_matrix(KEY)
    step = 300 / len(rows)
    seen = tuple(
        tuple(
            QColor(image.pixel(int(660 + (m + 0.5) * step), int(120 + (n + 0.5) * step))).value()
            < 128
            for m in range(len(rows))
        )
        for n in range(len(rows))
    )
    assert seen == rows
    assert not any(rows[0]), "the quiet zone"
    other = RecoverySheet(KEY[:-1] + "7", SHEET.words, SHEET.workstation, SHEET.made_on)
    assert qr_matrix(other.key) != rows


def test_all_words_are_on_the_sheet(qapp: QApplication) -> None:
    whole = painted(SHEET)
    for n in range(24):
        words = tuple("" if m == n else word for m, word in enumerate(SHEET.words))
        without = RecoverySheet(KEY, words, SHEET.workstation, SHEET.made_on)
        assert painted(without) != whole, f"word {n + 1} is not painted"


def test_printing_leaves_no_file_behind(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool, out = tmp_path / "spool", tmp_path / "out"
    spool.mkdir()
    out.mkdir()
    monkeypatch.setenv("TMPDIR", str(spool))
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(out / "sheet.pdf"))
    assert print_sheet(printer, SHEET)
    assert list(spool.iterdir()) == []
    assert [f.name for f in out.iterdir()] == ["sheet.pdf"]
    assert os.environ["TMPDIR"] == str(spool)
    pdf = (out / "sheet.pdf").read_bytes()
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    pages = b"".join(zlib.decompress(s) for s in streams if s[:1] == b"\x78")
    assert pages.count(b"Tj") + pages.count(b"TJ") >= 2 * 24, "words and their numbers"


@pytest.mark.qt_log_ignore("QPainter::begin")
def test_a_printer_that_takes_nothing_is_said(qapp: QApplication, tmp_path: Path) -> None:
    page = RecoveryPage(SHEET)
    printer = QPrinter(QPrinter.PrinterMode.ScreenResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "no" / "such" / "folder.pdf"))
    page.print_on(printer)
    assert "did not take" in page.printed.text.text()
    assert not page.button.isEnabled()
    printer.setOutputFileName(str(tmp_path / "sheet.pdf"))
    page.print_on(printer)
    assert "Handed to the printer" in page.printed.text.text()
    assert not page.button.isEnabled(), "only the box that is ticked opens the way"
