from __future__ import annotations

import csv
import io
import tracemalloc
import warnings
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from softphone.app.ports import ContactFormat, SourceRow
from softphone.domain.contact import Contact, ContactKind, Note
from softphone.domain.contact_import import Field, Part
from softphone.domain.errors import InvalidInput, SoftphoneError, StorageFailed
from softphone.domain.ids import ContactId, NoteId, UserId, new_id
from softphone.export import vcard_source
from softphone.export.contact_files import FileContacts, card
from softphone.export.decoding import detect

VCARD_4 = """BEGIN:VCARD
VERSION:4.0
FN:Ana Gómez
TEL;VALUE=uri;TYPE="voice,cell":tel:+34-600-123-456
item1.TEL;TYPE=work:030 1234567
item1.X-ABLABEL:_$!<Büro>!$_
EMAIL;TYPE=home:ana@example.org
IMPP:sip:ana@pbx.example
IMPP:xmpp:ana@chat.example
ORG:ACME\\, Inc.;Sales
CATEGORIES:vip,spain
PHOTO;ENCODING=b;TYPE=JPEG:AAAA
 BBBB
LANG;PREF=1:es
NOTE:line one\\nline two\\, with comma
END:VCARD
"""
VCARD_21 = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg
TEL;CELL;VOICE:+49 171 1234567
PHOTO;JPEG;ENCODING=BASE64:
AAAABBBBCCCC
DDDDEEEE

