"""Why a person may be called, recorded or written to, and what they were told (GDPR Art. 6, 7, 13).

A change is never altered: the newest one of a purpose is what stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from softphone.domain.ids import CallId, ContactId, UserId

RECORDING = "recording"
MARKETING = "marketing"


class LegalBasis(StrEnum):
    """The grounds of Art. 6(1)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


BASIS_WORDS: dict[LegalBasis, str] = {
    LegalBasis.CONSENT: "Consent, Art. 6(1)(a)",
    LegalBasis.CONTRACT: "Contract, Art. 6(1)(b)",
    LegalBasis.LEGAL_OBLIGATION: "Legal obligation, Art. 6(1)(c)",
    LegalBasis.VITAL_INTERESTS: "Vital interests, Art. 6(1)(d)",
    LegalBasis.PUBLIC_TASK: "Public task, Art. 6(1)(e)",
    LegalBasis.LEGITIMATE_INTERESTS: "Legitimate interests, Art. 6(1)(f)",
}


class ConsentChange(StrEnum):
    """What happened to the basis of one purpose."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    """Consent taken back, or an objection (Art. 7(3), 21)."""


class ConsentSource(StrEnum):
    """How it was obtained."""

    CALL = "call"
    FORM = "form"
    IMPORT = "import"


SOURCE_WORDS: dict[ConsentSource, str] = {
    ConsentSource.CALL: "In a call",
    ConsentSource.FORM: "Form or letter",
    ConsentSource.IMPORT: "Import",
}


@dataclass(frozen=True, slots=True)
class Purpose:
    """What data is used for. ``key`` is a short word and never changes."""

    key: str
    title: str
    in_call: bool = False
    """Whether it is asked for and shown during calls."""


FIRST_PURPOSES: tuple[Purpose, ...] = (
    Purpose(RECORDING, "Recording of calls", in_call=True),
    Purpose(MARKETING, "Marketing calls", in_call=True),
)


@dataclass(frozen=True, slots=True)
class Consent:
    """One change. ``version`` and ``language`` name the wording; 0 and empty where there is none.

    ``at_ms`` is the moment of the call at which it was said. Times are UTC.
    """

    id: str
    contact: ContactId
    purpose: str
    change: ConsentChange
    basis: LegalBasis
    source: ConsentSource
    at: datetime
    by: UserId
    by_name: str
    version: int = 0
    language: str = ""
    expires_at: datetime | None = None
    call: CallId | None = None
    at_ms: int | None = None
    note: str = ""

    def stands(self, now: datetime) -> bool:
        """Whether this basis may be relied on now."""
        return self.change is ConsentChange.GIVEN and (
            self.expires_at is None or now < self.expires_at
        )


def standing(changes: Iterable[Consent]) -> dict[str, Consent]:
    """Return the newest change of each purpose; changes come oldest first."""
    return {change.purpose: change for change in changes}


class Told(StrEnum):
    """How a text reached the person."""

    READ_OUT = "read_out"
    PLAYED = "played"
    BEEP = "beep"


TOLD_WORDS: dict[Told, str] = {
    Told.READ_OUT: "Read out by the agent",
    Told.PLAYED: "Played automatically",
    Told.BEEP: "Recording tone",
}


@dataclass(frozen=True, slots=True)
class InfoText:
    """One version of a text in one language (BCP 47): what people are told or asked (Art. 13).

    ``topic`` is the key of a purpose or a word of one's own; ``has_audio`` says that a sound file
    is kept with it.
    """

    topic: str
    version: int
    language: str
    text: str
    written_at: datetime
    by_name: str
    has_audio: bool = False


@dataclass(frozen=True, slots=True)
class Announcement:
    """A text that is played into calls; ``audio`` is its sound file, spoken by machine without."""

    version: int
    language: str
    text: str
    audio: bytes = b""


@dataclass(frozen=True, slots=True)
class Informed:
    """That a text was read or played in a call; ``contact`` where the number has one."""

    id: str
    call: CallId
    topic: str
    version: int
    language: str
    how: Told
    at: datetime
    by: UserId
    by_name: str
    contact: ContactId | None = None


@dataclass(frozen=True, slots=True)
class DoNotCallList:
    """A list of numbers that must not be called for marketing; numbers are kept as hashes only."""

    id: str
    title: str
    imported_at: datetime
    numbers: int
