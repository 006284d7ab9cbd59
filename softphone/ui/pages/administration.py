"""The administration page: who works here, and what they may."""

from __future__ import annotations

from softphone.domain.permissions import Permission
from softphone.ui.pages.people_section import PeopleSection
from softphone.ui.pages.role_rights_section import RoleRightsSection
from softphone.ui.pages.sectioned import SectionedPage, SectionEntry
from softphone.ui.translation import tr
from softphone.ui.widgets.notice import Notice
from softphone.ui.workplace import Workplace

SECTIONS: tuple[SectionEntry, ...] = (
    SectionEntry("people", "People", "users", (Permission.USERS_MANAGE,), PeopleSection),
    SectionEntry(
        "rights", "Roles", "identification-badge", (Permission.USERS_MANAGE,), RoleRightsSection
    ),
)


class AdministrationPage(SectionedPage):
    """For whoever manages people."""

    key = "administration"

    def __init__(self, work: Workplace, notice: Notice) -> None:
        mine = [entry for entry in SECTIONS if any(map(work.rights.may, entry.rights))]
        super().__init__(work, notice, tr("Administration"), mine)
