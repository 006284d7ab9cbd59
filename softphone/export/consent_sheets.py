"""Legal bases, information and requests as sheets."""

from __future__ import annotations

from softphone.domain.consent import BASIS_WORDS, SOURCE_WORDS, TOLD_WORDS
from softphone.domain.contact import ContactFile
from softphone.export.times import Sheet, Zone, length


def consents_sheet(data: ContactFile, zone: Zone) -> Sheet:
    """Return every change of a legal basis, oldest first."""
    columns = [
        *((zone.titled("When"), 22), ("Offset", 11), ("Purpose", 22), ("Change", 12)),
        *(("Basis", 32), ("Wording version", 10), ("Language", 11), ("Source", 16)),
        *(("In the call at", 11), (zone.titled("Expires"), 22), ("Recorded by", 24)),
        *(("Note", 50), ("Call", 38)),
    ]
    rows = (
        (
            zone.local(change.at),
            zone.offset(change.at),
            change.purpose,
            change.change.value,
            BASIS_WORDS[change.basis],
            change.version or None,
            change.language,
            SOURCE_WORDS[change.source],
            None if change.at_ms is None else length(change.at_ms),
            zone.local(change.expires_at),
            change.by_name,
            change.note,
            change.call,
        )
        for change in data.consents
    )
    return "Consents", columns, rows


def informed_sheet(data: ContactFile, zone: Zone) -> Sheet:
    """Return what was read or played to the person, oldest first."""
    columns = [
        *((zone.titled("When"), 22), ("Offset", 11), ("Text", 22), ("Version", 10)),
        *(("Language", 11), ("How", 26), ("By", 24), ("Call", 38)),
    ]
    rows = (
        (
            zone.local(told.at),
            zone.offset(told.at),
            told.topic,
            told.version or None,
            told.language,
            TOLD_WORDS[told.how],
            told.by_name,
            told.call,
        )
        for told in data.informed
    )
    return "Informed", columns, rows


def requests_sheet(data: ContactFile, zone: Zone) -> Sheet:
    """Return the privacy requests of the person."""
    columns = [
        *((zone.titled("Received"), 22), ("Offset", 11), ("Kind", 22), ("State", 16)),
        *((zone.titled("Due"), 22), (zone.titled("Closed"), 22), ("Outcome", 44), ("By", 24)),
    ]
    rows = (
        (
            zone.local(request.received_at),
            zone.offset(request.received_at),
            request.kind,
            request.state,
            zone.local(request.due_at),
            zone.local(request.closed_at),
            request.outcome,
            request.by,
        )
        for request in data.requests
    )
    return "Requests", columns, rows
