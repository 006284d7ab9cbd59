from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.app.ports import WorkbookWriter
from softphone.domain.call import Direction, Disposition
from softphone.domain.contact import Access, Contact, ContactFile, HistoryEntry, Note
from softphone.domain.errors import InvalidInput, StorageFailed
from softphone.domain.ids import CallId, ContactId, NoteId, RecordingId, UserId, new_id
from softphone.export.memory_xlsx import TEXT_LIMIT, clean
from softphone.export.workbook import ExcelWorkbookWriter

NOW = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
SHEETS = [
    *(
        "Summary",
        "Contact",
        "Calls",
        "Recordings",
        "Notes",
        "Reviews",
        "Consents",
        "Informed",
        "Requests",
    ),
    *("Who accessed", "Properties"),
]
INJECTIONS = [
    '=HYPERLINK("http://evil","x")',
    "=1+1",
    "+49 30 123",
    "-2+3",
    "@SUM(A1)",
    "#REF!",
    "\t=1",
    "|calc",
    "=",
    "",
]


def contact_file(name: str = "Anna", note: str = "called back") -> ContactFile:
    contact = ContactId(new_id())
    recording = RecordingId(new_id())
    call = HistoryEntry(
        call=CallId(new_id()),
        contact=contact,
        contact_name=name,
        number="+493012345678",
        direction=Direction.INCOMING,
        disposition=Disposition.NO_ANSWER,
        agent=UserId(new_id()),
        agent_name=name,
        started_at=datetime(2026, 1, 2, 23, 30, tzinfo=UTC),
        talk_ms=3_725_000,
        wrap_up=name,
        recording=recording,
        note=note,
        quality_mos=4.1,
    )
    return ContactFile(
        contact=Contact(contact, name, ("+493012345678", "anna@example.org"), company=name),
        calls=(call,),
        recordings=((recording, call.started_at, 90_000_000),),
        notes=(Note(NoteId(new_id()), call.agent, name, NOW, note, contact=contact, at_ms=61_000),),
        accesses=(Access(NOW, name, "Opened a contact", "done"),),
    )


def write(data: ContactFile, path: Path, zone: str = "Europe/Berlin") -> openpyxl.Workbook:
    writer: WorkbookWriter = ExcelWorkbookWriter()
    writer.write(data, path, "Bert", NOW, zone)
    return openpyxl.load_workbook(path)


