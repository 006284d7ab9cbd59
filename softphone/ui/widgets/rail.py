"""The rail: only what the person may use, an icon and a word each."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from softphone.domain.permissions import Permission
from softphone.ui.translation import tr
from softphone.ui.widgets.basic import WordButton
from softphone.ui.workplace import Rights


@dataclass(frozen=True, slots=True)
class Place:
    """A page in the rail. ``digit`` is its place on the keyboard, the same for everybody.

    Any of ``rights`` opens it; a page without rights is everybody's.
    """

    key: str
    title: str
    icon: str
    digit: int
    rights: tuple[Permission, ...] = ()


PLACES = (
    Place("phone", "Phone", "phone", 1),
    Place("history", "History", "clock", 2),
    Place("contacts", "Contacts", "users", 3, (Permission.CONTACTS_READ,)),
    Place("recordings", "Recordings", "sound-wave", 4, (Permission.RECORDINGS_LISTEN,)),
    Place(
        "privacy",
        "Privacy",
        "shield",
        6,
        (Permission.PRIVACY_MANAGE, Permission.CONTACTS_ERASE, Permission.POLICY_MANAGE),
    ),
    Place("audit", "Audit", "checked-list", 5, (Permission.AUDIT_READ,)),
    Place("administration", "Admin", "users-three", 7, (Permission.USERS_MANAGE,)),
    Place("settings", "Settings", "sliders-horizontal", 8),
)


def places_for(rights: Rights) -> tuple[Place, ...]:
    """Return the pages that the person may use."""
    return tuple(p for p in PLACES if not p.rights or any(map(rights.may, p.rights)))


class Rail(QWidget):
    """Emits the key of the page that was chosen."""

    chosen = Signal(str)

    def __init__(self, places: tuple[Place, ...]) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("Pages"))
        self.setFixedWidth(96)
        self.items: dict[str, WordButton] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 8, 4, 8)
        column.setSpacing(4)
        for place in places:
            if place.key == "settings":
                column.addStretch(1)
            item = WordButton(
                tr(place.title),
                place.icon,
                object_name="railItem",
                role="text.secondary",
                on_role="accent.text",
            )
            item.setFixedSize(88, 56)
            item.setToolTip(f"{tr(place.title)} (Ctrl+{place.digit})")
            item.clicked.connect(lambda _on=False, key=place.key: self.chosen.emit(key))
            self._group.addButton(item)
            self.items[place.key] = item
            column.addWidget(item)

    def select(self, key: str) -> None:
        """Show which page is in front."""
        if key in self.items:
            self.items[key].setChecked(True)
