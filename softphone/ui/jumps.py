"""Ways from one page to another: who looked at this, and what is this entry about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softphone.app.auditing import Found
from softphone.domain.contact import Contact
from softphone.ui.pages.audit import AuditPage
from softphone.ui.pages.contacts import ContactsPage
from softphone.ui.pages.page import Page
from softphone.ui.pages.recordings import RecordingsPage
from softphone.ui.translation import tr

if TYPE_CHECKING:
    from softphone.ui.shell import Shell


def connect_jumps(shell: Shell, page: Page) -> None:
    """Connect a new page with those it leads to."""
    if isinstance(page, ContactsPage):
        page.card.accesses_wanted.connect(lambda key, words: show_accesses(shell, key, words))
    elif isinstance(page, RecordingsPage):
        page.player.accesses_wanted.connect(lambda key, words: show_accesses(shell, key, words))
    elif isinstance(page, AuditPage):
        page.drawer.object_wanted.connect(lambda key: show_object(shell, key))


def show_accesses(shell: Shell, object_id: str, words: str) -> None:
    """Show in the audit log who did what with an object."""
    shell.show_page("audit")
    page = shell.pages.get("audit")
    if isinstance(page, AuditPage):
        page.show_about(object_id, words)


def show_object(shell: Shell, object_id: str) -> None:
    """Open the contact or recording that an entry is about; say so when it is gone."""
    desk = shell.work.desk
    shell.work.ask(shell, lambda: desk.audit.locate(object_id), lambda found: _open(shell, found))


def _open(shell: Shell, found: Found | None) -> None:
    if found is None:
        shell.notice.show_done(tr("It is not here any more, or you may not open it."))
    elif isinstance(found, Contact):
        shell.show_page("contacts")
        page = shell.pages.get("contacts")
        if isinstance(page, ContactsPage):
            page.card.show_contact(found)
    else:
        shell.open_recording(found)
