"""When two contacts may be one person, and what becomes of them when they are merged."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum

from softphone.domain.contact import Contact

SIMILAR = 0.84
"""Least share of equal letters (Ratcliff and Obershelp) of two names that may be one."""
_WORD = re.compile(r"[^\W_]+")
_VOWELS = frozenset("aeiouy")


class Likeness(StrEnum):
    """Why two contacts may be one."""

    NUMBER = "number"
    EMAIL = "email"
    NAME = "name"


LIKENESS_WORDS: dict[Likeness, str] = {
    Likeness.NUMBER: "Same number",
    Likeness.EMAIL: "Same e-mail",
    Likeness.NAME: "Similar name",
}


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two contacts that may be one; the first is the older one."""

    first: Contact
    second: Contact
    why: tuple[Likeness, ...]


def folded(name: str) -> str:
    """Return a name without case, accents and order: ``Müller, Jörg`` is ``jorg muller``."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(sorted(_WORD.findall(letters)))


def name_key(name: str) -> str:
    """Return what similar names have in common: consonants once, in the order of the words."""
    words = []
    for word in folded(name).split():
        kept = word[0]
        for letter in word[1:]:
            if letter not in _VOWELS and letter != kept[-1]:
                kept += letter
        words.append(kept)
    return " ".join(sorted(words))


def similar(one: str, other: str) -> bool:
    """Whether two names may belong to one person."""
    first, second = folded(one), folded(other)
    if not first or not second:
        return False
    return first == second or SequenceMatcher(None, first, second).ratio() >= SIMILAR


def merged(kept: Contact, other: Contact) -> Contact:
    """Return the contact with what the other one adds; where both say something, ``kept`` wins."""
    together = kept.with_numbers((*kept.labelled, *other.labelled)).with_emails(
        (*kept.emails, *other.emails)
    )
    born = [when for when in (kept.created_at, other.created_at) if when is not None]
    return replace(
        together,
        company=kept.company or other.company,
        employer=kept.employer or other.employer,
        language=kept.language or other.language,
        tags=tuple(dict.fromkeys((*kept.tags, *other.tags))),
        created_at=min(born, default=None),
    )
