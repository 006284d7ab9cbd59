from __future__ import annotations

import io
import re
from datetime import timedelta
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.export import memory_xlsx
from softphone.export.memory_xlsx import TEXT_LIMIT, MemoryWorkbook, StreamedWorkbook, clean


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_clean_texts_are_legal_xml_and_keep_their_length(text: str):
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", cleaned)
    assert clean(cleaned) == cleaned


def test_several_tables_of_every_kind_of_value():
    workbook = MemoryWorkbook()
    workbook.table("One", [("A", 10), ("B", 20)], [(1, "=x"), (2.5, None), (timedelta(1), "y")])
    workbook.table("Two", [("A", 10)], [])
    data = workbook.save()
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["One", "Two"]
    rows = list(book["One"].values)
    assert rows == [("A", "B"), (1, "=x"), (2.5, None), (timedelta(1), "y")]
    assert list(book["Two"].values) == [("A",)]
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None


def test_a_text_is_cut_at_what_a_cell_can_hold():
    workbook = MemoryWorkbook()
    workbook.table("One", [("A", 10)], [("x" * (TEXT_LIMIT + 1),)])
    book = openpyxl.load_workbook(io.BytesIO(workbook.save()))
    assert book["One"]["A2"].value == "x" * TEXT_LIMIT


def test_what_is_more_than_a_sheet_holds_goes_on_another(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory_xlsx, "ROW_LIMIT", 3)
    workbook = MemoryWorkbook()
    assert workbook.table("Calls", [("A", 10)], ((n,) for n in range(7))) == 7
    assert workbook.table("Notes", [("A", 10)], ((n,) for n in range(3))) == 3
    book = openpyxl.load_workbook(io.BytesIO(workbook.save()))
    assert book.sheetnames == ["Calls", "Calls 2", "Calls 3", "Notes"]
    assert [list(sheet.values)[1:] for sheet in book] == [
        [(0,), (1,), (2,)],
        [(3,), (4,), (5,)],
        [(6,)],
        [(0,), (1,), (2,)],
    ]


def test_every_part_is_named_and_every_name_is_a_part():
    workbook = MemoryWorkbook()
    workbook.table("One", [("A", 10)], [("=x",)])
    workbook.table("Two", [("A", 10)], [(1,)])
    with ZipFile(io.BytesIO(workbook.save())) as archive:
        names = set(archive.namelist())
        assert len(names) == len(archive.namelist())
        types = archive.read("[Content_Types].xml").decode()
        parts = {name.lstrip("/") for name in re.findall('PartName="([^"]+)"', types)}
        rels = archive.read("xl/_rels/workbook.xml.rels").decode()
        targets = {name.lstrip("/") for name in re.findall('Target="([^"]+)"', rels)}
    assert parts <= names
    assert {n for n in names if n.startswith("xl/worksheets/")} <= parts & targets


def test_a_stream_that_cannot_seek_is_enough():
    class Forward(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            self.data += bytes(data)
            return len(data)

    out = Forward()
    with StreamedWorkbook(out) as workbook:
        workbook.table("One", [("A", 10)], [(n,) for n in range(50)])
    assert len(list(openpyxl.load_workbook(io.BytesIO(out.data))["One"].values)) == 51


def test_rows_that_fail_leave_no_open_file():
    def rows():
        yield (1,)
        raise ValueError("the vault was closed")

    with pytest.raises(ValueError, match="closed"), StreamedWorkbook(io.BytesIO()) as workbook:
        workbook.table("One", [("A", 10)], rows())
