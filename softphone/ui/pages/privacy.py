"""The privacy page."""

from __future__ import annotations

from softphone.ui.pages.privacy_sections import sections_for
from softphone.ui.pages.sectioned import SectionedPage
from softphone.ui.translation import tr
from softphone.ui.widgets.notice import Notice
from softphone.ui.workplace import Workplace


class PrivacyPage(SectionedPage):
    """The privacy centre."""

    key = "privacy"

    def __init__(self, work: Workplace, notice: Notice) -> None:
        super().__init__(work, notice, tr("Privacy"), sections_for(work.rights))
