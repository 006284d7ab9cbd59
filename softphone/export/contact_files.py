"""Files of contacts (``ContactFiles`` of app.ports): found out by content, read and written."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import vobject

from softphone.app.numbers import display
from softphone.app.ports import ContactFormat, ContactSource
from softphone.domain.contact import Contact, ContactKind, Note
from softphone.domain.errors import InvalidInput, StorageFailed
from softphone.export.csv_source import CsvSource
from softphone.export.decoding import SAMPLE, detect
from softphone.export.excel_source import ExcelSource
from softphone.export.memory_xlsx import StreamedWorkbook, Value
from softphone.export.vcard_source import VcardSource

Kept = Iterable[tuple[Contact, Sequence[Note]]]
_CARD = re.compile(r"\s*BEGIN:VCARD", re.I)
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_TYPES = {"mobile": "CELL", "work": "WORK", "home": "HOME", "fax": "FAX", "main": "MAIN"}
_NUMBERS, _EMAILS = 4, 3
"""Columns of a table; further values are joined in the last one."""


class FileContacts:
    """vCard, CSV and Excel."""

    def open(self, path: Path) -> ContactSource:
        """Open a file. Raises InvalidInput, StorageFailed."""
        try:
            with path.open("rb") as file:
                sample = file.read(SAMPLE)
        except OSError as error:
            raise StorageFailed(
                "The file cannot be read.", "It is missing, or you may not read it."
            ) from error
        if sample.startswith(b"PK\x03\x04"):
            return ExcelSource(path)
        encoding = detect(sample)
        wide = encoding.startswith(("utf-16", "utf-32"))
        if sample.startswith(_OLD_EXCEL) or (b"\0" in sample and not wide):
            raise InvalidInput(
                "The file cannot be imported.",
                "It is neither a vCard file, nor CSV, nor an Excel workbook (.xlsx).",
                "Save the contacts in one of these formats.",
            )
        if not sample.strip():
            raise InvalidInput("The file cannot be imported.", "It is empty.", "Choose another.")
        start = sample.decode(encoding, errors="replace").lstrip("\ufeff")
        if _CARD.match(start):
            return VcardSource(path, encoding)
        return CsvSource(path, encoding)

    def write(self, contacts: Kept, form: ContactFormat, file: BinaryIO) -> int:
        """Write contacts one by one; returns how many."""
        if form is ContactFormat.CSV:
            return _write_csv(contacts, file)
        if form is ContactFormat.EXCEL:
            return _write_excel(contacts, file)
        count = 0
        for contact, notes in contacts:
            file.write(card(contact, notes, version4=form is ContactFormat.VCARD4))
            count += 1
        return count


def card(contact: Contact, notes: Sequence[Note], *, version4: bool) -> bytes:
    """Return a contact as a vCard (RFC 6350, or RFC 2426)."""
    made: Any = vobject.vCard()
    made.add("fn").value = contact.name
    given, _, family = contact.name.rpartition(" ")
    if contact.kind is ContactKind.COMPANY:
        given, family = "", contact.name
    made.add("n").value = vobject.vcard.Name(family=family, given=given)
    if version4 and contact.kind is ContactKind.COMPANY:
        made.add("kind").value = "org"
    if contact.company:
        made.add("org").value = [contact.company]
    _addresses(made, contact)
    if contact.tags:
        made.add("categories").value = list(contact.tags)
    if contact.language:
        made.add("lang").value = contact.language
    for note in notes:
        made.add("note").value = note.text
    made.add("uid").value = f"urn:uuid:{contact.id}"
    text: str = made.serialize()
    if version4:
        text = text.replace("VERSION:3.0", "VERSION:4.0", 1)
    return text.encode("utf-8")


def _addresses(made: Any, contact: Contact) -> None:
    for number, label in contact.labelled:
        sip = "@" in number
        line = made.add("impp" if sip else "tel")
        line.value = f"sip:{number}" if sip else number
        if label in _TYPES:
            line.type_param = _TYPES[label]
    for email in contact.emails:
        made.add("email").value = email


_TITLES: tuple[tuple[str, int], ...] = (
    ("Name", 30),
    ("Kind", 12),
    ("Company", 30),
    *((f"Number {n}", 20) for n in range(1, _NUMBERS + 1)),
    *((f"E-mail {n}", 28) for n in range(1, _EMAILS + 1)),
    ("Language", 12),
    ("Tags", 24),
    ("Note", 60),
)


def _row(contact: Contact, notes: Sequence[Note]) -> list[str]:
    return [
        contact.name,
        contact.kind.value,
        contact.company,
        *_spread([display(n) for n in contact.numbers], _NUMBERS),
        *_spread(list(contact.emails), _EMAILS),
        contact.language,
        ", ".join(contact.tags),
        "\n".join(note.text for note in notes),
    ]


def _spread(values: list[str], columns: int) -> list[str]:
    first = values[: columns - 1]
    last = ", ".join(values[columns - 1 :])
    return [*first, *("" for _ in range(columns - 1 - len(first))), last]


def _write_csv(contacts: Kept, file: BinaryIO) -> int:
    text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([title for title, _ in _TITLES])
    count = 0
    for contact, notes in contacts:
        writer.writerow([_guarded(value) for value in _row(contact, notes)])
        count += 1
    text.flush()
    text.detach()
    return count


def _guarded(value: str) -> str:
    """Keep spreadsheets from calculating what somebody called themselves; numbers stay."""
    if value[:1] in ("=", "@", "\t", "\r") or (
        value[:1] in ("+", "-") and re.search("[^0-9 +/().,-]", value)
    ):
        return f"'{value}"
    return value


def _write_excel(contacts: Kept, file: BinaryIO) -> int:
    def rows() -> Iterator[Sequence[Value]]:
        for contact, notes in contacts:
            yield _row(contact, notes)

    with StreamedWorkbook(file) as workbook:
        return workbook.table("Contacts", _TITLES, rows())
