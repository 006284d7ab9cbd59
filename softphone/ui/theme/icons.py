"""One icon family (Phosphor, regular) in the colour of a role; two signs it lacks are drawn.

The font is that of the package qtawesome. The package itself is not loaded: it brings the wrapper
qtpy with all of Qt's modules, and eleven more fonts, for a third of a second at every start.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QPainter,
    QPen,
    QPixmap,
)

from softphone.ui.theme.theme import active_name, colour


def pixmap(name: str, role: str, size: int = 16) -> QPixmap:
    """Return an icon in the colour of ``role`` of the theme that is on, ``size`` units square."""
    application = QGuiApplication.instance()
    ratio = application.devicePixelRatio() if isinstance(application, QGuiApplication) else 1.0
    return _pixmap(name, role, size, ratio, active_name())


@lru_cache(maxsize=1024)
def _pixmap(name: str, role: str, size: int, ratio: float, _theme: str) -> QPixmap:
    tint = colour(role)
    pixels = max(1, round(size * ratio))
    picture = (_drawn if name in _DRAWN else _glyph)(name, tint, pixels)
    picture.setDevicePixelRatio(ratio)
    return picture


@cache
def _family() -> str:
    """Return the name under which Qt knows the font; once an application."""
    (font,) = _fonts().glob("phosphor-[0-9]*.ttf")
    return QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(font)))[0]


@cache
def glyphs() -> dict[str, str]:
    """Return the family's icons: names and characters."""
    (chart,) = _fonts().glob("phosphor-charmap-*.json")
    places: dict[str, str] = json.loads(chart.read_text("utf-8"))
    return {name: chr(int(place, 16)) for name, place in places.items()}


def _fonts() -> Path:
    package = find_spec("qtawesome")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("qtawesome")
    return Path(package.origin).parent / "fonts"


def _glyph(name: str, tint: QColor, pixels: int) -> QPixmap:
    picture = QPixmap(pixels, pixels)
    picture.fill(Qt.GlobalColor.transparent)
    font = QFont(_family())
    font.setPixelSize(round(pixels * 0.875))
    painter = QPainter(picture)
    painter.setFont(font)
    painter.setPen(tint)
    painter.drawText(QRectF(picture.rect()), Qt.AlignmentFlag.AlignCenter, glyphs()[name])
    painter.end()
    return picture


def icon(name: str, role: str = "text.primary", size: int = 16, on_role: str = "") -> QIcon:
    """Return an icon for a button, dimmed by role (never by opacity) where it is disabled."""
    made = QIcon()
    made.addPixmap(pixmap(name, role, size), QIcon.Mode.Normal, QIcon.State.Off)
    made.addPixmap(pixmap(name, on_role or role, size), QIcon.Mode.Normal, QIcon.State.On)
    for state in (QIcon.State.Off, QIcon.State.On):
        made.addPixmap(pixmap(name, "disabled.text", size), QIcon.Mode.Disabled, state)
    return made


def _drawn(name: str, tint: QColor, pixels: int) -> QPixmap:
    picture = QPixmap(pixels, pixels)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(pixels / 16, pixels / 16)
    pen = QPen(tint, 1.25)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    for start, end in _DRAWN[name]:
        painter.drawLine(QPointF(*start), QPointF(*end))
    if name == "record-dot":
        painter.drawEllipse(QRectF(1.5, 1.5, 13, 13))
        painter.setBrush(tint)
        painter.drawEllipse(QRectF(4.5, 4.5, 7, 7))
    painter.end()
    return picture


_Line = tuple[tuple[float, float], tuple[float, float]]
_DRAWN: dict[str, tuple[_Line, ...]] = {
    "sound-wave": (
        ((1.5, 7), (1.5, 9)),
        ((4.1, 5), (4.1, 11)),
        ((6.7, 2), (6.7, 14)),
        ((9.3, 5), (9.3, 11)),
        ((11.9, 3.5), (11.9, 12.5)),
        ((14.5, 6.5), (14.5, 9.5)),
    ),
    "checked-list": (
        ((2, 4), (14, 4)),
        ((2, 8), (8, 8)),
        ((2, 12), (6, 12)),
        ((9, 11.5), (10.8, 13.2)),
        ((10.8, 13.2), (14.3, 9.2)),
    ),
    "record-dot": (),
}