EMAIL;INTERNET:j@example.org
END:VCARD
"""
Folders = pytest.TempPathFactory
SINCE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC).replace(tzinfo=None)


def read(path: Path) -> list[SourceRow]:
    source = FileContacts().open(path)
    try:
        return list(source.rows())
    finally:
        source.close()


def put(tmp_path: Path, data: bytes | str, name: str = "contacts.txt") -> Path:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def values(row: SourceRow, wanted: Field) -> list[tuple[str, str]]:
    return [(part.value, part.label) for part in row.parts if part.field is wanted]


def test_a_card_of_version_4(tmp_path: Path):
    [row] = read(put(tmp_path, VCARD_4))
    assert values(row, Field.NAME) == [("Ana Gómez", "")]
    assert values(row, Field.NUMBER) == [
        ("tel:+34-600-123-456", "mobile"),
        ("030 1234567", "büro"),
        ("sip:ana@pbx.example", "sip"),
    ]
    assert values(row, Field.COMPANY) == [("ACME, Inc.", "")]
    assert values(row, Field.TAGS) == [("vip", ""), ("spain", "")]
    assert values(row, Field.NOTE) == [("line one\nline two, with comma", "")]
    assert values(row, Field.LANGUAGE) == [("es", "")]
    assert not any("BBBB" in part.value for part in row.parts)


def test_an_old_card_in_quoted_printable(tmp_path: Path):
    [row] = read(put(tmp_path, VCARD_21))
    assert values(row, Field.NAME) == [("Jörg Müller", "")]
    assert values(row, Field.NUMBER) == [("+49 171 1234567", "mobile")]
    assert values(row, Field.EMAIL) == [("j@example.org", "")]


def test_several_cards_count_on_past_a_broken_one(tmp_path: Path):
    text = (
        VCARD_4 + "BEGIN:VCARD\nVERSION:3.0\nFN;=\x01:x\nTEL\n" + VCARD_21 + "BEGIN:VCARD\nFN:cut"
    )
    rows = read(put(tmp_path, text))
    assert [bool(row.problem) for row in rows] == [False, True, False, True]
    assert [row.row for row in rows] == [1, 2, 3, 4]
    assert rows[3].problem == "The card does not end: the file is cut off."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "iso-8859-2"])
def test_encodings_are_found_out(tmp_path: Path, encoding: str):
    names = (
        ["Zoë Müßig", "Jörg Weiß"] if "8859-2" not in encoding else ["Łukasz Żółć", "Jiří Šťastný"]
    )
    text = "Name;Telefon\r\n" + "".join(
        f"{name};+49301234567{i}\r\n" for i, name in enumerate(names * 9)
    )
    rows = read(put(tmp_path, text.encode(encoding)))
    assert len(rows) == 18
    found = {row.cells[0] for row in rows}
    if encoding == "iso-8859-2":
        assert len(found) == 2  # which of the eastern code pages cannot always be known
    else:
        assert found == set(names)


def test_a_line_in_another_encoding_is_read_and_said(tmp_path: Path):
    good = "Name,Phone\nZoë,+4930111111\n".encode()
    rows = read(put(tmp_path, good + "Jörg,+4930222222\n".encode("cp1252")))
    assert [row.cells[0] for row in rows] == ["Zoë", "Jörg"]
    assert [bool(row.remark) for row in rows] == [False, True]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_dialects(tmp_path: Path, delimiter: str):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows(
        [["Name", "Phone", "Note"], ["Ada, Countess", "+44 20 7946 0000", 'said "yes"\nand left']]
    )
    source = FileContacts().open(put(tmp_path, out.getvalue()))
    assert source.columns == ("Name", "Phone", "Note")
    [row] = source.rows()
    source.close()
    assert row.cells == ("Ada, Countess", "+44 20 7946 0000", 'said "yes"\nand left')


def test_a_table_without_titles_numbers_its_columns(tmp_path: Path):
    source = FileContacts().open(put(tmp_path, "Ada,+442079460000\nBob,+442079460001\n"))
    assert source.columns == ("Column 1", "Column 2")
    assert len(list(source.rows())) == 2
    source.close()


def test_a_line_that_says_the_separator_is_not_data(tmp_path: Path):
    [row] = read(put(tmp_path, "sep=;\nName;Phone\nAda;+442079460000\n"))
    assert row.cells == ("Ada", "+442079460000")


def workbook(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_workbook_gives_values_and_never_formulas(tmp_path: Path):
    path = workbook(
        tmp_path / "c.xlsx",
        [
            ["Name", "Mobile", "Since", "Note"],
            [
                "محمد عبد الله",
                491711234567,
                datetime(2026, 1, 2, 3, 4, tzinfo=UTC).replace(tzinfo=None),
                "=1+1",
            ],
            [None, None, None, None],
            ["Ada", "+44 20 7946 0000", None, True],
        ],
    )
    first, second = read(path)
    assert first.cells == ("محمد عبد الله", "491711234567", "2026-01-02 03:04:00")
    assert (first.row, second.row) == (2, 4)
    assert second.cells == ("Ada", "+44 20 7946 0000", "", "yes")


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path):
    path = tmp_path / "bomb.xlsx"
    with (
        ZipFile(path, "w", ZIP_DEFLATED) as archive,
        archive.open("xl/sharedStrings.xml", "w") as entry,
    ):
        for _ in range(300):
            entry.write(bytes(1 << 20))
    with pytest.raises(InvalidInput) as refused:
        FileContacts().open(path)
    assert "too large" in refused.value.why


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \n",
        b"\xd0\xcf\x11\xe0\xa1\xb1",
        b"PK\x03\x04rubbish",
        b"MZ\x90\0\0\0",
        bytes(4096),
    ],
)
def test_what_is_no_file_of_contacts_is_refused_in_words(tmp_path: Path, data: bytes):
    with pytest.raises(InvalidInput) as refused:
        read(put(tmp_path, data))
    assert refused.value.do


def test_a_missing_file(tmp_path: Path):
    with pytest.raises(StorageFailed):
        FileContacts().open(tmp_path / "none")


def test_two_gigabytes_without_a_line_end_are_refused_at_once(tmp_path: Path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.write(b"Name,Phone,")
        file.write(b"x" * (3 << 20))
        file.truncate(2 << 30)
    with pytest.raises(InvalidInput) as refused:
        read(path)
    assert "megabyte" in refused.value.why


def test_a_huge_card_file_is_read_in_little_memory(tmp_path: Path):
    path = tmp_path / "huge.vcf"
    photo = "PHOTO;ENCODING=b:" + "A" * (5 << 20) + "\n"
    with path.open("w") as file:
        for n in range(12):
            file.write(
                f"BEGIN:VCARD\nVERSION:3.0\nFN:Person {n}\n{photo}TEL:+49301234{n:03}\nEND:VCARD\n"
            )
    source = FileContacts().open(path)
    tracemalloc.start()
    count = sum(1 for row in source.rows() if len(row.parts) == 2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    source.close()
    assert count == 12
    assert peak < 12 << 20


def test_too_many_cards_are_refused_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    card = "begin:VCARD\nVERSION:3.0\nFN:A\nEND:VCARD\n"
    monkeypatch.setattr(vcard_source, "MOST_ROWS", 9)
    monkeypatch.setattr(vcard_source, "_BLOCK", 17)
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path = tmp_path / f"{encoding}.vcf"
        path.write_bytes((card * 9).encode(encoding))
        source = vcard_source.VcardSource(path, encoding)
        assert len(list(source.rows())) == 9
        source.close()
        path.write_bytes((card * 10).encode(encoding))
        with pytest.raises(InvalidInput, match="cannot be imported"):
            vcard_source.VcardSource(path, encoding)


def test_a_card_larger_than_any_is_a_problem_of_its_own(tmp_path: Path):
    note = "NOTE:" + "x" * 300_000 + "\n"
    text = f"BEGIN:VCARD\nVERSION:3.0\nFN:A\n{note}END:VCARD\n{VCARD_4}"
    rows = read(put(tmp_path, text))
    assert [bool(row.problem) for row in rows] == [True, False]


@given(st.binary(max_size=2000))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
):
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the detector's own remarks on tiny texts
        try:
            rows = read(path)
        except SoftphoneError:
            return
    assert all(row.cells or row.parts or row.problem or row.row for row in rows)


@given(st.text(st.characters(exclude_characters="\0"), max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_text_inside_a_card_is_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, text: str
):
    path = tmp_path_factory.mktemp("card") / "file"
    path.write_bytes(f"BEGIN:VCARD\nVERSION:3.0\nFN:{text}\nEND:VCARD\n".encode(errors="replace"))
    rows = read(path)
    assert rows
    assert all(row.parts or row.problem or row.row for row in rows)


def contact(name: str = "Zoë Müller-Łuk") -> tuple[Contact, list[Note]]:
    who = Contact(
        ContactId(new_id()), name, ("+493012345678", "zoe@pbx.example"), company="A, B; C",
        email="zoe@example.org", other_emails=("z@example.com",), labels=("mobile", "sip"),
        tags=("vip", "a,b"), language="de", kind=ContactKind.PERSON,
    )  # fmt: skip
    note = Note(
        NoteId(new_id()),
        UserId("u"),
        "Ann",
        datetime(2026, 1, 2, tzinfo=UTC),
        "one\ntwo, three",
        who.id,
    )
    return who, [note]


@pytest.mark.parametrize("form", list(ContactFormat))
def test_what_is_written_is_read_again(tmp_path: Path, form: ContactFormat):
    path = tmp_path / "out"
    with path.open("wb") as file:
        assert FileContacts().write([contact(), contact("山田太郎")], form, file) == 2
    rows = read(path)
    assert [row.problem for row in rows] == ["", ""]
    if rows[0].parts:
        assert sorted(values(rows[0], Field.NUMBER)) == [
            ("+493012345678", "mobile"),
            ("sip:zoe@pbx.example", "sip"),
        ]
        assert values(rows[0], Field.TAGS) == [("vip", ""), ("a,b", "")]
        assert values(rows[0], Field.COMPANY) == [("A, B; C", "")]
        assert Part(Field.NOTE, "one\ntwo, three") in rows[0].parts
        assert values(rows[1], Field.NAME) == [("山田太郎", "")]
    else:
        assert rows[0].cells[:3] == ("Zoë Müller-Łuk", "person", "A, B; C")
        assert rows[1].cells[0] == "山田太郎"


def test_both_versions_of_cards_are_what_they_say():
    who, notes = contact()
    for version4, mark in ((True, "4.0"), (False, "3.0")):
        made = vobject.readOne(card(who, notes, version4=version4).decode())
        assert made.version.value == mark
        assert made.fn.value == who.name


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "@SUM", "-1+cmd|x", "+49 30 1234 sells"])
def test_a_name_never_becomes_a_formula_and_comes_back_whole(tmp_path: Path, name: str):
    path = tmp_path / "out.csv"
    with path.open("wb") as file:
        FileContacts().write(
            [(Contact(ContactId("c"), name, ("+493012345678",)), [])], ContactFormat.CSV, file
        )
    assert f"'{name}" in path.read_text("utf-8-sig")
    [row] = read(path)
    assert row.cells[0] == name


def test_the_sample_alone_decides():
    assert detect("Zoë".encode()) == "utf-8"
    assert detect(b"plain") == "utf-8"
    assert detect("Zoë".encode("utf-16")) == "utf-16"
