"""Messages about sealed recordings, decoded strictly: identifiers become names of files."""

from __future__ import annotations

import re

import msgspec

from softphone.domain.errors import InvalidInput
from softphone.domain.ids import DeviceId
from softphone.domain.relay import AddressOffer, RelayedPackage, chunks_of
from softphone.domain.tombstone import parse_time
from softphone.sync.wire import misbehaved

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Address(msgspec.Struct, frozen=True):
    """One address that the server has."""

    device: str
    digest: str
    ends_at: str


class AddressPage(msgspec.Struct, frozen=True):
    """Answer to a request for addresses."""

    addresses: list[Address]
    more: bool


class PackageOut(msgspec.Struct, frozen=True):
    """A package as the server describes it."""

    package: str
    sender: str
    receiver: str
    size: int
    sha256: str
    received: int
    ends_at: str
    receipt: str = ""


class PackagesOut(msgspec.Struct, frozen=True):
    """Answer to a request for packages."""

    packages: list[PackageOut]


class ChunkKept(msgspec.Struct, frozen=True):
    """Answer to a chunk."""

    received: int


def address_offers(page: AddressPage, after: str) -> list[AddressOffer]:
    """Return the addresses of a page. Raises ServerMisbehaved: malformed, or out of order."""
    result: list[AddressOffer] = []
    last = after
    for one in page.addresses:
        if not _UUID.fullmatch(one.device) or not _SHA256.fullmatch(one.digest):
            raise misbehaved("Its list of addresses is malformed.")
        if one.digest <= last:
            raise misbehaved("Its addresses are out of order.")
        last = one.digest
        try:
            result.append(AddressOffer(DeviceId(one.device), last, parse_time(one.ends_at)))
        except InvalidInput as error:
            raise misbehaved("Its list of addresses is malformed.") from error
    if page.more and not result:
        raise misbehaved("It promises addresses that it does not send.")
    return result


def packages(answer: PackagesOut) -> tuple[RelayedPackage, ...]:
    """Return packages. Raises ServerMisbehaved for what is malformed."""
    return tuple(_package(one) for one in answer.packages)


def _package(one: PackageOut) -> RelayedPackage:
    whole = (one.package, one.sender, one.receiver)
    if not all(_UUID.fullmatch(part) for part in whole) or not _SHA256.fullmatch(one.sha256):
        raise misbehaved("Its list of packages is malformed.")
    if one.size <= 0:
        raise misbehaved("Its list of packages is malformed.")
    try:
        ends_at = parse_time(one.ends_at)
    except InvalidInput as error:
        raise misbehaved("Its list of packages is malformed.") from error
    return RelayedPackage(
        one.package,
        DeviceId(one.sender),
        DeviceId(one.receiver),
        one.size,
        one.sha256,
        received(one.received, one.size),
        ends_at,
        one.receipt,
    )


def received(count: int, size: int) -> int:
    """Return how many chunks the server has. Raises ServerMisbehaved: none, or too many."""
    if not 0 <= count <= chunks_of(size):
        raise misbehaved("It counts parts of a package that there are not.")
    return count
