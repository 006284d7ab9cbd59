"""Builds the style sheet from ``sheet.qss`` and the tokens."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from softphone.ui.theme.tokens import Palette

_ROLE = re.compile(r"@([a-z]+(?:\.[a-z]+)*)")


@cache
def _template() -> str:
    return resources.files("softphone.ui.theme").joinpath("sheet.qss").read_text("utf-8")


def style_sheet(colours: Palette) -> str:
    """Return the style sheet of one theme; an unknown role raises KeyError."""
    return _ROLE.sub(lambda match: colours[match.group(1)], _template())