def naive(*parts: int) -> datetime:
    """Return a time as a cell holds it."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


def column(book: openpyxl.Workbook, sheet: str, title: str) -> list[object]:
    rows = list(book[sheet].values)
    index = next(i for i, name in enumerate(rows[0]) if str(name).startswith(title))
    return [row[index] for row in rows[1:]]


def test_a_whole_file(tmp_path: Path):
    data = contact_file()
    book = write(data, tmp_path / "file.xlsx")
    assert book.sheetnames == SHEETS
    assert column(book, "Calls", "Started (Europe/Berlin)") == [naive(2026, 1, 3, 0, 30)]
    assert column(book, "Calls", "Offset") == ["UTC+01:00"]
    assert column(book, "Calls", "Talk time") == [timedelta(hours=1, minutes=2, seconds=5)]
    assert column(book, "Calls", "How it ended") == ["no answer"]
    assert column(book, "Calls", "Estimated MOS") == [4.1]
    assert column(book, "Recordings", "Length") == [timedelta(hours=25)]
    assert column(book, "Notes", "Text") == ["called back"]
    assert column(book, "Notes", "Written") == [naive(2026, 7, 1, 14, 30)]
    assert column(book, "Who accessed", "Who") == ["Anna"]
    assert "+493012345678" in column(book, "Contact", "Value")
    properties = dict(list(book["Properties"].values)[1:])
    assert properties["Exported by"] == "Bert"
    assert properties["Exported (Europe/Berlin)"] == naive(2026, 7, 1, 14, 30)
    assert book.properties.creator == "Bert"
    assert book.properties.created == naive(2026, 7, 1, 12, 30)


def test_every_sheet_is_made_to_be_read_and_printed(tmp_path: Path):
    book = write(contact_file(), tmp_path / "file.xlsx")
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet.page_setup.orientation == "landscape"
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.column_dimensions["A"].width > 10
        assert sheet["A1"].font.bold


@pytest.mark.parametrize("text", INJECTIONS)
def test_texts_never_become_formulas(tmp_path: Path, text: str):
    path = tmp_path / "file.xlsx"
    book = write(contact_file(text, text), path)
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type not in ("f", "e") for cell in row)
    assert column(book, "Calls", "Note") == [text or None]
    with ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if "worksheets/" in name]
        assert all(b"<f>" not in archive.read(name) for name in sheets)
    if text[:1] in ("=", "+", "-", "@"):
        cells = [cell for cell in book["Calls"][2] if cell.value == text]
        assert cells
        assert all(cell.quotePrefix for cell in cells)


@pytest.mark.parametrize(
    "name", ["محمد عبد الله", "דוד כהן", "山田太郎", "Zoë 👩‍👧", "a\u202egnp.exe"]
)
def test_names_of_the_world(tmp_path: Path, name: str):
    book = write(contact_file(name), tmp_path / "file.xlsx")
    assert column(book, "Calls", "Agent") == [name]


@given(st.text(max_size=60))
@settings(max_examples=40, deadline=None)
def test_any_text_can_be_written(text: str):
    with tempfile.TemporaryDirectory() as folder:
        book = write(contact_file(text, text), Path(folder) / "file.xlsx")
    found = column(book, "Notes", "Text")[0] or ""
    # XML reads every kind of line break as a line feed.
    assert found == clean(text).replace("\r\n", "\n").replace("\r", "\n")


def test_what_xml_cannot_hold_becomes_visible():
    assert clean("a\x00b\x1b\ud800\uffff\tc\n") == "a\ufffdb\ufffd\ufffd\ufffd\tc\n"


def test_a_text_longer_than_a_cell_goes_on_in_the_next_row(tmp_path: Path):
    text = "x" * TEXT_LIMIT + "end"
    book = write(contact_file(note=text), tmp_path / "file.xlsx")
    assert column(book, "Notes", "Text") == ["x" * TEXT_LIMIT, "end"]


def test_an_empty_file_can_be_written(tmp_path: Path):
    data = ContactFile(Contact(ContactId(new_id()), "", ()), (), (), (), ())
    assert write(data, tmp_path / "file.xlsx").sheetnames == SHEETS


def test_only_the_finished_file_touches_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # A folder that does not exist: a temp file would fail.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    out = tmp_path / "out"
    out.mkdir()
    write(contact_file(), out / "file.xlsx")
    assert [path.name for path in out.iterdir()] == ["file.xlsx"]
    assert (out / "file.xlsx").stat().st_mode & 0o777 == 0o600


def test_a_name_is_kept_with_its_day(tmp_path: Path):
    data = contact_file()
    data = replace(data, contact=replace(data.contact, created_at=NOW))
    values = dict(list(write(data, tmp_path / "file.xlsx")["Contact"].values)[1:])
    assert values["Kept since (Europe/Berlin)"] == naive(2026, 7, 1, 14, 30)


def test_an_older_file_is_replaced_whole(tmp_path: Path):
    path = tmp_path / "file.xlsx"
    path.write_bytes(b"old")
    assert write(contact_file(), path).sheetnames == SHEETS


def test_a_failure_leaves_nothing(tmp_path: Path):
    writer = ExcelWorkbookWriter()
    with pytest.raises(StorageFailed):
        writer.write(contact_file(), tmp_path / "none" / "file.xlsx", "Bert", NOW, "UTC")
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(StorageFailed):
        writer.write(contact_file(), tmp_path / "folder.xlsx", "Bert", NOW, "UTC")
    with pytest.raises(InvalidInput):
        writer.write(contact_file(), tmp_path / "file.xlsx", "Bert", NOW, "Mars/Base")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.xlsx"]
