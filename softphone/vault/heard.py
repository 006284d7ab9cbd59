"""Who is heard in a recording: whose call it began in, and who came into it by a transfer.

A transferred call keeps its recording (RFC 3515, RFC 3891), so a recording may hold the voices of
several people. Each of them has the rights of a data subject in it (GDPR Art. 15, 17, 18).
"""

from __future__ import annotations

from collections.abc import Iterable

from softphone.domain.ids import ContactId, RecordingId
from softphone.vault.core import Core

OF_CONTACT = (
    "SELECT id FROM recordings WHERE contact_id = :contact UNION"
    " SELECT r.id FROM calls c JOIN recordings r ON r.id = c.recording_id"
    " WHERE c.contact_id = :contact"
)
"""The recordings in which a contact is heard."""
OF_CONTACTS = (
    "SELECT id FROM recordings WHERE contact_id IN ({contacts}) UNION"
    " SELECT r.id FROM calls c JOIN recordings r ON r.id = c.recording_id"
    " WHERE c.contact_id IN ({contacts})"
)
"""The same for a query of contacts."""
BY_NUMBER = (
    "SELECT id FROM recordings WHERE number = :number UNION"
    " SELECT r.id FROM calls c JOIN recordings r ON r.id = c.recording_id WHERE c.number = :number"
)
"""The recordings in which whoever has a number is heard."""
_IN_RECORDING = (
    "SELECT contact_id FROM recordings WHERE id = :recording AND contact_id IS NOT NULL UNION"
    " SELECT contact_id FROM calls WHERE recording_id = :recording AND contact_id IS NOT NULL"
)


def people_heard(core: Core, recordings: Iterable[RecordingId]) -> tuple[ContactId, ...]:
    """Return the contacts who are heard in recordings."""
    found: dict[ContactId, None] = {}
    for recording in recordings:
        rows = core.connection.execute(_IN_RECORDING, {"recording": recording}).fetchall()
        found.update((ContactId(contact), None) for (contact,) in rows)
    return tuple(found)
