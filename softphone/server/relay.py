"""Sealed recordings that wait for another device: ciphertext, bounded in size, time and number.

Everything is in the database, chunk by chunk, so that any server process can take the next chunk
or hand it out, and none holds more of a package in memory than one chunk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from softphone.domain.errors import SoftphoneError
from softphone.domain.note import parse_verifier_key
from softphone.domain.relay import (
    ADDRESS_VALID_FOR,
    LARGEST_PACKAGE,
    MOST_PACKAGES,
    address_claim,
    chunk_size,
    chunks_of,
)
from softphone.server import tables as t
from softphone.server.reading import aware
from softphone.server.relay_rows import drop_ended, drop_packages
from softphone.server.store import Device, Store
from softphone.server.witness import signature_verifies


class NoSuchPackage(Exception):
    """No such package is known, or it is none of the device's business."""


class AnotherPackage(Exception):
    """Another package is announced under this number."""


class PackageTooLarge(Exception):
    """The package is larger than the server allows."""


class QuotaReached(SoftphoneError):
    """The device has as much waiting as it may."""


class ChunkGap(SoftphoneError):
    """A chunk came before its turn. ``size`` is how many are here."""

    def __init__(self, size: int) -> None:
        super().__init__("The chunk was refused.", "Chunks before it are missing.")
        self.size = size


@dataclass(frozen=True, slots=True)
class RelayLimits:
    """Bytes of one package, and bytes of one sender that may wait at a time."""

    package: int = LARGEST_PACKAGE
    waiting: int = 4 * LARGEST_PACKAGE


@dataclass(frozen=True, slots=True)
class Package:
    """A row: who sends what to whom, how much of it is here, and what became of it."""

    package: str
    sender: str
    receiver: str
    size: int
    sha256: str
    chunks: int
    received: int
    outcome: str
    why: str
    receipt: str
    ends_at: datetime


