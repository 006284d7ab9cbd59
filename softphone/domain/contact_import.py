"""Contacts from files: what a column means, what becomes of each row, what a run did."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from softphone.domain.ids import ContactId

MOST_ROWS = 1_000_000
"""Of one file; more is refused."""
MOST_PROBLEMS = 1_000
"""Problems that a report names one by one; further ones are counted."""


class Field(StrEnum):
    """What a column or property holds."""

    IGNORE = "ignore"
    NAME = "name"
    GIVEN = "given"
    FAMILY = "family"
    COMPANY = "company"
    KIND = "kind"
    NUMBER = "number"
    EMAIL = "email"
    LANGUAGE = "language"
    TAGS = "tags"
    NOTE = "note"
    CONSENT = "consent"


FIELD_WORDS: dict[Field, str] = {
    Field.IGNORE: "Leave out",
    Field.NAME: "Name",
    Field.GIVEN: "Given name",
    Field.FAMILY: "Family name",
    Field.COMPANY: "Company",
    Field.KIND: "Person or company",
    Field.NUMBER: "Number or SIP address",
    Field.EMAIL: "E-mail",
    Field.LANGUAGE: "Language",
    Field.TAGS: "Tags",
    Field.NOTE: "Note",
    Field.CONSENT: "Consent given (date or yes)",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a column goes. ``label`` is that of a number, or the purpose of a consent."""

    field: Field
    label: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One value of one contact, as the file has it."""

    field: Field
    value: str
    label: str = ""


class OnDuplicate(StrEnum):
    """What becomes of a row whose person is there already."""

    SKIP = "skip"
    UPDATE = "update"
    ASK = "ask"
    """Leave it out unless it was decided row by row."""


class Outcome(StrEnum):
    """What becomes of a row."""

    CREATED = "created"
    UPDATED = "updated"
    SKIPPED = "skipped"
    UNDECIDED = "undecided"
    FAILED = "failed"


OUTCOME_WORDS: dict[Outcome, str] = {
    Outcome.CREATED: "New",
    Outcome.UPDATED: "Changed",
    Outcome.SKIPPED: "There already, left as it was",
    Outcome.UNDECIDED: "There already, to be decided",
    Outcome.FAILED: "Not imported",
}


@dataclass(frozen=True, slots=True)
class RowReport:
    """What is to be said of one row. ``row`` counts from 1 as the file's reader sees it."""

    row: int
    outcome: Outcome
    what: str
    """A plain sentence, or empty."""
    name: str = ""
    known: str = ""
    """The name of the contact that is there already."""


@dataclass(slots=True)
class ImportReport:
    """What a run did, or would do."""

    dry: bool
    counts: dict[Outcome, int] = field(default_factory=dict)
    rows: list[RowReport] = field(default_factory=list)
    """Rows that failed, are undecided, or were read with a remark; at most MOST_PROBLEMS."""
    run: str = ""

    def add(self, report: RowReport) -> None:
        """Count a row and keep what is to be said of it."""
        self.counts[report.outcome] = self.counts.get(report.outcome, 0) + 1
        if report.what and len(self.rows) < MOST_PROBLEMS:
            self.rows.append(report)

    def count(self, outcome: Outcome) -> int:
        """Return how many rows came out like this."""
        return self.counts.get(outcome, 0)

    @property
    def total(self) -> int:
        """How many rows were read."""
        return sum(self.counts.values())


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    DONE = "done"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class ImportRun:
    """A run as the vault keeps it; it can be undone. Times are UTC."""

    id: str
    at: datetime
    by_name: str
    format: str
    state: RunState
    created: int = 0
    updated: int = 0


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing a run did; ``kept`` were changed since and stay."""

    removed: int
    restored: int
    kept: tuple[ContactId, ...] = ()


_HEADERS: dict[Field, tuple[str, ...]] = {
    Field.NAME: (
        "name", "full name", "display name", "fn", "contact", "contact name", "anzeigename",
        "vollstandiger name", "ansprechpartner", "nom complet", "nombre completo", "meno",
    ),
    Field.GIVEN: ("first name", "given name", "firstname", "vorname", "prenom", "krstne meno"),
    Field.FAMILY: (
        "last name", "family name", "surname", "lastname", "nachname", "familienname", "nom",
        "apellido", "apellidos", "priezvisko",
    ),
    Field.COMPANY: (
        "company", "organization", "organisation", "org", "firma", "unternehmen", "societe",
        "entreprise", "empresa", "spolocnost",
    ),
    Field.KIND: ("kind", "type", "art"),
    Field.NUMBER: (
        "phone", "telephone", "number", "phone number", "telefon", "telefonnummer", "nummer",
        "rufnummer", "tel", "telefono", "telefonne cislo", "sip", "sip address",
    ),
    Field.EMAIL: (
        "email", "e mail", "mail", "e mail address", "email address", "courriel", "correo",
    ),
    Field.LANGUAGE: ("language", "lang", "sprache", "langue", "idioma", "jazyk"),
    Field.TAGS: ("tags", "labels", "categories", "kategorien", "schlagworte", "groups", "gruppen"),
    Field.NOTE: ("note", "notes", "comment", "comments", "notiz", "notizen", "bemerkung", "notas"),
    Field.CONSENT: ("consent", "opt in", "einwilligung"),
}  # fmt: skip
_LABELS: dict[str, str] = {
    "mobile": "mobile", "mobil": "mobile", "cell": "mobile", "handy": "mobile", "movil": "mobile",
    "work": "work", "business": "work", "office": "work", "geschaftlich": "work", "buro": "work",
    "home": "home", "private": "home", "privat": "home", "fax": "fax", "main": "main",
    "zentrale": "main", "sip": "sip",
}  # fmt: skip


def guess_target(header: str) -> Target:
    """Return what a column of this title holds most likely, in English, German and others."""
    words = _plain(header)
    label = next((_LABELS[word] for word in words.split() if word in _LABELS), "")
    bare = " ".join(w for w in words.split() if w not in _LABELS and not w.isdigit())
    for wanted, names in _HEADERS.items():
        if words in names or bare in names:
            if wanted is Field.CONSENT:
                return Target(wanted, "marketing")
            return Target(wanted, label if wanted is Field.NUMBER else "")
    if label and not bare:
        return Target(Field.NUMBER, label)
    return Target(Field.IGNORE)


def _plain(header: str) -> str:
    text = unicodedata.normalize("NFKD", header.casefold().replace("ß", "ss"))
    kept = "".join(c if c.isalnum() else " " for c in text if not unicodedata.combining(c))
    return " ".join(kept.split())
