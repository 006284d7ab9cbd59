"""Contacts, and what is kept about calls with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from softphone.domain.call import Direction, Disposition
from softphone.domain.ids import CallId, ContactId, NoteId, RecordingId, UserId
from softphone.domain.quality import Quality


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or company; numbers are E.164 (``+4930...``) or SIP addresses."""

    id: ContactId
    name: str
    numbers: tuple[str, ...]
    company: str = ""
    email: str = ""
    language: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One finished call as history shows it."""

    call: CallId
    contact: ContactId | None
    contact_name: str
    number: str
    direction: Direction
    disposition: Disposition
    agent: UserId
    agent_name: str
    started_at: datetime
    talk_ms: int
    wrap_up: str = ""
    recording: RecordingId | None = None
    note: str = ""
    quality_mos: float | None = None
    reason: str = ""
    """Why a call never began, in words; empty for one that was answered."""
    quality: Quality | None = None
    """The whole call's figures; older calls have their MOS only."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note about a contact, a call, or a moment of a recording (``at_ms``)."""

    id: NoteId
    author: UserId
    author_name: str
    written_at: datetime
    text: str
    contact: ContactId | None = None
    call: CallId | None = None
    recording: RecordingId | None = None
    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """One line of who accessed what of a contact."""

    when: datetime
    who: str
    action: str
    result: str


@dataclass(frozen=True, slots=True)
class ContactFile:
    """Everything held about one contact, for the Art. 15 answer and the workbook."""

    contact: Contact
    calls: tuple[HistoryEntry, ...]
    recordings: tuple[tuple[RecordingId, datetime, int], ...]
    """Identifier, start (UTC), length in ms."""
    notes: tuple[Note, ...]
    accesses: tuple[Access, ...]
