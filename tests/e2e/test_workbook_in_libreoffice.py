"""LibreOffice opens our workbooks without a word, and finds texts where texts were written."""

from __future__ import annotations

import csv
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from softphone.app.ports import ContactFormat
from softphone.domain.contact import Contact
from softphone.domain.ids import ContactId
from softphone.export.contact_files import FileContacts
from softphone.export.workbook import ExcelWorkbookWriter
from tests.unit.export.test_workbook import INJECTIONS, contact_file

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


def converted(book: Path, sheet: int) -> list[list[str]]:
    """Let LibreOffice write one sheet as CSV."""
    done = subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{book.parent}/profile",
            "--headless",
            "--convert-to",
            f"csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,{sheet}",
            "--outdir",
            str(book.parent / f"out{sheet}"),
            str(book),
        ],
        capture_output=True,
        timeout=150,
        text=True,
        check=True,
    )
    said = [line for line in done.stderr.splitlines() if "javaldx" not in line]  # no Java here
    assert said == []
    assert "error" not in done.stdout.lower()
    [file] = (book.parent / f"out{sheet}").glob("*.csv")
    with file.open(newline="", encoding="utf-8") as opened:
        return list(csv.reader(opened))


def test_a_persons_workbook(tmp_path: Path):
    book = tmp_path / "record.xlsx"
    text = '=HYPERLINK("http://evil","x")'
    data = contact_file("محمد عبد الله", text)
    ExcelWorkbookWriter().write(
        data, book, "Bert", datetime(2026, 7, 1, tzinfo=UTC), "Europe/Berlin"
    )
    calls = converted(book, 3)
    row = dict(zip(calls[0], calls[1], strict=True))
    assert row["Note"] == text
    assert row["Number"] == "+493012345678"
    assert row["Agent"] == "محمد عبد الله"
    assert row["Talk time"].endswith("1:02:05")


def test_all_contacts_as_a_workbook(tmp_path: Path):
    book = tmp_path / "contacts.xlsx"
    people = [
        (Contact(ContactId(str(n)), text or "x", ("+493012345678",)), [])
        for n, text in enumerate(INJECTIONS)
    ]
    with book.open("wb") as file:
        FileContacts().write(people, ContactFormat.EXCEL, file)
    rows = converted(book, 1)
    assert len(rows) == len(people) + 1
    assert [row[0].strip() for row in rows[1:]] == [(t or "x").strip() for t in INJECTIONS]
