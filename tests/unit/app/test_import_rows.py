from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softphone.app.import_rows import parts_of, read_row
from softphone.app.numbers import normalise_imported
from softphone.app.ports import SourceRow
from softphone.domain.contact import ContactKind
from softphone.domain.contact_import import Field, Part, Target, guess_target
from softphone.domain.errors import InvalidInput


def read(*parts: tuple[str, str] | tuple[str, str, str], region: str = "DE"):
    return read_row([Part(Field(p[0]), p[1], p[2] if len(p) > 2 else "") for p in parts], region)


def test_a_row_of_everything():
    found = read(
        ("given", " Ada "),
        ("family", "Lovelace"),
        ("company", "Engines Ltd"),
        ("number", "030 1234567; +44 20 7946 0000", "work"),
        ("number", "sip:ada@PBX.example", "sip"),
        ("email", "ADA@example.org, a@example.com"),
        ("tags", "vip; engines, vip"),
        ("language", "en-GB"),
        ("note", "Likes tea\nand cards"),
        ("consent", "24.11.2026", "marketing"),
        ("consent", "no", "recording"),
    )
    contact = found.contact
    assert contact.name == "Ada Lovelace"
    assert contact.labelled == (
        ("+49301234567", "work"),
        ("+442079460000", "work"),
        ("ada@pbx.example", "sip"),
    )
    assert contact.emails == ("ADA@example.org", "a@example.com")
    assert (contact.tags, contact.language) == (("vip", "engines"), "en-GB")
    assert found.notes == ["Likes tea\nand cards"]
    assert found.consents == {"marketing": datetime(2026, 11, 24, tzinfo=UTC)}


def test_a_company_without_a_person_is_a_company():
    contact = read(("company", "Engines Ltd"), ("number", "030 1234567")).contact
    assert (contact.kind, contact.name, contact.company) == (
        ContactKind.COMPANY,
        "Engines Ltd",
        "",
    )


@pytest.mark.parametrize(
    "parts",
    [
        [("number", "030 1234567")],
        [("name", "   ")],
        [("name", "Ada"), ("number", "ask at the desk")],
        [("name", "Ada"), ("email", "no address")],
        [("name", "A" * 201)],
        [("name", "Ada"), ("consent", "perhaps", "marketing")],
        [("name", "Ada"), ("note", "x" * 20_001)],
        [("name", "Ada"), ("number", ";".join(f"030 12345{n:02}" for n in range(60)))],
    ],
)
def test_what_cannot_be_used_is_said(parts):
    with pytest.raises(InvalidInput) as refused:
        read(*parts)
    assert refused.value.why
    assert "Ada" not in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "region", "meant"),
    [
        ("491711234567", "DE", "+491711234567"),
        ("442079460000", "DE", "+442079460000"),
        ("01711234567", "DE", "+491711234567"),
        ("030 1234567", "DE", "+49301234567"),
        ("2079460000", "GB", "+442079460000"),
        ("12025550143", "US", "+12025550143"),
        ("391234567890", "IT", "+391234567890"),
        ("+48 22 555 01 47", "DE", "+48225550147"),
    ],
)
def test_numbers_without_a_country_and_without_the_plus_that_tables_lose(typed, region, meant):
    assert normalise_imported(typed, region) == meant


def test_control_characters_go_and_scripts_stay():
    assert read(("name", "\x00محمد\x07 عبد الله\x1b")).contact.name == "محمد عبد الله"


def test_columns_are_mapped_and_the_rest_is_left_out():
    mapping = (Target(Field.NAME), Target(Field.IGNORE), Target(Field.NUMBER, "mobile"))
    row = SourceRow(2, ("Ada", "secret", "030 1"))
    assert parts_of(row, mapping) == (
        Part(Field.NAME, "Ada"),
        Part(Field.NUMBER, "030 1", "mobile"),
    )


@pytest.mark.parametrize(
    ("title", "target"),
    [
        ("Vollständiger Name", Target(Field.NAME)),
        ("Vorname", Target(Field.GIVEN)),
        ("Mobile Phone", Target(Field.NUMBER, "mobile")),
        ("Telefon (geschäftlich)", Target(Field.NUMBER, "work")),
        ("Handy", Target(Field.NUMBER, "mobile")),
        ("E-Mail-Adresse", Target(Field.IGNORE)),
        ("E-mail 2", Target(Field.EMAIL)),
        ("Einwilligung", Target(Field.CONSENT, "marketing")),
        ("Kundennummer", Target(Field.IGNORE)),
        ("", Target(Field.IGNORE)),
    ],
)
def test_titles_are_guessed(title: str, target: Target):
    assert guess_target(title) == target


@given(st.lists(st.tuples(st.sampled_from([f.value for f in Field]), st.text(max_size=60))))
def test_any_row_is_read_or_refused_in_words(parts):
    try:
        found = read(*parts)
    except InvalidInput:
        return
    assert found.contact.name.strip()
