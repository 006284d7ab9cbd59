"""Makes a page when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSettings

from softphone.ui.call_actions import CallActions
from softphone.ui.pages.administration import AdministrationPage
from softphone.ui.pages.audit import AuditPage
from softphone.ui.pages.contacts import ContactsPage
from softphone.ui.pages.history import HistoryPage
from softphone.ui.pages.page import Page
from softphone.ui.pages.phone import PhonePage
from softphone.ui.pages.privacy import PrivacyPage
from softphone.ui.pages.recordings import RecordingsPage
from softphone.ui.pages.settings import SettingsPage
from softphone.ui.widgets.notice import Notice
from softphone.ui.workplace import Workplace


def make_page(
    key: str, work: Workplace, actions: CallActions, notice: Notice, settings: QSettings
) -> Page:
    """Return a new page; an unknown key raises KeyError."""
    makers: dict[str, Callable[[], Page]] = {
        "phone": lambda: PhonePage(work, actions),
        "history": lambda: HistoryPage(work, actions),
        "contacts": lambda: ContactsPage(work, actions, notice),
        "recordings": lambda: RecordingsPage(work, settings),
        "privacy": lambda: PrivacyPage(work, notice),
        "administration": lambda: AdministrationPage(work, notice),
        "audit": lambda: AuditPage(work),
        "settings": lambda: SettingsPage(work, settings),
    }
    return makers[key]()
