"""Recordings: what is known of one without hearing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from softphone.domain.call import Direction
from softphone.domain.ids import CallId, ContactId, GroupId, RecordingId, UserId


class GapReason(StrEnum):
    """Why nothing was captured for a while."""

    CARD_PAYMENT = "card_payment"
    AGENT_PAUSED = "agent_paused"
    HOLD = "hold"
    TRANSFER = "transfer"
    CONFERENCE = "conference"
    """No gap: somebody joined or left; ``call`` says which leg."""
    DISK_FULL = "disk_full"
    CRASH = "crash"


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without capture; positions in ms of call time, ``at_ms`` is also audio time."""

    at_ms: int
    length_ms: int
    reason: GapReason
    call: CallId | None = None
    """The other call of a transfer or conference."""


@dataclass(frozen=True, slots=True)
class Stanza:
    """One recipient stanza of an age header (C2SP age.md): type, arguments, body."""

    type: str
    args: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the audit log signs about a finished recording.

    ``payload_sha256`` (hex) is over the payload file with its 16-byte nonce; lengths in bytes
    and ms of audio. Channel order is agent left, customer right.
    """

    recording: RecordingId
    payload_sha256: str
    payload_bytes: int
    audio_ms: int
    codec: str
    sample_rate_hz: int
    gaps: tuple[Gap, ...] = ()
    complete: bool = True
    """False when the tail after a crash is still to be closed by a listener."""


@dataclass(frozen=True, slots=True)
class SealedRecording:
    """A finished recording as the engine's journal hands it to the vault.

    ``stanzas`` are the age header's stanzas plus its MAC; ``number`` is the far side's as dialled
    or presented.
    """

    manifest: Manifest
    call: CallId
    agent: UserId
    team: str
    direction: Direction
    number: str
    started_at: datetime
    group: GroupId
    stanzas: tuple[Stanza, ...]
    header_mac: bytes
    tail: bytes = b""
    """Sealed last second after a crash (opened with the file key); empty when complete."""


@dataclass(frozen=True, slots=True)
class SealTarget:
    """A group that a recording is sealed for: public age recipient (``age1pq1...``) only."""

    group: GroupId
    label: str
    recipient: str


@dataclass(frozen=True, slots=True)
class RecordingOrder:
    """All that the engine needs in order to record a call; nothing in it can open one."""

    recording: RecordingId
    call: CallId
    agent: UserId
    team: str
    direction: Direction
    number: str
    started_at: datetime
    codec: str
    sample_rate_hz: int
    targets: tuple[SealTarget, ...]
    """First the listeners' group, then recovery."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody who came into a recording by a transfer, which does not end it."""

    contact: ContactId | None
    name: str
    """Or the number, where there is no name."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A row of the recordings page; ``refused`` says why it may not be heard, or is empty."""

    id: RecordingId
    call: CallId
    agent: UserId
    agent_name: str
    team: str
    contact: ContactId | None
    contact_name: str
    direction: Direction
    started_at: datetime
    audio_ms: int
    gaps: tuple[Gap, ...]
    group: GroupId
    codec: str
    complete: bool = True
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    tags: tuple[str, ...] = ()
    refused: str = ""
    keyless: bool = False
    """Nobody can hear it: it came back from a backup without its key."""
    joined: tuple[Joined, ...] = ()
    """Who is heard besides the contact."""

    @property
    def heard(self) -> tuple[ContactId, ...]:
        """The contacts whose voices are in it."""
        known = (self.contact, *(one.contact for one in self.joined))
        return tuple(dict.fromkeys(contact for contact in known if contact is not None))
