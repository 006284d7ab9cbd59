"""Sealed recordings on their way through the sync server: what both of its sides agree on.

The server learns which device sends to which, a package's number, its size and its times; never
a recording, a person or a key that opens anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from softphone.domain.errors import ProofInvalid
from softphone.domain.ids import DeviceId, RecordingId
from softphone.domain.note import VerifierKey, parse_note, verify

ADDRESS_TITLE = "softphone hand-over address v1\n"
"""First line of an address's signed text."""
ADDRESS_VALID_FOR = timedelta(days=7)
LARGEST_ADDRESS = 1 << 16
"""Bytes of an address that goes through the server."""
MOST_ADDRESSES = 16
"""Addresses of one device at a time: one a team."""
CHUNK = 1 << 20
"""Bytes of every part of a package but the last one."""
LARGEST_PACKAGE = 512 * CHUNK
"""Bytes; a server may allow less, a workstation takes no more from any server."""
MOST_PACKAGES = 200
"""Packages of one sender that the server knows of at a time."""


class PackageOutcome(StrEnum):
    """What the receiving side did with a package."""

    TAKEN_IN = "taken_in"
    REFUSED = "refused"


class PackageRefusal(StrEnum):
    """Why a package was not taken in: words for programs, without anything of a person."""

    NONE = ""
    UNUSABLE = "unusable"
    """Damaged, shortened, or of another kind."""
    STRANGER = "stranger"
    """Of a workstation that the receiving side did not endorse, or not signed by it."""
    FOREIGN = "foreign"
    """Made for another workstation, or for an address that ended."""
    OUT_OF_DATE = "out_of_date"
    LISTENERS_CHANGED = "listeners_changed"
    HERE_ALREADY = "here_already"
    ERASED = "erased"
    TOO_LARGE = "too_large"
    NOT_IN_TIME = "not_in_time"


REFUSAL_WORDS: dict[PackageRefusal, str] = {
    PackageRefusal.NONE: "",
    PackageRefusal.UNUSABLE: "It arrived damaged or is of another kind.",
    PackageRefusal.STRANGER: "That workstation has not endorsed this one.",
    PackageRefusal.FOREIGN: "It was sealed for an address that ended.",
    PackageRefusal.OUT_OF_DATE: "It is out of date, or one of the two clocks is wrong.",
    PackageRefusal.LISTENERS_CHANGED: "It is sealed for listeners that have changed since.",
    PackageRefusal.HERE_ALREADY: "The recording is there already.",
    PackageRefusal.ERASED: "It, or the person in it, was erased.",
    PackageRefusal.TOO_LARGE: "It is larger than the server lets through.",
    PackageRefusal.NOT_IN_TIME: "Nobody took it in before its address ended.",
}


class SendState(StrEnum):
    """How far a package got, as its sender knows."""

    WAITING = "waiting"
    """It lies sealed in this profile until the server has all of it."""
    SENT = "sent"
    """The server has all of it."""
    TAKEN_IN = "taken_in"
    REFUSED = "refused"
    ENDED = "ended"
    """Nobody fetched it in time, or the server has lost it."""


OPEN_STATES = (SendState.WAITING, SendState.SENT)


@dataclass(frozen=True, slots=True)
class AddressOffer:
    """An address that the server has: whose, SHA-256 (hex) of the note, until when (UTC)."""

    device: DeviceId
    digest: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class RelayedPackage:
    """A package as the server describes it; ``received`` counts the chunks that it has."""

    package: str
    sender: DeviceId
    receiver: DeviceId
    size: int
    sha256: str
    received: int
    ends_at: datetime
    receipt: str = ""
    """The receiver's signed word of what it did; empty while it did nothing."""

    @property
    def chunks(self) -> int:
        """How many chunks it has."""
        return chunks_of(self.size)


@dataclass(frozen=True, slots=True)
class Settled:
    """What was done with a package here, signed, to be told to the server."""

    package: str
    outcome: PackageOutcome
    why: PackageRefusal
    receipt: str


@dataclass(frozen=True, slots=True)
class Correspondent:
    """A workstation that recordings can be sent to: its address is here and holds."""

    device: DeviceId
    label: str
    team: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SentPackage:
    """A recording that was sent to another workstation, and what became of it."""

    package: str
    recording: RecordingId
    device: DeviceId
    label: str
    state: SendState
    why: PackageRefusal
    made_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingPackage:
    """A package that lies here whole and waits for somebody who may take it in."""

    package: str
    device: DeviceId
    label: str
    size: int
    ends_at: datetime


def chunks_of(size: int) -> int:
    """Return how many chunks a package of so many bytes has."""
    return -(-size // CHUNK)


def chunk_size(size: int, n: int) -> int:
    """Return the bytes of chunk ``n`` (from 0) of a package of ``size`` bytes."""
    return min(CHUNK, size - n * CHUNK)


def address_claim(
    note: str, device: str, key: VerifierKey, verifies: Callable[[bytes, bytes, bytes], bool]
) -> datetime:
    """Return until when (UTC) an address holds that a device signed. Raises ProofInvalid.

    This is what a server can check: it keeps others from filling its place with what no
    workstation would take.
    """
    if len(note.encode("utf-8")) > LARGEST_ADDRESS:
        raise _no_address("It is too long.")
    parsed = parse_note(note)
    if not parsed.text.startswith(ADDRESS_TITLE):
        raise _no_address("It is of another kind.")
    verify(parsed, key, verifies)
    try:
        said = json.loads(parsed.text.removeprefix(ADDRESS_TITLE))
        whose, ends = said["device"], datetime.fromisoformat(said["not_after"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _no_address("It cannot be read.") from error
    if whose != device or ends.tzinfo is None:
        raise _no_address("It is not this device's.")
    return ends.astimezone(UTC)


def _no_address(why: str) -> ProofInvalid:
    return ProofInvalid("An address cannot be used.", why)
