from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import softphone.ui
from softphone.ui.theme.style import style_sheet
from softphone.ui.theme.tokens import contrast, palette, required_pairs, tokens

UI = Path(softphone.ui.__file__).parent


@pytest.mark.parametrize(
    ("name", "front", "back", "least"),
    [(name, *pair) for name in ("light", "dark") for pair in required_pairs(name)],
)
def test_every_promised_contrast_is_kept(name: str, front: str, back: str, least: float) -> None:
    colours = palette(name)
    assert contrast(colours[front], colours[back]) >= least


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)


def test_both_themes_name_the_same_roles() -> None:
    assert set(palette("light").colours) == set(palette("dark").colours)
    assert tokens()["spacing"] == [4, 8, 12, 16, 24, 32]


def test_an_unknown_role_is_an_error() -> None:
    with pytest.raises(KeyError):
        _ = palette("light")["bg.nowhere"]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_style_sheet_has_every_role_filled_in(name: str) -> None:
    assert "@" not in style_sheet(palette(name))


def test_no_colour_value_outside_the_tokens() -> None:
    hexadecimal = re.compile(r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{3}\b|\brgba?\(")
    assert not hexadecimal.search((UI / "theme" / "sheet.qss").read_text("utf-8"))
    for path in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not hexadecimal.search(node.value), f"{path.name}: {node.value}"
