from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from softphone.domain.errors import InvalidInput
from softphone.export import tables
from softphone.export.tables import read_table

HALF_PAST_NINE = datetime(2026, 3, 31, 9, 30)  # noqa: DTZ001 - spreadsheets know no zone


def book(path: Path, *rows: list[object]) -> Path:
    made = Workbook()
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def test_values_come_as_texts(tmp_path: Path):
    file = book(
        tmp_path / "x.xlsx",
        ["name", "n", "day", "at", "empty"],
        ["Ada", 12.0, date(2026, 3, 31), HALF_PAST_NINE, None],
        [None, None, None, None, None],
    )
    head, rows = read_table(file)
    assert head == ["name", "n", "day", "at", "empty"]
    assert rows == [["Ada", "12", "2026-03-31", "2026-03-31T09:30:00", ""]]


def test_what_cannot_be_read_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "text.xlsx").write_text("no workbook")
    book(tmp_path / "empty.xlsx")
    for name in ("text.xlsx", "empty.xlsx", "missing.xlsx"):
        with pytest.raises(InvalidInput):
            read_table(tmp_path / name)
    file = book(tmp_path / "long.xlsx", ["a"], ["b"], ["c"])
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    with pytest.raises(InvalidInput, match="more than 2"):
        read_table(file)
    monkeypatch.setattr(tables, "MOST_BYTES", 10)
    with pytest.raises(InvalidInput, match="larger"):
        read_table(file)
