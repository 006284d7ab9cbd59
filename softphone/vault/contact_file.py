"""Everything held about one contact, put together; long parts are read as they are looked at."""

from __future__ import annotations

from softphone.domain.audit import AuditDraft
from softphone.domain.contact import ContactFile, FiledRequest
from softphone.domain.ids import ContactId
from softphone.domain.request import KIND_WORDS, DataRequest
from softphone.vault.stores import Stores


def _filed(request: DataRequest) -> FiledRequest:
    return FiledRequest(
        KIND_WORDS[request.kind],
        request.state.value,
        request.received_at,
        request.due_at,
        request.closed_at,
        request.outcome,
        request.history[-1].by if request.history else "",
    )


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
        requests=tuple(_filed(request) for request in stores.requests.of_contact(contact)),
        scores=stores.scores.about(contact),
        do_not_call=stores.do_not_call.on_lists(found.numbers),
    )
