from __future__ import annotations

import io
import re
from datetime import timedelta
from zipfile import ZipFile

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.export.memory_xlsx import TEXT_LIMIT, MemoryWorkbook, clean


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
