"""One row of a file becomes a contact, or a sentence why it does not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from softphone.app.numbers import normalise_imported
from softphone.app.ports import SourceRow
from softphone.domain.contact import Contact, ContactKind
from softphone.domain.contact_import import Field, Part, Target
from softphone.domain.errors import InvalidInput
from softphone.domain.ids import ContactId, new_id

_MOST_NUMBERS = 50
_LONGEST = {Field.NAME: 200, Field.COMPANY: 200, Field.EMAIL: 254, Field.NOTE: 20_000}
"""Characters."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")
_SEVERAL = re.compile(r"[;\n]|,\s|\s/\s")
_YES = frozenset({"yes", "y", "true", "1", "x", "ja", "j", "wahr", "oui", "si", "sí", "ano"})
_NO = frozenset({"", "no", "n", "false", "0", "nein", "falsch", "non", "nie"})
_COMPANY = frozenset({"company", "org", "organization", "organisation", "firma", "unternehmen"})
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z")


@dataclass(slots=True)
class Read:
    """What a row says: the contact, its notes, and since when a purpose was consented to."""

    contact: Contact
    notes: list[str] = field(default_factory=list)
    consents: dict[str, datetime | None] = field(default_factory=dict)
    """Purpose and date (UTC); None where only a yes is given."""


def parts_of(row: SourceRow, mapping: Sequence[Target]) -> tuple[Part, ...]:
    """Return the values of a row: a card's own, or the cells by what their columns hold."""
    if row.parts:
        return row.parts
    return tuple(
        Part(target.field, cell, target.label)
        for target, cell in zip(mapping, row.cells, strict=False)
        if target.field is not Field.IGNORE and cell.strip()
    )


def read_row(parts: Sequence[Part], region: str) -> Read:
    """Return the contact of one row. Raises InvalidInput, in words for the report."""
    said: dict[Field, list[str]] = {}
    for part in parts:
        said.setdefault(part.field, []).append(_clean(part.value))
    name = _name(said)
    company = _first(said, Field.COMPANY)
    kind = ContactKind.PERSON
    if _first(said, Field.KIND).casefold() in _COMPANY or (not name and company):
        kind, name = ContactKind.COMPANY, name or company
        company = "" if company == name else company
    if not name:
        raise _problem("It has no name.", "Map the column with the names, or fill it in.")
    for wanted, value in ((Field.NAME, name), (Field.COMPANY, company)):
        _fits(wanted, value)
    contact = Contact(
        ContactId(new_id()),
        name,
        (),
        company=company,
        language=_language(_first(said, Field.LANGUAGE)),
        kind=kind,
        tags=_tags(said.get(Field.TAGS, [])),
    )
    contact = contact.with_numbers(_numbers(parts, region)).with_emails(_emails(said))
    notes = [note for note in said.get(Field.NOTE, []) if note]
    for note in notes:
        _fits(Field.NOTE, note)
    return Read(contact, notes, _consents(parts))


def _name(said: dict[Field, list[str]]) -> str:
    whole = _first(said, Field.NAME)
    return whole or f"{_first(said, Field.GIVEN)} {_first(said, Field.FAMILY)}".strip()


def _first(said: dict[Field, list[str]], wanted: Field) -> str:
    return next((value for value in said.get(wanted, []) if value), "")


def _numbers(parts: Sequence[Part], region: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for part in parts:
        if part.field is not Field.NUMBER:
            continue
        for text in _SEVERAL.split(part.value):
            if not _clean(text):
                continue
            try:
                found.append((normalise_imported(_clean(text), region), part.label[:30]))
            except InvalidInput as error:
                raise _problem(
                    "It has a number that cannot be dialled.", "Correct the number."
                ) from error
    if len(found) > _MOST_NUMBERS:
        raise _problem("It has more than 50 numbers.", "Check the columns.")
    return found


def _emails(said: dict[Field, list[str]]) -> list[str]:
    found = [
        text.strip()
        for value in said.get(Field.EMAIL, [])
        for text in re.split(r"[;,\s]+", value)
        if text.strip()
    ]
    for email in found:
        _fits(Field.EMAIL, email)
        if not _EMAIL.fullmatch(email):
            raise _problem("It has an e-mail address without @ or with several.", "Correct it.")
    return found


def _tags(values: list[str]) -> tuple[str, ...]:
    tags = [tag.strip()[:50] for value in values for tag in re.split("[,;]", value)]
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _language(text: str) -> str:
    return text if _LANGUAGE.fullmatch(text) else ""


def _consents(parts: Sequence[Part]) -> dict[str, datetime | None]:
    found: dict[str, datetime | None] = {}
    for part in parts:
        value = part.value.strip()
        if part.field is not Field.CONSENT or value.casefold() in _NO:
            continue
        found[part.label] = None if value.casefold() in _YES else _date(value)
    return found


def _date(text: str) -> datetime:
    for pattern in _DATES:
        try:
            parsed = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is set below
        except ValueError:
            continue
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    raise _problem(
        "Its consent is neither a date nor yes or no.", "Write dates as 2026-11-24 or 24.11.2026."
    )


def _clean(text: str) -> str:
    """Return a text without control characters; line breaks stay, spaces at the ends go."""
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return kept.strip()


def _fits(wanted: Field, value: str) -> None:
    if len(value) > _LONGEST[wanted]:
        raise _problem("A value is longer than it may be.", "Check the columns.")


def _problem(why: str, do: str) -> InvalidInput:
    return InvalidInput("The row was not imported.", why, do)
