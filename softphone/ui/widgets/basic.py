"""Labels and buttons as the tokens want them; their icons follow the theme by themselves."""

from __future__ import annotations

import re
from unicodedata import category

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QIcon, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from softphone.ui.theme.icons import icon as make_icon
from softphone.ui.theme.icons import pixmap

_ICON_ROLE = {
    "main": "accent.on",
    "round": "accent.on",
    "go": "go.on",
    "stop": "stop.on",
    "link": "accent.text",
    "plain": "text.secondary",
}


def tabular(font: QFont) -> QFont:
    """Return the font with figures of one width."""
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def restyle(widget: QWidget) -> None:
    """Apply the style sheet anew after a property changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """Return a plain-text label (never rich text: names come from outside)."""
    made = WrapLabel(text) if wrap else QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    return made


def spaced_icon(name: str, role: str, size: int) -> tuple[QIcon, QSize]:
    """Return an icon with the room of 6 units to the words at its right, and its size."""
    wide = QSize(size + 6, size)
    made = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, role), (QIcon.Mode.Disabled, "disabled.text")):
        picture = pixmap(name, tint, size)
        ratio = picture.devicePixelRatio()
        canvas = QPixmap(wide * ratio)
        canvas.setDevicePixelRatio(ratio)
        canvas.fill(Qt.GlobalColor.transparent)
        painter = QPainter(canvas)
        painter.drawPixmap(0, 0, picture)
        painter.end()
        made.addPixmap(canvas, mode)
    return made, wide


ZERO_WIDTH_SPACE = "\u200b"
_LONG_WORD = re.compile(r"\S{28,}")
"""Qt breaks lines between words only, and cuts off what is wider than the line."""


def _breakable(word: re.Match[str]) -> str:
    """Let a long word be broken at every fourth letter, never before what belongs to a letter."""
    return "".join(
        ZERO_WIDTH_SPACE + letter if at % 4 == 0 < at and category(letter)[0] != "M" else letter
        for at, letter in enumerate(word[0])
    )


class WrapLabel(QLabel):
    """Several lines, as high as its width asks for; layouts and scroll areas get it right."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._placed = False
        self.setText(text)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        """Show a text; a word that is too long for any column may be broken."""
        was_broken, broken = ZERO_WIDTH_SPACE in super().text(), _LONG_WORD.sub(_breakable, text)
        super().setText(broken)
        if broken != text:
            self.setAccessibleName(text)
        elif was_broken:  # else whatever name others gave it stays
            self.setAccessibleName("")

    def text(self) -> str:
        """Return the text without the places where it may be broken."""
        return super().text().replace(ZERO_WIDTH_SPACE, "")

    def sizeHint(self) -> QSize:
        """Return the height that the present width needs."""
        width = max(self.width(), 80) if self._placed else 280
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Allow narrow columns."""
        return QSize(80, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for another height when the width changed."""
        super().resizeEvent(event)
        self._placed = True
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


class ElidedLabel(QLabel):
    """One line that ends in an ellipsis where there is no room; the tooltip has it whole."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """Allow any width."""
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the text that fits."""
        painter = QPainter(self)
        metrics = QFontMetrics(self.font())
        shown = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.text() if shown != self.text() else "")
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft),
            self.palette(),
            self.isEnabled(),
            shown,
            self.foregroundRole(),
        )


class Button(QPushButton):
    """A push button: ``main``, ``normal``, ``go``, ``stop``, ``link``, ``plain``, ``filter``."""

    def __init__(
        self, text: str = "", *, kind: str = "normal", icon: str = "", name: str = "", tip: str = ""
    ) -> None:
        super().__init__(text)
        self._icon = icon
        self._kind = kind
        self._reason = ""
        self.setProperty("kind", kind)
        self.setAccessibleName(name or text)
        self.setToolTip(tip or (name if not text else ""))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self._redraw()

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon
        self._redraw()

    def set_text(self, text: str) -> None:
        """Change the words and the accessible name together."""
        self.setText(text)
        self.setAccessibleName(text)

    def set_refused(self, reason: str) -> None:
        """Disable the button and say why, or enable it again with an empty reason."""
        self.setEnabled(not reason)
        self.setToolTip(reason)
        self.setAccessibleDescription(reason)

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icon in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._redraw()

    def _redraw(self) -> None:
        if not self._icon:
            return
        size = 18 if self._kind in ("plain", "round") else 16
        role = _ICON_ROLE.get(self._kind, "text.primary")
        if self.text():
            made, wide = spaced_icon(self._icon, role, size)
        else:
            made, wide = make_icon(self._icon, role, size), QSize(size, size)
        self.setIcon(made)
        self.setIconSize(wide)


