"""Settings: changes apply at once; what needs a check has one button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from softphone.ui.pages.page import Page
from softphone.ui.pages.sectioned import section_item
from softphone.ui.pages.settings_account import AccountSection
from softphone.ui.pages.settings_calls import CallSection
from softphone.ui.pages.settings_fleet import FleetSection
from softphone.ui.pages.settings_look import AppearanceSection, KeyboardSection
from softphone.ui.pages.settings_rest import AboutSection
from softphone.ui.pages.settings_sound import SoundSection
from softphone.ui.pages.settings_texts import TextsSection
from softphone.ui.pages.settings_workplace import WorkplaceSection
from softphone.ui.translation import tr
from softphone.ui.workplace import Workplace


class SettingsPage(Page):
    """Sections in a list at the left."""

    key = "settings"
    holds_forms = True

    def __init__(self, work: Workplace, settings: QSettings) -> None:
        super().__init__(work, tr("Settings"))
        self.header.setContentsMargins(24, 16, 24, 8)
        self._stack = QStackedWidget()
        self._group = QButtonGroup(self)
        self.sections: dict[str, QWidget] = {}
        names = QVBoxLayout()
        names.setContentsMargins(12, 4, 12, 12)
        names.setSpacing(4)
        entries: tuple[tuple[str, str, str, Callable[[], QWidget]], ...] = (
            ("appearance", tr("Appearance"), "eye", lambda: AppearanceSection(work, settings)),
            ("account", tr("Account"), "user", lambda: AccountSection(work)),
            ("calls", tr("Calls"), "phone-call", lambda: CallSection(work)),
            (
                "workplace",
                tr("Workplace"),
                "lock-simple",
                lambda: WorkplaceSection(work),
            ),
            ("devices", tr("Sound"), "speaker-high", lambda: SoundSection(work)),
            ("texts", tr("Training"), "student", lambda: TextsSection(work)),
            ("fleet", tr("Workstations"), "desktop", lambda: FleetSection(work)),
            ("keyboard", tr("Keyboard"), "keyboard", lambda: KeyboardSection(settings)),
            ("about", tr("About"), "info", lambda: AboutSection(work)),
        )
        for key, title, icon, make in entries:
            item = section_item(title, icon)
            section = make()
            scroll = QScrollArea()
            scroll.setWidgetResizable(True)
            scroll.setWidget(_padded(section))
            self._stack.addWidget(scroll)
            self.sections[key] = section
            item.clicked.connect(lambda _on=False, k=key: self.show_section(k))
            names.addWidget(item)
            self._group.addButton(item)
        names.addStretch(1)
        self._group.buttons()[0].setChecked(True)
        side = QWidget()
        side.setObjectName("settingsList")
        side.setFixedWidth(200)
        side.setLayout(names)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(self._stack, 1)
        self.column.addLayout(row, 1)

    def show_section(self, key: str) -> None:
        """Bring a section to the front."""
        for number, known in enumerate(self.sections):
            if known == key:
                self._stack.setCurrentIndex(number)
                self._group.buttons()[number].setChecked(True)
        if isinstance(fleet := self.sections.get(key), FleetSection):
            fleet.reload()

    def activate(self) -> None:
        """Read the accounts again."""
        section = self.sections["account"]
        if isinstance(section, AccountSection):
            section.reload()
        fleet = self.sections["fleet"]
        if isinstance(fleet, FleetSection) and fleet.isVisible():
            fleet.reload()


def _padded(section: QWidget) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(24, 4, 24, 24)
    section.setMaximumWidth(960 if isinstance(section, SoundSection) else 760)
    column.addWidget(section)
    column.addStretch(1)
    return holder