class Relay:
    """Keeps addresses and packages. Safe for several threads and several processes."""

    def __init__(self, store: Store, limits: RelayLimits) -> None:
        self._store = store
        self._limits = limits

    # addresses
    def publish(self, device: Device, notes: Sequence[str], now: datetime) -> int:
        """Keep a device's addresses in place of those before; return how many hold.

        Raises ProofInvalid for one that the device did not sign.
        """
        key = parse_verifier_key(device.log_key)
        ends = {n: address_claim(n, device.id, key, signature_verifies) for n in notes}
        rows = [
            {
                "device": device.id,
                "digest": hashlib.sha256(note.encode("utf-8")).hexdigest(),
                "body": note,
                "ends_at": min(until, now + ADDRESS_VALID_FOR),
            }
            for note, until in ends.items()
            if until > now
        ]
        table = t.relay_addresses
        with self._store.transaction() as connection:
            self._store.lock_device(connection, device.id)
            connection.execute(delete(table).where(table.c.device == device.id))
            if rows:
                connection.execute(insert(table), rows)
        return len(rows)

    def addresses(self, after: str, limit: int, now: datetime) -> list[tuple[str, str, datetime]]:
        """Return device, digest and end of addresses that hold, by digest, after one."""
        c = t.relay_addresses.c
        with self._store.transaction() as connection:
            rows = connection.execute(
                select(c.device, c.digest, c.ends_at)
                .where(c.ends_at > now, c.digest > after)
                .order_by(c.digest)
                .limit(limit)
            ).all()
        return [(row.device, row.digest, aware(row.ends_at)) for row in rows]

    def address(self, digest: str, now: datetime) -> str:
        """Return an address. Raises NoSuchPackage."""
        c = t.relay_addresses.c
        with self._store.transaction() as connection:
            row = connection.execute(
                select(c.body).where(c.digest == digest, c.ends_at > now).limit(1)
            ).one_or_none()
        if row is None:
            raise NoSuchPackage
        return str(row.body)

    # packages, as their sender sees them
    def announce(
        self, sender: Device, package: str, receiver: str, size: int, sha256: str, now: datetime
    ) -> Package:
        """Make room for a package; announced again it says how much of it is here.

        It lasts as long as the receiver's address, at most seven days. Raises NoSuchPackage (the
        receiver has no address here), AnotherPackage, PackageTooLarge, QuotaReached.
        """
        if size > self._limits.package:
            raise PackageTooLarge
        with self._store.transaction() as connection:
            self._store.lock_device(connection, sender.id)
            drop_ended(connection, now)
            known = _package(connection, package)
            if known is not None:
                same = (known.sender, known.receiver, known.size, known.sha256)
                if same != (sender.id, receiver, size, sha256):
                    raise AnotherPackage
                return known
            ends_at = self._address_ends(connection, receiver)
            self._check_quota(connection, sender.id, size)
            connection.execute(
                insert(t.relay_packages).values(
                    package=package,
                    sender=sender.id,
                    receiver=receiver,
                    size=size,
                    sha256=sha256,
                    chunks=chunks_of(size),
                    received=0,
                    outcome="",
                    why="",
                    receipt="",
                    made_at=now,
                    ends_at=min(ends_at, now + ADDRESS_VALID_FOR),
                )
            )
            made = _package(connection, package)
        if made is None:
            raise NoSuchPackage
        return made

    def put_chunk(self, sender: Device, package: str, n: int, data: bytes, now: datetime) -> int:
        """Keep the next chunk; return how many are here. One that is here already changes nothing.

        Raises NoSuchPackage, ChunkGap, PackageTooLarge (not the size that was announced).
        """
        with self._store.transaction() as connection:
            known = _package(connection, package, lock=True)
            if known is None or known.sender != sender.id or known.ends_at <= now:
                raise NoSuchPackage
            if n < known.received or known.outcome:
                return known.received
            if n > known.received:
                raise ChunkGap(known.received)
            if n >= known.chunks or len(data) != chunk_size(known.size, n):
                raise PackageTooLarge
            connection.execute(insert(t.relay_chunks).values(package=package, n=n, data=data))
            connection.execute(
                update(t.relay_packages)
                .where(t.relay_packages.c.package == package)
                .values(received=n + 1)
            )
        return n + 1

    def sent(self, sender: Device, now: datetime) -> list[Package]:
        """Return what a device sent, and what became of it."""
        c = t.relay_packages.c
        return self._rows(c.sender == sender.id, c.ends_at > now)

    def withdraw(self, sender: Device, package: str) -> None:
        """Forget a package of the device, whatever became of it; idempotent."""
        c = t.relay_packages.c
        with self._store.transaction() as connection:
            drop_packages(connection, (c.package == package) & (c.sender == sender.id))

    # packages, as their receiver sees them
    def waiting(self, receiver: Device, now: datetime) -> list[Package]:
        """Return what is here whole for a device, oldest first."""
        c = t.relay_packages.c
        return self._rows(
            c.receiver == receiver.id, c.received == c.chunks, c.outcome == "", c.ends_at > now
        )

    def chunk(self, receiver: Device, package: str, n: int, now: datetime) -> bytes:
        """Return one chunk of a package that waits for the device. Raises NoSuchPackage."""
        c = t.relay_packages.c
        with self._store.transaction() as connection:
            row = connection.execute(
                select(t.relay_chunks.c.data)
                .join(t.relay_packages, c.package == t.relay_chunks.c.package)
                .where(
                    t.relay_chunks.c.package == package,
                    t.relay_chunks.c.n == n,
                    c.receiver == receiver.id,
                    c.ends_at > now,
                )
            ).one_or_none()
        if row is None:
            raise NoSuchPackage
        return bytes(row.data)

    def settle(
        self, receiver: Device, package: str, outcome: str, why: str, receipt: str = ""
    ) -> None:
        """Note what the receiver did, and delete the chunks; the first word counts.

        ``receipt`` is the same, signed for the sender, which believes nothing else.
        Raises NoSuchPackage.
        """
        with self._store.transaction() as connection:
            known = _package(connection, package, lock=True)
            if known is None or known.receiver != receiver.id:
                raise NoSuchPackage
            connection.execute(delete(t.relay_chunks).where(t.relay_chunks.c.package == package))
            if not known.outcome:
                connection.execute(
                    update(t.relay_packages)
                    .where(t.relay_packages.c.package == package)
                    .values(outcome=outcome, why=why, receipt=receipt)
                )

    # for all
    def sweep(self, now: datetime) -> int:
        """Delete what is past its time; return how many packages went."""
        with self._store.transaction() as connection:
            return drop_ended(connection, now)

    def counts(self) -> dict[str, int]:
        """Return how many packages wait, and their announced bytes."""
        c = t.relay_packages.c
        with self._store.transaction() as connection:
            count, size = connection.execute(
                select(func.count(), func.sum(c.size)).where(c.outcome == "")
            ).one()
        return {"packages_waiting": int(count), "package_bytes_waiting": int(size or 0)}

    def _rows(self, *which: Any) -> list[Package]:
        query = select(t.relay_packages).where(*which)
        query = query.order_by(t.relay_packages.c.made_at, t.relay_packages.c.package)
        with self._store.transaction() as connection:
            return [_row(row) for row in connection.execute(query.limit(MOST_PACKAGES)).all()]

    def _address_ends(self, connection: Connection, receiver: str) -> datetime:
        c = t.relay_addresses.c
        last = connection.execute(
            select(func.max(c.ends_at)).where(c.device == receiver)
        ).scalar_one_or_none()
        if last is None:
            raise NoSuchPackage
        return aware(last)

    def _check_quota(self, connection: Connection, sender: str, size: int) -> None:
        c = t.relay_packages.c
        count = connection.execute(select(func.count()).where(c.sender == sender)).scalar_one()
        waiting = connection.execute(
            select(func.sum(c.size)).where(c.sender == sender, c.outcome == "")
        ).scalar_one_or_none()
        if int(count) >= MOST_PACKAGES or int(waiting or 0) + size > self._limits.waiting:
            raise QuotaReached(
                "The package was refused.",
                "As much of this device waits as may.",
                "Try again when others were fetched.",
            )


def _package(connection: Connection, package: str, *, lock: bool = False) -> Package | None:
    query = select(t.relay_packages).where(t.relay_packages.c.package == package)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else _row(row)


def _row(row: Any) -> Package:
    return Package(
        row.package,
        row.sender,
        row.receiver,
        int(row.size),
        row.sha256,
        int(row.chunks),
        int(row.received),
        row.outcome,
        row.why,
        row.receipt,
        aware(row.ends_at),
    )
