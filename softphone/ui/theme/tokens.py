"""The design tokens: colours by role for light and dark, and WCAG 2 contrast between them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Palette:
    """All colours of one theme, by role, as ``#RRGGBB``."""

    name: str
    colours: dict[str, str]

    def __getitem__(self, role: str) -> str:
        return self.colours[role]


@cache
def tokens() -> dict[str, Any]:
    """Return the token file as it was drawn."""
    text = resources.files("softphone.ui.theme").joinpath("tokens.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def palette(name: str) -> Palette:
    """Return the colours of ``light`` or ``dark``."""
    return Palette(name, dict(tokens()[name]))


def required_pairs(name: str) -> list[tuple[str, str, float]]:
    """Return (foreground, background, least ratio) for every pair the design promises."""
    pairs: list[tuple[str, str, float]] = []
    for group, least in (
        ("text (at least 4.5)", 4.5),
        ("controls and graphics (at least 3)", 3.0),
    ):
        for pair in tokens()["contrast"][name][group]:
            front, back = pair.split(" on ")
            pairs.append((front, back, least))
    return pairs


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio (1 to 21) of two ``#RRGGBB`` colours, WCAG 2.2 section 1.4.3."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    if channel <= 0.04045:
        return channel / 12.92
    return float(((channel + 0.055) / 1.055) ** 2.4)
