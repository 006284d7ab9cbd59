from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from softphone.domain.call import Direction, Disposition
from softphone.domain.contact import Access, Contact, ContactFile, HistoryEntry, Note
from softphone.domain.ids import CallId, ContactId, NoteId, RecordingId, UserId
from softphone.domain.report import PersonReport
from softphone.export.portable import FORMAT, portable_data

SCHEMA = Path(__file__).parents[3] / "resources/schemas/portable-1.json"
AT = datetime(2026, 3, 31, 9, tzinfo=UTC)


@pytest.fixture
def report() -> PersonReport:
    ada = Contact(ContactId("c"), "Ada", ("+493012345678",), created_at=AT)
    call = HistoryEntry(
        CallId("k"),
        ada.id,
        "Ada",
        ada.numbers[0],
        Direction.INCOMING,
        Disposition.ANSWERED,
        UserId("u"),
        "Ann",
        AT,
        9000,
    )
    note = Note(NoteId("n"), UserId("u"), "Ann", AT, "tea", contact=ada.id)
    file = ContactFile(
        ada, (call,), ((RecordingId("r"), AT, 9000),), (note,), (Access(AT, "Ann", "x", "done"),)
    )
    return PersonReport(file, AT, "Dora", "UTC", None, (), (), (), (), (), ())


def test_it_follows_the_published_schema(report: PersonReport):
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    value = json.loads(json.dumps(portable_data(report)))
    validator.validate(value)
    assert value["format"] == FORMAT
    with pytest.raises(ValidationError):
        validator.validate({key: part for key, part in value.items() if key != "calls"})


def test_who_of_us_looked_is_left_out(report: PersonReport):
    assert "accesses" not in portable_data(report)
