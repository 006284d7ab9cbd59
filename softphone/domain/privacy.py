"""Erasure of a data subject: plan, steps, tombstone and receipt (GDPR Art. 17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from softphone.domain.ids import (
    ContactId,
    DeviceId,
    ErasureId,
    NoteId,
    RecordingId,
    SubjectPseudonym,
)


class ErasureReason(StrEnum):
    """Why, as a code that may leave the workstation."""

    SUBJECT_REQUEST = "art17_request"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    RETENTION_ENDED = "retention_ended"
    RECORDING_DELETED = "recording_deleted"
    DEVICE_GIVEN_UP = "device_given_up"
    """A whole workstation is to destroy everything: ``Tombstone.target`` says which."""


class ErasureStep(StrEnum):
    """The steps of the erasure, in order; each is resumable."""

    INTENT_LOGGED = "intent_logged"
    RESTRICTED = "restricted"
    KEYS_DESTROYED = "keys_destroyed"
    DATA_DELETED = "data_deleted"
    REMAINS_SEARCHED = "remains_searched"
    DONE = "done"


STEP_ORDER: tuple[ErasureStep, ...] = tuple(ErasureStep)


class RestrictionKind(StrEnum):
    """Why a person's data is only kept and not used."""

    RESTRICTED = "restricted"
    """GDPR Art. 18."""
    HELD = "held"
    """A legal hold: GDPR Art. 17(3)(b) or (e)."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """A restriction or a hold, and who decided it. ``since`` is UTC."""

    contact: ContactId
    kind: RestrictionKind
    since: datetime
    by: str
    reason: str
    erasure_queued: bool = False
    """The person asked for erasure; it is due when the hold ends."""


@dataclass(frozen=True, slots=True)
class Rectification:
    """What was corrected (GDPR Art. 16), with what it was before. ``at`` is UTC."""

    contact: ContactId
    at: datetime
    by: str
    reason: str
    before: dict[str, str]
    after: dict[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """What an erasure leaves, how much of it, and the law that says so."""

    what: str
    count: int
    why: str


KEPT_AUDIT = (
    "Audit entries, without names and numbers",
    "They prove who did what (Art. 17(3)(b) and (e), Art. 5(2)).",
)
KEPT_REQUESTS = (
    "Privacy requests, without the person",
    "They prove that requests were answered in time (Art. 5(2)).",
)
KEPT_SHARED = (
    "Numbers that somebody else has as well",
    "They are the other person's data, too.",
)
"""What an erasure leaves, and why."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A note that is not the person's but has their name or number in it; a human decides."""

    note: NoteId
    author: str
    written_at: datetime
    text: str
    found: str
    """The word that was found."""


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What will go, in counts, before anything goes."""

    contact: ContactId
    calls: int
    recordings: int
    notes: int
    audit_details: int
    workstations: int = 1
    requests: int = 0
    stays: tuple[Kept, ...] = ()
    mentions: tuple[Mention, ...] = ()
    hold: Restriction | None = None
    """A legal hold that stops the erasure for now."""
    with_others: int = 0
    """How many of the recordings go for others too, who are heard in them."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Proof of an erasure without content: no name, number, free text or Call-ID.

    Scope is a set of recordings, or one subject by keyed pseudonym(s). ``signature`` is Ed25519
    (base64) over the canonical JSON of all other fields, by the device that carried it out first.
    """

    erasure: ErasureId
    device: DeviceId
    reason: ErasureReason
    executed_at: datetime
    recordings: tuple[RecordingId, ...] = ()
    subjects: tuple[SubjectPseudonym, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    signature: str = ""
    target: DeviceId | None = None
    """The workstation that has to destroy everything it holds; None for all other erasures."""


@dataclass(frozen=True, slots=True)
class ErasedBefore:
    """What a copy of a vault knows to be erased: random ids, and pseudonyms with the time.

    ``unsent`` are its tombstones that no server has yet: others have to hear of them.
    """

    objects: tuple[str, ...]
    subjects: tuple[tuple[SubjectPseudonym, datetime], ...]
    unsent: tuple[Tombstone, ...] = ()


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """Handed to the data subject; holds no personal data and proves itself by the audit log."""

    erasure: ErasureId
    executed_at: datetime
    reason: ErasureReason
    counts: tuple[tuple[str, int], ...]
    remains_found: int
    entry_index: int
    checkpoint: str
    """The signed note (C2SP) that covers the entry."""


@dataclass(frozen=True, slots=True)
class ErasureProof:
    """What a search for an erased person came to."""

    erasure: ErasureId
    in_log: bool
    """The receipt's entry is in this workstation's log, under its signature."""
    rows_left: int
    """Rows, keys and payloads of what was erased that are still here."""
    remains: int
    """Occurrences of the words in the profile, decrypted pages included."""
    words_searched: int
    elsewhere: tuple[str, ...] = ()
    """Files outside of the vault that hold one of the words, such as exports; not deleted."""

    @property
    def holds(self) -> bool:
        """Whether nothing is left in the vault."""
        return self.in_log and not self.rows_left and not self.remains
