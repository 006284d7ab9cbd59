"""The sections of the privacy page: what each is called, who may open it, how it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from softphone.domain.permissions import Permission
from softphone.ui.pages.consents import ConsentsSection
from softphone.ui.pages.do_not_call import DoNotCallSection
from softphone.ui.pages.information import InformationSection
from softphone.ui.pages.requests import RequestsSection
from softphone.ui.pages.section import Section
from softphone.ui.widgets.notice import Notice
from softphone.ui.workplace import Rights, Workplace

Maker = Callable[[Workplace, Notice], Section]


@dataclass(frozen=True, slots=True)
class SectionEntry:
    """One section; any of ``rights`` opens it. ``title`` is English and translated when shown."""

    key: str
    title: str
    icon: str
    rights: tuple[Permission, ...]
    make: Maker


SECTIONS: tuple[SectionEntry, ...] = (
    SectionEntry(
        "requests",
        "Requests",
        "tray",
        (Permission.PRIVACY_MANAGE, Permission.CONTACTS_EXPORT, Permission.CONTACTS_ERASE),
        RequestsSection,
    ),
    SectionEntry(
        "consents",
        "Consents",
        "checked-list",
        (Permission.PRIVACY_MANAGE,),
        ConsentsSection,
    ),
    SectionEntry(
        "information",
        "Information",
        "file-text",
        (Permission.PRIVACY_MANAGE,),
        InformationSection,
    ),
    SectionEntry(
        "do-not-call",
        "Do not call",
        "prohibit",
        (Permission.PRIVACY_MANAGE,),
        DoNotCallSection,
    ),
)


def sections_for(rights: Rights) -> tuple[SectionEntry, ...]:
    """Return the sections that the person may open, in order."""
    return tuple(entry for entry in SECTIONS if any(map(rights.may, entry.rights)))
