"""A page of sections: their names in a list at the left, the open one at the right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from softphone.domain.permissions import Permission
from softphone.ui.pages.page import Page
from softphone.ui.pages.section import Section
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import WordButton
from softphone.ui.widgets.notice import Notice
from softphone.ui.workplace import Workplace

Maker = Callable[[Workplace, Notice], Section]


@dataclass(frozen=True, slots=True)
class SectionEntry:
    """One section; any of ``rights`` opens it. ``title`` is English and translated when shown."""

    key: str
    title: str
    icon: str
    rights: tuple[Permission, ...]
    make: Maker


class SectionedPage(Page):
    """What a section shows and asks is its own business."""

    def __init__(
        self, work: Workplace, notice: Notice, title: str, entries: Iterable[SectionEntry]
    ) -> None:
        super().__init__(work, title)
        self._notice = notice
        self._entries = {entry.key: entry for entry in entries}
        self._stack = QStackedWidget()
        self._group = QButtonGroup(self)
        self.items: dict[str, WordButton] = {}
        self.sections: dict[str, Section] = {}
        names = QVBoxLayout()
        names.setContentsMargins(12, 4, 12, 12)
        names.setSpacing(4)
        for entry in self._entries.values():
            names.addWidget(self._item(entry))
        names.addStretch(1)
        side = QWidget()
        side.setObjectName("settingsList")
        side.setAccessibleName(tr("Sections"))
        side.setFixedWidth(216)
        side.setLayout(names)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(self._stack, 1)
        self.column.addLayout(row, 1)
        self.current = next(iter(self._entries))

    def activate(self) -> None:
        """Open the section that was open last."""
        self.show_section(self.current)

    def show_section(self, key: str) -> None:
        """Bring a section to the front; one that the person may not open does nothing."""
        if key not in self._entries:
            return
        if key not in self.sections:
            section = self._entries[key].make(self.work, self._notice)
            self.sections[key] = section
            self._stack.addWidget(section)
        self.current = key
        self.items[key].setChecked(True)
        self._stack.setCurrentWidget(self.sections[key])
        self.sections[key].activate()

    def reload(self) -> None:
        """Read the open section again."""
        self.show_section(self.current)

    def changed(self, kinds: frozenset[str]) -> None:
        """Pass on what changed to the open section."""
        if self.current in self.sections:
            self.sections[self.current].changed(kinds)

    def _item(self, entry: SectionEntry) -> WordButton:
        item = section_item(tr(entry.title), entry.icon)
        item.clicked.connect(lambda _on=False, key=entry.key: self.show_section(key))
        self._group.addButton(item)
        self.items[entry.key] = item
        return item


def section_item(title: str, icon: str) -> WordButton:
    """Return a section's name for the list at the left."""
    item = WordButton(
        title,
        icon,
        object_name="settingsItem",
        role="text.secondary",
        on_role="accent.text",
        size=18,
    )
    item.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    item.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    item.setFixedHeight(36)
    return item
