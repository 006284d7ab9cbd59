"""Who is heard in a recording: whose call it began in, and who came into it by a transfer.

A transferred call keeps its recording (RFC 3515, RFC 3891), so a recording may hold the voices of
several people. Each of them has the rights of a data subject in it (GDPR Art. 15, 17, 18). They are
known by their calls; where a recording came from another workstation, by its package.
"""

from __future__ import annotations

from collections.abc import Iterable

from softphone.domain.ids import ContactId, RecordingId
from softphone.vault.core import Core

OF_CONTACTS = (
    "SELECT id FROM recordings WHERE contact_id IN ({contacts}) UNION"
    " SELECT r.id FROM calls c JOIN recordings r ON r.id = c.recording_id"
    " WHERE c.contact_id IN ({contacts}) UNION"
    " SELECT recording_id FROM heard_people WHERE contact_id IN ({contacts})"
)
"""The recordings in which the contacts of a query are heard."""
OF_CONTACT = OF_CONTACTS.format(contacts=":contact")
"""The same for one contact."""
BY_NUMBER = (
    "SELECT id FROM recordings WHERE number = :number UNION"
    " SELECT r.id FROM calls c JOIN recordings r ON r.id = c.recording_id"
    " WHERE c.number = :number UNION"
    " SELECT recording_id FROM heard_people WHERE number = :number"
)
"""The recordings in which whoever has a number is heard."""
_JOINED = (
    "SELECT o.contact_id AS contact, coalesce(p.name, o.shown_name) AS name, o.number AS number"
    " FROM calls o LEFT JOIN contacts p ON p.id = o.contact_id"
    " WHERE o.recording_id = {recording} AND o.id <> {call} UNION ALL"
    " SELECT h.contact_id, coalesce(p.name, ''), h.number"
    " FROM heard_people h LEFT JOIN contacts p ON p.id = h.contact_id"
    " WHERE h.recording_id = {recording}"
)
JOINED = _JOINED.format(recording="r.id", call="r.call_id")
"""Who came into the recording of a row ``r``: contact, name (or empty), number."""
_JOINED_ONE = _JOINED.format(
    recording=":recording", call="(SELECT call_id FROM recordings WHERE id = :recording)"
)
PEOPLE_IN = (
    "SELECT contact_id FROM recordings WHERE contact_id IS NOT NULL AND id IN ({recordings}) UNION"
    " SELECT contact_id FROM calls WHERE contact_id IS NOT NULL AND recording_id IN ({recordings})"
    " UNION SELECT contact_id FROM heard_people"
    " WHERE contact_id IS NOT NULL AND recording_id IN ({recordings})"
)
"""The contacts who are heard in the recordings of a query."""
_IN_RECORDING = PEOPLE_IN.format(recordings=":recording")


def people_heard(core: Core, recordings: Iterable[RecordingId]) -> tuple[ContactId, ...]:
    """Return the contacts who are heard in recordings."""
    found: dict[ContactId, None] = {}
    for recording in recordings:
        rows = core.connection.execute(_IN_RECORDING, {"recording": recording}).fetchall()
        found.update((ContactId(contact), None) for (contact,) in rows)
    return tuple(found)


def joined(core: Core, recording: RecordingId) -> tuple[tuple[str, str], ...]:
    """Return name (or empty) and number of those who came into a recording by a transfer."""
    rows = core.connection.execute(_JOINED_ONE, {"recording": recording}).fetchall()
    return tuple(dict.fromkeys((name, number) for _, name, number in rows))
