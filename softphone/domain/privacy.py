"""Erasure of a data subject: plan, steps, tombstone and receipt (GDPR Art. 17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from softphone.domain.ids import ContactId, DeviceId, ErasureId, RecordingId, SubjectPseudonym


class ErasureReason(StrEnum):
    """Why, as a code that may leave the workstation."""

    SUBJECT_REQUEST = "art17_request"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    RETENTION_ENDED = "retention_ended"
    RECORDING_DELETED = "recording_deleted"


class ErasureStep(StrEnum):
    """The steps of the erasure, in order; each is resumable."""

    INTENT_LOGGED = "intent_logged"
    RESTRICTED = "restricted"
    KEYS_DESTROYED = "keys_destroyed"
    DATA_DELETED = "data_deleted"
    REMAINS_SEARCHED = "remains_searched"
    DONE = "done"


STEP_ORDER: tuple[ErasureStep, ...] = tuple(ErasureStep)


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What will go, in counts, before anything goes."""

    contact: ContactId
    calls: int
    recordings: int
    notes: int
    audit_details: int
    workstations: int = 1


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
