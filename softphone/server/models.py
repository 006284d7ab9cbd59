"""What travels between device and server: the schemas of the OpenAPI contract."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

MAX_LEAVES = 1024
MAX_LEAF = 16 * 1024
MAX_NOTE = 16 * 1024
MAX_POSITION = 2**62
MAX_PAGE = 200

Position = Annotated[int, Field(ge=0, le=MAX_POSITION)]
Leaf = Annotated[Base64Bytes, Field(max_length=MAX_LEAF)]
JsonObject = dict[str, object]


class Strict(BaseModel):
    """Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Enrol(Strict):
    """A device asks to be enrolled with a one-time token and the verifier key of its log."""

    token: str = Field(min_length=1, max_length=128)
    device: UUID
    log_key: str = Field(min_length=1, max_length=512)


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


class Problem(Strict):
    """Why a request was refused: a code for programs, a sentence for people."""

    error: str
    message: str
    size: int | None = None
