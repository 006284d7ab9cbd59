"""Contacts, and what is kept about calls with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from softphone.domain.call import Direction, Disposition
from softphone.domain.consent import Consent, Informed
from softphone.domain.ids import CallId, ContactId, NoteId, RecordingId, UserId
from softphone.domain.quality import Quality
from softphone.domain.score import ScoreCard


class ContactKind(StrEnum):
    """What a contact is."""

    PERSON = "person"
    COMPANY = "company"


NUMBER_LABELS: tuple[str, ...] = ("", "work", "mobile", "home", "main", "fax", "sip", "other")
"""Usual labels of numbers; any other word may be one."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or company; numbers are E.164 (``+4930...``) or SIP addresses.

    ``labels`` stand in the order of ``numbers``; where they end, numbers have none. ``employer``
    is the company that a person belongs to, ``company`` its name as people read it.
    """

    id: ContactId
    name: str
    numbers: tuple[str, ...]
    company: str = ""
    email: str = ""
    language: str = ""
    created_at: datetime | None = None
    kind: ContactKind = ContactKind.PERSON
    employer: ContactId | None = None
    labels: tuple[str, ...] = ()
    other_emails: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def emails(self) -> tuple[str, ...]:
        """All e-mail addresses, the first one first."""
        return tuple(dict.fromkeys(e for e in (self.email, *self.other_emails) if e))

    @property
    def labelled(self) -> tuple[tuple[str, str], ...]:
        """Numbers with their labels."""
        labels = (*self.labels, *("" for _ in self.numbers))
        return tuple(zip(self.numbers, labels, strict=False))

    def with_numbers(self, pairs: Sequence[tuple[str, str]]) -> Contact:
        """Return the contact with these numbers and labels, each number once."""
        kept: dict[str, str] = {}
        for number, label in pairs:
            kept[number] = kept.get(number) or label
        return replace(self, numbers=tuple(kept), labels=trimmed_labels(tuple(kept.values())))

    def with_emails(self, emails: Sequence[str]) -> Contact:
        """Return the contact with these e-mail addresses, each once."""
        once = {email.casefold(): email for email in reversed(emails) if email}
        found = tuple(once[key] for key in dict.fromkeys(e.casefold() for e in emails if e))
        return replace(self, email=found[0] if found else "", other_emails=found[1:])


def trimmed_labels(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return labels without empty ones at the end."""
    while labels and not labels[-1]:
        labels = labels[:-1]
    return labels


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
class FiledRequest:
    """One privacy request of a contact as their file shows it; words, and times in UTC."""

    kind: str
    state: str
    received_at: datetime
    due_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class ContactFile:
    """Everything held about one contact, for the Art. 15 answer and the workbook.

    The long parts may be read page by page: they are used while the vault is open.
    """

    contact: Contact
    calls: Sequence[HistoryEntry]
    recordings: Sequence[tuple[RecordingId, datetime, int]]
    """Identifier, start (UTC), length in ms."""
    notes: Sequence[Note]
    accesses: Sequence[Access]
    consents: Sequence[Consent] = ()
    """Every change, oldest first."""
    informed: Sequence[Informed] = ()
    """What was read or played to them, oldest first."""
    requests: Sequence[FiledRequest] = ()
    scores: Sequence[ScoreCard] = ()
    """What reviewers answered about their recordings, oldest first."""
    do_not_call: tuple[str, ...] = ()
    """Titles of the do-not-call lists that one of their numbers is on."""