class WordButton(QToolButton):
    """An icon over a word, as in the rail and among the call buttons."""

    def __init__(
        self, text: str, icon: str, *, object_name: str, role: str, on_role: str, size: int = 20
    ) -> None:
        super().__init__()
        self._spec = (icon, role, on_role, size)
        self.setObjectName(object_name)
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._redraw()

    def set_word(self, text: str, icon: str = "") -> None:
        """Change the word, and the icon where one is given."""
        self.setText(text)
        self.setAccessibleName(text)
        if icon:
            self._spec = (icon, *self._spec[1:])
            self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icon in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._redraw()

    def _redraw(self) -> None:
        icon, role, on_role, size = self._spec
        self.setIcon(make_icon(icon, role, size, on_role))
        self.setIconSize(QSize(size, size))


class Sign(QWidget):
    """An icon and words in one colour role: state is never colour alone."""

    def __init__(
        self,
        icon: str = "",
        text: str = "",
        tint: str = "text.secondary",
        *,
        small: bool = False,
        elide: bool = False,
        wrap: bool = False,
    ) -> None:
        super().__init__()
        self._icon = icon
        self._tint = tint
        self._size = 14 if small else 16
        self._picture = QLabel()
        self._picture.setFixedWidth(self._size)
        role = "small" if small else ""
        self.text: QLabel = ElidedLabel("", role) if elide else label("", role, wrap=wrap)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        top = Qt.AlignmentFlag.AlignTop if wrap else Qt.AlignmentFlag.AlignVCenter
        row.addWidget(self._picture, 0, top)
        row.addWidget(self.text, 1, top)
        self.set(icon, text, tint)

    def set(self, icon: str, text: str, tint: str = "text.secondary") -> None:
        """Show another state."""
        self._icon, self._tint = icon, tint
        self.text.setText(text)
        self.setAccessibleName(text)
        if self.text.property("tint") != tint:
            self.text.setProperty("tint", tint)
            restyle(self.text)
        self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icon in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._redraw()

    def _redraw(self) -> None:
        self._picture.setVisible(bool(self._icon))
        if self._icon:
            self._picture.setPixmap(pixmap(self._icon, self._tint, self._size))


class Glyph(QLabel):
    """One icon in the colour of a role."""

    def __init__(self, icon: str, role: str = "text.secondary", size: int = 18) -> None:
        super().__init__()
        self._spec = (icon, role, size)
        self.setFixedSize(size, size)
        self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._redraw()

    def _redraw(self) -> None:
        self.setPixmap(pixmap(*self._spec))


def divider() -> QFrame:
    """Return a line of 1 px."""
    line = QFrame()
    line.setObjectName("divider")
    line.setFixedHeight(1)
    return line


def frame(object_name: str, *, margins: int = 16, spacing: int = 8) -> tuple[QFrame, QVBoxLayout]:
    """Return a styled frame (``card``, ``inset``, ``popup``...) and its column."""
    made = QFrame()
    made.setObjectName(object_name)
    column = QVBoxLayout(made)
    column.setContentsMargins(margins, margins, margins, margins)
    column.setSpacing(spacing)
    return made, column


def clear(layout: QLayout) -> None:
    """Take everything out of a layout, and out of those within it; its widgets go for good."""
    while item := layout.takeAt(0):
        widget, inner = item.widget(), item.layout()
        if inner is not None:
            clear(inner)
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def key_cap(text: str) -> QLabel:
    """Return a shortcut drawn as a key."""
    made = label(text)
    made.setObjectName("keyCap")
    return made


def with_reason(button: QWidget, why: str) -> QHBoxLayout:
    """Put beside a button why it cannot be pressed; nothing where it can."""
    row = QHBoxLayout()
    row.addWidget(button)
    if why:
        row.addWidget(label(why, "small", wrap=True), 1)
    else:
        row.addStretch(1)
    return row
