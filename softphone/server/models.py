"""What travels between device and server: the schemas of the OpenAPI contract."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from softphone.domain.relay import (
    LARGEST_ADDRESS,
    MOST_ADDRESSES,
    PackageOutcome,
    PackageRefusal,
)

MAX_LEAVES = 1024
MAX_LEAF = 16 * 1024
MAX_NOTE = 16 * 1024
MAX_POLICY = 1024 * 1024
MAX_POSITION = 2**62
MAX_PAGE = 200

Position = Annotated[int, Field(ge=0, le=MAX_POSITION)]
Leaf = Annotated[Base64Bytes, Field(max_length=MAX_LEAF)]
JsonObject = dict[str, object]


class Strict(BaseModel):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Enrol(Strict):
    """A device asks to be enrolled with a one-time token and the verifier key of its log.

    ``continues`` is the note by which the key of an earlier log hands over to this one: a restored
    workstation. The earlier device speaks no more. ``log_key_mldsa`` is the second key (ML-DSA-44)
    of the log: from then on every checkpoint must be signed by both.
    """

    token: str = Field(min_length=1, max_length=128)
    device: UUID
    log_key: str = Field(min_length=1, max_length=512)
    continues: str = Field(default="", max_length=MAX_NOTE)
    log_key_mldsa: str = Field(default="", max_length=4096)


class Enrolled(Strict):
    """The device's own token (shown once), and the witness's verifier key (C2SP vkey)."""

    device_token: str
    witness_key: str


class Entries(Strict):
    """Contiguous audit leaves from number ``first`` on, and a signed checkpoint that ends them."""

    first: Position
    leaves: list[Leaf] = Field(min_length=1, max_length=MAX_LEAVES)
    checkpoint: str = Field(max_length=MAX_NOTE)


class Cosigned(Strict):
    """How many leaves the checkpoint covers, and the checkpoint with the witness's cosignature."""

    size: int
    checkpoint: str


class TombstoneIn(Strict):
    """A tombstone as its device signed it."""

    tombstone: JsonObject


class TombstoneOut(Strict):
    """A tombstone with its position in the order that all devices follow."""

    position: int
    tombstone: JsonObject


class Accepted(Strict):
    """Where a tombstone stands in the order."""

    position: int


class Tombstones(Strict):
    """Tombstones after a position, oldest first; ``more`` says that there are others."""

    tombstones: list[TombstoneOut]
    more: bool


class Acknowledge(Strict):
    """The device carried out all tombstones up to this position."""

    up_to: Position


class Progress(Strict):
    """How many of all devices carried out a tombstone."""

    position: int
    acknowledged: int
    devices: int


class Leave(Strict):
    """The certificate of a device that destroyed, or is about to destroy, everything it held."""

    certificate: str = Field(max_length=MAX_NOTE)


class Left(Strict):
    """The device is known as gone; nobody waits for it any longer."""

    device: UUID


class Ordered(Strict):
    """An order was taken; all devices find it at this position."""

    erasure: UUID
    position: int


class DeviceProgress(Strict):
    """Whether a device carried an erasure out; ``last_seen`` (UTC) says since when it is silent."""

    device: UUID
    carried_out: bool
    last_seen: str | None


class OrderProgress(Strict):
    """How far an erasure got; ``complete`` only when every enrolled device carried it out."""

    erasure: UUID
    position: int
    complete: bool
    carried_out: int
    devices: list[DeviceProgress]


class PolicyIn(Strict):
    """A fleet's policy as its administrator signed it (C2SP signed note)."""

    policy: str = Field(min_length=1, max_length=MAX_POLICY)


class PolicyKept(Strict):
    """The version that is kept now."""

    version: int


class DeviceOut(Strict):
    """A device: entries it sent, erasures it acknowledged, and how many it has not yet.

    ``silent`` says that it was not heard of for longer than the server's limit of hours.
    """

    device: UUID
    enrolled_at: str
    last_seen: str | None
    entries: int
    acknowledged: int
    behind: int
    silent: bool


class Devices(Strict):
    """All devices, and how many erasures there are."""

    tombstones: int
    devices: list[DeviceOut]


class AuditLeaf(Strict):
    """One entry; ``leaf`` is empty when the device sent what is no entry."""

    device: UUID
    n: int
    leaf: JsonObject


class AuditPage(Strict):
    """Entries, and where to go on; ``next`` is null at the end."""

    entries: list[AuditLeaf]
    next: str | None


class BundleHeader(Strict):
    """The file ``bundle.json`` of a bundle (docs/audit.md)."""

    format: str
    entries: int
    log_key: str
    witness_key: str
    log_key_mldsa: str = ""


class AddressesIn(Strict):
    """All addresses of a device that hold now, one a team, as it signed them (C2SP notes)."""

    addresses: list[Annotated[str, Field(max_length=LARGEST_ADDRESS)]] = Field(
        max_length=MOST_ADDRESSES
    )


class AddressesKept(Strict):
    """How many addresses of the device hold."""

    kept: int


class AddressOut(Strict):
    """An address that holds: whose it is, SHA-256 (hex) of the note, until when."""

    device: UUID
    digest: str
    ends_at: str


class AddressPage(Strict):
    """Addresses by digest; ``more`` says that there are others."""

    addresses: list[AddressOut]
    more: bool


class PackageIn(Strict):
    """A sealed recording that is about to be sent to another device: its size and SHA-256."""

    package: UUID
    to: UUID
    size: Annotated[int, Field(ge=1, le=MAX_POSITION)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class PackageOut(Strict):
    """A package, and how many of its chunks (1 MiB each, the last one shorter) are here.

    ``outcome``, ``why`` and ``receipt`` are the receiver's words once it has fetched it.
    """

    package: UUID
    sender: UUID
    receiver: UUID
    size: int
    sha256: str
    received: int
    ends_at: str
    outcome: str
    why: str
    receipt: str


class PackagesOut(Strict):
    """Packages, oldest first."""

    packages: list[PackageOut]


class ChunkKept(Strict):
    """How many chunks of the package are here."""

    received: int


class PackageSettled(Strict):
    """What the receiver did with a package; its chunks are deleted.

    ``receipt`` says it to the sender, signed by the receiver's log key (C2SP note).
    """

    outcome: PackageOutcome
    why: PackageRefusal = PackageRefusal.NONE
    receipt: str = Field(default="", max_length=MAX_NOTE)


class Problem(Strict):
    """Why a request was refused: a code for programs, a sentence for people."""

    error: str
    message: str
    size: int | None = None
