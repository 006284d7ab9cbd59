"""One icon family (Phosphor, regular) in the colour of a role; two signs it lacks are drawn."""

from __future__ import annotations

from functools import lru_cache

import qtawesome
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPen, QPixmap

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
    if name in _DRAWN:
        picture = _drawn(name, tint, pixels)
    else:
        made: QIcon = qtawesome.icon(f"ph.{name}", color=tint)
        picture = QPixmap(pixels, pixels)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        made.paint(painter, picture.rect())
        painter.end()
    picture.setDevicePixelRatio(ratio)
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
