"""Everything held about one contact, put together; long parts are read as they are looked at."""

from __future__ import annotations

from softphone.domain.audit import AuditDraft
from softphone.domain.contact import ContactFile
from softphone.domain.ids import ContactId
from softphone.vault.stores import Stores


def contact_file(stores: Stores, contact: ContactId, draft: AuditDraft) -> ContactFile:
    """Return the file of a contact and log that it was taken. Raises NotFound."""
    found = stores.contacts.get(contact)
    with stores.core.deeds.deed(draft):
        consents = stores.consents.history(contact)
        informed = stores.informing.of_contact(contact)
    return ContactFile(
        contact=found,
        calls=stores.calls.of_contact(contact),
        recordings=stores.recordings.of_contact(contact),
        notes=stores.notes.about(contact),
        accesses=stores.audit.accesses(contact),
        consents=consents,
        informed=informed,
        do_not_call=stores.do_not_call.on_lists(found.numbers),
    )
