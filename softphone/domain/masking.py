"""Numbers as people see them who need not know whose they are (GDPR Art. 5(1)(c), minimisation)."""

from __future__ import annotations

HIDDEN = "•"
_SHOWN_AT_START, _SHOWN_AT_END = 3, 2
_SHORTEST = 7
"""Characters; of anything shorter nothing is shown, for the rest would tell it."""


def masked(number: str) -> str:
    """Return a number with its middle hidden: the country stays, and the last two digits.

    ``+493012345678`` becomes ``+49••••••••78``. Extensions and SIP addresses are hidden whole.
    """
    digits = number.removeprefix("+")
    if not (number.startswith("+") and digits.isdecimal() and len(number) >= _SHORTEST):
        return HIDDEN * len(number)
    hidden = len(number) - _SHOWN_AT_START - _SHOWN_AT_END
    return number[:_SHOWN_AT_START] + HIDDEN * hidden + number[-_SHOWN_AT_END:]
