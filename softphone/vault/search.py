"""Words for the full-text index, and queries for words that begin with what was typed."""

from __future__ import annotations

import re

from softphone.app.numbers import display

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"[0-9+ ()/.\-]*[0-9][0-9+ ()/.\-]*")
_DIGIT = re.compile(r"[^0-9]")


def match(text: str) -> str | None:
    """Return the FTS5 expression for all typed words as prefixes; None when there is no word."""
    words = _WORD.findall(text)
    if not words:
        return None
    each = " AND ".join(f'"{word}"*' for word in words)
    if _NUMBER.fullmatch(text.strip()):
        return f'("{_DIGIT.sub("", text)}"*) OR ({each})'
    return each


def number_words(number: str) -> str:
    """Return a number as it is typed and as it is written, for the index."""
    if not number.startswith("+"):
        return number
    return f"{_DIGIT.sub('', number)} {display(number)}"
