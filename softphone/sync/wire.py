"""Messages of the sync server, decoded strictly (its OpenAPI document is the contract)."""

from __future__ import annotations

import base64
from typing import TypeVar

import msgspec

from softphone.app.ports import LeafBatch
from softphone.domain.errors import InvalidInput, ServerMisbehaved
from softphone.domain.fleet import DeviceSeen
from softphone.domain.ids import DeviceId
from softphone.domain.privacy import Tombstone
from softphone.domain.tombstone import from_dict, parse_time, to_dict

T = TypeVar("T")


class Enrolled(msgspec.Struct, frozen=True):
    """Answer to an enrolment."""

    device_token: str
    witness_key: str


class Cosigned(msgspec.Struct, frozen=True):
    """Answer to entries."""

    size: int
    checkpoint: str


class Accepted(msgspec.Struct, frozen=True):
    """Answer to a tombstone."""

    position: int


class Acknowledged(msgspec.Struct, frozen=True):
    """Answer to an acknowledgement."""

    up_to: int


class Placed(msgspec.Struct, frozen=True):
    """One tombstone of a page."""

    position: int
    tombstone: dict[str, object]


class Page(msgspec.Struct, frozen=True):
    """Answer to a request for tombstones."""

    tombstones: list[Placed]
    more: bool


class Seen(msgspec.Struct, frozen=True):
    """One device of the fleet."""

    device: str
    last_seen: str | None
    behind: int
    silent: bool


class Devices(msgspec.Struct, frozen=True):
    """Answer to a request for devices."""

    devices: list[Seen]


class Problem(msgspec.Struct, frozen=True):
    """Why the server refused."""

    error: str
    message: str = ""


def decode(data: bytes, kind: type[T]) -> T:
    """Decode an answer. Raises ServerMisbehaved."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise misbehaved("Its answer cannot be read.") from error


def problem_code(data: bytes) -> str:
    """Return the code of a refusal, empty when there is none."""
    try:
        return msgspec.json.decode(data, type=Problem).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def entries_body(batch: LeafBatch) -> dict[str, object]:
    """Return the body that carries a batch of leaves."""
    return {
        "first": batch.first,
        "leaves": [base64.b64encode(leaf).decode("ascii") for leaf in batch.leaves],
        "checkpoint": batch.checkpoint,
    }


def tombstone_body(tombstone: Tombstone) -> dict[str, object]:
    """Return the body that carries a tombstone."""
    return {"tombstone": to_dict(tombstone)}


def placed_tombstones(page: Page, after: int) -> list[tuple[int, Tombstone]]:
    """Return the tombstones of a page in order. Raises ServerMisbehaved."""
    result: list[tuple[int, Tombstone]] = []
    last = after
    for placed in page.tombstones:
        if placed.position <= last:
            raise misbehaved("Its tombstones are out of order.")
        last = placed.position
        try:
            result.append((last, from_dict(placed.tombstone)))
        except InvalidInput as error:
            raise misbehaved("One of its tombstones is malformed.") from error
    if page.more and not result:
        raise misbehaved("It promises tombstones that it does not send.")
    return result


def devices_seen(answer: Devices) -> tuple[DeviceSeen, ...]:
    """Return when each device was heard of. Raises ServerMisbehaved."""
    try:
        return tuple(
            DeviceSeen(
                DeviceId(one.device),
                None if one.last_seen is None else parse_time(one.last_seen),
                one.behind,
                one.silent,
            )
            for one in answer.devices
        )
    except InvalidInput as error:
        raise misbehaved("Its list of devices is malformed.") from error


def misbehaved(why: str) -> ServerMisbehaved:
    """Return the error for an answer that an honest server would not give."""
    return ServerMisbehaved(
        "The synchronisation server was refused.", why, "Tell your administrator."
    )
