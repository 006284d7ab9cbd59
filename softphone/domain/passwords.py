"""Whether a password is long enough and hard to guess: no rules about kinds of characters.

What everybody tries first counts for nothing: common words, the person's own name, keyboard rows,
counting, years, repetition. What is left must still be long (NIST SP 800-63B, 3.1.1.2).
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable

from softphone.domain.errors import InvalidInput

LEAST_LENGTH = 12
LEAST_LEFT = 8
"""Characters that must be left when everything common has been taken out."""
_COMMON_WORDS = """
passwort password passwd welcome willkommen letmein login master dragon monkey football
baseball superman batman princess sunshine iloveyou trustno changeme secret geheim hallo
hello admin administrator root user guest test default winter spring summer autumn
fruehling sommer herbst frühling january february march april june july august september
october november december monday tuesday wednesday thursday friday saturday sunday company
office telephone phone softphone callcenter headset computer internet server london berlin
starwars shadow michael jennifer jordan hunter killer freedom whatever qazwsx
"""
_COMMON = frozenset(re.findall(r"\w+", _COMMON_WORDS))
_ROWS = (
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
)
_LEET = str.maketrans("@$0134578!|", "asoleastbil")
_YEAR = re.compile(r"(?:19|20)\d\d")
_RUN = re.compile(r"(.+?)\1{2,}")
_SHORTEST = 3
_CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and figures that nobody takes for one another when they are read out."""


def check_password(password: str, own: Iterable[str] = ()) -> None:
    """Check a new password. Raises InvalidInput.

    ``own`` are texts that belong to the person, such as their name: they do not count.
    """
    plain = unicodedata.normalize("NFKC", password)
    if min(len(password), len(plain)) < LEAST_LENGTH:
        raise _refused(f"It has fewer than {LEAST_LENGTH} characters.")
    if left(plain, own) < LEAST_LEFT:
        raise _refused("It is made of what is guessed first: common words, names or patterns.")


def one_time_password() -> str:
    """Return a random password of four groups of five (98 bits), easy to read out and to type."""
    return "-".join("".join(secrets.choice(_CLEAR) for _ in range(5)) for _ in range(4))


def left(password: str, own: Iterable[str] = ()) -> int:
    """Return how many characters an attacker has to guess beyond what everybody tries."""
    parts = [part for text in own for part in re.split(r"\W+", text.casefold())]
    known = sorted({*_COMMON, *(p for p in parts if len(p) >= _SHORTEST)}, key=len, reverse=True)
    plain = password.casefold()
    return min(_count(plain, known), _count(plain.translate(_LEET), known))


def _count(text: str, known: Iterable[str]) -> int:
    text = _YEAR.sub(" ", text)
    text = _without_rows(text)
    for word in known:
        text = text.replace(word, " ")
    text = _RUN.sub(r"\1", text)
    words = re.findall(r"[^\W_]+", text)
    return sum(len(word) for word in dict.fromkeys(words))


def _without_rows(text: str) -> str:
    """Take out stretches of four and more along a keyboard row or a count, either way."""
    kept: list[str] = []
    at = 0
    while at < len(text):
        length = max(_along(text, at, row) for known in _ROWS for row in (known, known[::-1]))
        if length >= 4:
            kept.append(" ")
            at += length
        else:
            kept.append(text[at])
            at += 1
    return "".join(kept)


def _along(text: str, at: int, row: str) -> int:
    start = row.find(text[at])
    if start < 0:
        return 0
    length = 0
    while row[start + length : start + length + 1] == text[at + length : at + length + 1] != "":
        length += 1
    return length


def _refused(why: str) -> InvalidInput:
    return InvalidInput(
        "The password was not taken.", why, "Choose another, for example four random words."
    )
