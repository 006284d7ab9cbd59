"""What the agent sees of a call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from softphone.domain.ids import AccountId, CallId, RecordingId
from softphone.domain.quality import Quality


class Direction(StrEnum):
    """Who began the call, seen from this phone."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


class CallState(StrEnum):
    """Where a call stands."""

    DIALLING = "dialling"
    RINGING = "ringing"
    INCOMING = "incoming"
    ESTABLISHED = "established"
    HELD = "held"
    ENDED = "ended"


class Disposition(StrEnum):
    """How a call ended."""

    ANSWERED = "answered"
    MISSED = "missed"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    FAILED = "failed"


class RecordingState(StrEnum):
    """State of the recording of a call; state and effect are one thing."""

    OFF = "off"
    RECORDING = "recording"
    PAUSED = "paused"
    FAILED = "failed"


LIVE_STATES = frozenset(set(CallState) - {CallState.ENDED})


@dataclass(frozen=True, slots=True)
class Call:
    """A snapshot of one call. Times are UTC; ``number`` is what was dialled or presented."""

    id: CallId
    account: AccountId
    direction: Direction
    state: CallState
    number: str
    display_name: str = ""
    started_at: datetime | None = None
    established_at: datetime | None = None
    ended_at: datetime | None = None
    muted: bool = False
    held_by_us: bool = False
    held_by_them: bool = False
    early_media: bool = False
    """Whether the far side's sound arrives before the answer (its own ringback)."""
    encrypted: bool = False
    codec: str = ""
    recording: RecordingState = RecordingState.OFF
    recording_id: RecordingId | None = None
    sealed_for: str = ""
    disposition: Disposition | None = None
    status: int = 0
    reason: str = ""
    quality: Quality | None = None
    conference: bool = False
    """Whether the call is mixed with another one here."""
    transfer: str = ""
    """How a transfer of this call stands, in words; empty when there is none."""
    replaces: CallId | None = None
    """The call whose place this one takes (transferred by the far side, RFC 3515, RFC 3891)."""
    auto_answered: bool = False
    """Whether the phone answered by itself: the agent must be told, for the caller hears them."""

    @property
    def live(self) -> bool:
        """Whether the call still goes on."""
        return self.state in LIVE_STATES


@dataclass(frozen=True, slots=True)
class Availability:
    """What happens to incoming calls. Targets are E.164, extensions or ``user@host``."""

    do_not_disturb: bool = False
    forward_always: str = ""
    forward_busy: str = ""
    forward_no_answer: str = ""
    no_answer_s: int = 20
    auto_answer: bool = False
    """Answer every call; a call that asks for it by header needs ``auto_answer_by_header``."""
    auto_answer_by_header: bool = False


SENTENCES: dict[int, str] = {
    400: "The other side did not understand the call.",
    403: "The call is not permitted.",
    404: "This number does not exist.",
    408: "Nobody answered in time.",
    410: "This number is no longer in use.",
    415: "The other side offers no usable sound format.",
    480: "The person cannot be reached now.",
    484: "The number is incomplete.",
    486: "Busy.",
    487: "The call was cancelled.",
    488: "The other side offers no encryption or no common sound format.",
    500: "The telephone system had an internal error.",
    502: "The telephone system could not pass the call on.",
    503: "The telephone system is not available.",
    600: "Busy everywhere.",
    603: "The call was declined.",
    604: "This number does not exist anywhere.",
    606: "The other side cannot take this kind of call.",
}


IPV6_SOUND = "The other side sends its sound over IPv6 only, which this phone cannot take. Tell IT."
BEFORE_IT_BEGAN: tuple[str, ...] = (
    "The phone is not registered.",
    "The number cannot be dialled.",
    "All lines are in use.",
    "The other side offers no encryption.",
    IPV6_SOUND,
)
"""Why a call ended that never reached the far side, or was ended by this phone."""


def sentence_for(status: int) -> str:
    """Return a sentence an agent understands for a SIP status code (RFC 3261, section 21)."""
    if status in SENTENCES:
        return SENTENCES[status]
    if 300 <= status < 400:
        return "The number has moved."
    return f"The call failed (code {status})."


TRANSFER_STEPS: tuple[str, ...] = ("under way", "ringing", "transferred")
TRANSFER_FAILED = "The transfer failed: "
"""What :attr:`Call.transfer` says: a step, or this and a sentence."""


def disposition_for(direction: Direction, status: int, *, established: bool) -> Disposition:
    """Return how a call ended from its final SIP status and whether it was ever answered."""
    if established:
        return Disposition.ANSWERED
    if status in (486, 600):
        return Disposition.BUSY
    if status == 603:
        return Disposition.DECLINED
    if direction is Direction.INCOMING:
        return Disposition.MISSED
    if status == 487:
        return Disposition.CANCELLED
    if status in (408, 480):
        return Disposition.NO_ANSWER
    return Disposition.FAILED
