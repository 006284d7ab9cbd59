"""Which theme is on: light, dark, or as the system says; one style sheet for the application."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from softphone.ui.theme.style import style_sheet
from softphone.ui.theme.tokens import Palette, palette


class ThemeChoice(StrEnum):
    """What the person chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


_PALETTE_ROLES = {
    QPalette.ColorRole.Window: "bg.surface",
    QPalette.ColorRole.WindowText: "text.primary",
    QPalette.ColorRole.Base: "bg.surface",
    QPalette.ColorRole.AlternateBase: "bg.window",
    QPalette.ColorRole.Text: "text.primary",
    QPalette.ColorRole.Button: "bg.raised",
    QPalette.ColorRole.ButtonText: "text.primary",
    QPalette.ColorRole.Highlight: "accent.fill",
    QPalette.ColorRole.HighlightedText: "accent.on",
    QPalette.ColorRole.PlaceholderText: "text.tertiary",
    QPalette.ColorRole.ToolTipBase: "bg.raised",
    QPalette.ColorRole.ToolTipText: "text.primary",
    QPalette.ColorRole.Link: "accent.text",
}


class _Active:
    """The palette in force; painters and icons read it at paint time."""

    palette: Palette = palette("light")


def colour(role: str) -> QColor:
    """Return the colour of a role in the theme that is on."""
    return QColor(_Active.palette[role])


def active_name() -> str:
    """Return ``light`` or ``dark``."""
    return _Active.palette.name


class Theme(QObject):
    """Applies the chosen theme to the application and follows the system when asked to."""

    changed = Signal(str)

    def __init__(self, application: QApplication, choice: ThemeChoice = ThemeChoice.SYSTEM) -> None:
        super().__init__(application)
        self._application = application
        self._choice = choice
        fusion = QStyleFactory.create("Fusion")
        if fusion is not None:
            application.setStyle(fusion)
        font = application.font()
        font.setPixelSize(13)
        font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
        application.setFont(font)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)
        self._apply()

    @property
    def choice(self) -> ThemeChoice:
        """What the person chose."""
        return self._choice

    def choose(self, choice: ThemeChoice) -> None:
        """Switch at once."""
        self._choice = choice
        self._apply()

    def _follow(self) -> None:
        if self._choice is ThemeChoice.SYSTEM:
            self._apply()

    def _resolved(self) -> str:
        if self._choice is not ThemeChoice.SYSTEM:
            return self._choice.value
        scheme = QGuiApplication.styleHints().colorScheme()
        return "dark" if scheme is Qt.ColorScheme.Dark else "light"

    def _apply(self) -> None:
        name = self._resolved()
        _Active.palette = palette(name)
        colours = QPalette()
        for role, token in _PALETTE_ROLES.items():
            colours.setColor(role, colour(token))
        disabled = QPalette.ColorGroup.Disabled
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
            colours.setColor(disabled, role, colour("disabled.text"))
        self._application.setPalette(colours)
        self._application.setStyleSheet(style_sheet(_Active.palette))
        self.changed.emit(name)
