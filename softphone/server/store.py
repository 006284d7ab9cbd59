"""The server's database: what devices sent, in transactions that several servers may share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import (
    Connection,
    Engine,
    create_engine,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from softphone.domain.errors import Refused, StorageFailed
from softphone.domain.merkle import HASH_BYTES, Frontier
from softphone.server import tables as t
from softphone.server.relay_rows import drop_device
from softphone.server.tokens import hash_token, matches, new_token

_TOKEN_DAYS = 7


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled device. ``frontier`` is the head of its log as stored here."""

    id: str
    log_key: str
    frontier: Frontier
    acknowledged: int
    mldsa_key: str = ""


@dataclass(frozen=True, slots=True)
class StoredTombstone:
    """A tombstone with its position; ``body`` is canonical JSON."""

    position: int
    erasure: str
    body: str


class Store:
    """All reads and writes. Safe for several threads; every method is one transaction or less."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def migrate(self) -> None:
        """Bring the schema up to date. Raises StorageFailed."""
        config = Config()
        config.set_main_option("script_location", "softphone.server:migrations")
        with self.transaction() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Commit all or nothing. Raises StorageFailed when the database fails."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise StorageFailed(
                "The server cannot store anything now.", "Its database reports an error."
            ) from error

    def ready(self) -> bool:
        """Return whether the database answers and has its schema."""
        try:
            with self.transaction() as connection:
                connection.execute(select(t.positions.c.last)).one()
        except StorageFailed:
            return False
        return True

    # devices
    def issue_token(self, now: datetime) -> str:
        """Return a one-time enrolment token, good for a week; only its hash is kept."""
        token = new_token()
        with self.transaction() as connection:
            connection.execute(
                insert(t.enrolment_tokens).values(
                    hash=hash_token(token), expires_at=now + timedelta(days=_TOKEN_DAYS)
                )
            )
        return token

    def enrol(
        self,
        token: str,
        device: str,
        log_key: str,
        now: datetime,
        replaces: str = "",
        mldsa_key: str = "",
    ) -> str:
        """Use a one-time token up and return the device's own token.

        A device whose answer was lost, or that was away for too long, enrols again with a new
        one-time token and the same key. ``replaces`` is the device whose log this one continues;
        it speaks no more. Raises Refused for a token that is unknown, used or expired,
        IntegrityError for a device or key that is enrolled otherwise.
        """
        own = new_token()
        tokens = t.enrolment_tokens
        with self.transaction() as connection:
            used = connection.execute(
                update(tokens)
                .where(
                    tokens.c.hash == hash_token(token),
                    tokens.c.used_by.is_(None),
                    tokens.c.expires_at > now,
                )
                .values(used_by=device)
            )
            if used.rowcount != 1:
                raise Refused("Enrolment was refused.", "The token is unknown, used or expired.")
            again = connection.execute(
                update(t.devices)
                .where(
                    t.devices.c.id == device,
                    t.devices.c.log_key == log_key,
                    t.devices.c.replaced_by.is_(None),
                    # A key once known is never put aside, nor exchanged.
                    t.devices.c.mldsa_key.in_(("", mldsa_key)),
                )
                .values(token_hash=hash_token(own), last_seen=now, mldsa_key=mldsa_key)
            )
            if again.rowcount == 0:
                connection.execute(
                    insert(t.devices).values(
                        id=device,
                        log_key=log_key,
                        mldsa_key=mldsa_key,
                        token_hash=hash_token(own),
                        enrolled_at=now,
                    )
                )
            if replaces:
                connection.execute(
                    update(t.devices)
                    .where(t.devices.c.id == replaces, t.devices.c.replaced_by.is_(None))
                    .values(replaced_by=device)
                )
                drop_device(connection, replaces)
        return f"{device}.{own}"

    def log_key(self, device: str) -> str | None:
        """Return the log key that a device enrolled with, or None."""
        with self.transaction() as connection:
            return connection.execute(
                select(t.devices.c.log_key).where(t.devices.c.id == device)
            ).scalar_one_or_none()

    def retire(self, device: str) -> bool:
        """Let a device that never comes back speak no more; nobody waits for it any longer."""
        with self.transaction() as connection:
            done = connection.execute(
                update(t.devices)
                .where(t.devices.c.id == device, t.devices.c.replaced_by.is_(None))
                .values(replaced_by=device)
            )
            if done.rowcount == 1:
                drop_device(connection, device)
        return done.rowcount == 1

    def authenticate(self, token: str) -> Device:
        """Return the device a token belongs to. Raises Refused."""
        device, _, secret = token.partition(".")
        with self.transaction() as connection:
            row = connection.execute(
                select(t.devices).where(t.devices.c.id == device)
            ).one_or_none()
        # An unknown device costs the same comparison as a wrong token.
        kept = row.token_hash if row else hash_token("")
        if not matches(secret, kept) or row is None or row.replaced_by is not None:
            raise Refused("The request was refused.", "The device token is not valid.")
        return _device(row)

    # logs
    def lock_device(self, connection: Connection, device: str) -> Device:
        """Return a device as it is now; nobody else changes it until the transaction ends."""
        row = connection.execute(
            select(t.devices).where(t.devices.c.id == device).with_for_update()
        ).one()
        return _device(row)

    def leaves(self, connection: Connection, device: str, first: int, end: int) -> list[bytes]:
        """Return stored leaves ``first`` to ``end`` (exclusive)."""
        rows = connection.execute(
            select(t.leaves.c.data)
            .where(t.leaves.c.device == device, t.leaves.c.n >= first, t.leaves.c.n < end)
            .order_by(t.leaves.c.n)
        )
        return [bytes(data) for (data,) in rows]

    def append_leaves(
        self, connection: Connection, device: Device, data: Sequence[bytes], frontier: Frontier
    ) -> None:
        """Append leaves after the device's last one and move its head."""
        first = device.frontier.size
        connection.execute(
            insert(t.leaves),
            [{"device": device.id, "n": first + i, "data": leaf} for i, leaf in enumerate(data)],
        )
        connection.execute(
            update(t.devices)
            .where(t.devices.c.id == device.id)
            .values(size=frontier.size, frontier=b"".join(frontier.hashes))
        )

    def cosigned(self, device: str, size: int) -> str | None:
        """Return the checkpoint that was cosigned for a size, or None."""
        with self.transaction() as connection:
            row = connection.execute(
                select(t.cosigned.c.note).where(
                    t.cosigned.c.device == device, t.cosigned.c.size == size
                )
            ).one_or_none()
        return None if row is None else str(row.note)

    def keep_cosigned(self, device: str, size: int, note: str) -> None:
        """Keep a cosigned checkpoint; a second one for the same size changes nothing."""
        try:
            with self.transaction() as connection:
                connection.execute(insert(t.cosigned).values(device=device, size=size, note=note))
        except IntegrityError as error:
            if self.cosigned(device, size) is None:
                raise StorageFailed("A checkpoint could not be stored.") from error

    # tombstones
    def add_tombstone(self, erasure: str, body: str) -> tuple[StoredTombstone, bool]:
        """Keep a tombstone once; return it as stored, and whether it is new."""
        with self.transaction() as connection:
            last = connection.execute(
                select(t.positions.c.last)
                .where(t.positions.c.name == "tombstones")
                .with_for_update()
            ).scalar_one()
            known = connection.execute(
                select(t.tombstones).where(t.tombstones.c.erasure == erasure)
            ).one_or_none()
            if known is not None:
                return _tombstone(known), False
            position = int(last) + 1
            connection.execute(
                insert(t.tombstones).values(position=position, erasure=erasure, body=body)
            )
            connection.execute(
                update(t.positions).where(t.positions.c.name == "tombstones").values(last=position)
            )
        return StoredTombstone(position, erasure, body), True

    def tombstones(self, after: int, limit: int) -> list[StoredTombstone]:
        """Return tombstones after a position, in order."""
        with self.transaction() as connection:
            rows = connection.execute(
                select(t.tombstones)
                .where(t.tombstones.c.position > after)
                .order_by(t.tombstones.c.position)
                .limit(limit)
            ).all()
        return [_tombstone(row) for row in rows]

    def acknowledge(self, device: str, up_to: int) -> int:
        """Note that a device carried out all tombstones up to a position; never goes back."""
        with self.transaction() as connection:
            last = int(connection.execute(select(t.positions.c.last)).scalar_one())
            known = self.lock_device(connection, device).acknowledged
            value = max(known, min(up_to, last))
            connection.execute(
                update(t.devices).where(t.devices.c.id == device).values(acknowledged=value)
            )
        return value

    def progress(self, erasure: str) -> tuple[int, int, int] | None:
        """Return position, devices that carried it out, and all devices; None when unknown."""
        with self.transaction() as connection:
            position = connection.execute(
                select(t.tombstones.c.position).where(t.tombstones.c.erasure == erasure)
            ).scalar_one_or_none()
            if position is None:
                return None
            waited_for = t.devices.c.replaced_by.is_(None)
            done = connection.execute(
                select(func.count()).where(t.devices.c.acknowledged >= position, waited_for)
            ).scalar_one()
            total = connection.execute(select(func.count()).where(waited_for)).scalar_one()
        return int(position), int(done), int(total)

    def counts(self) -> dict[str, int]:
        """Return how many devices, leaves and tombstones there are."""
        with self.transaction() as connection:
            devices = connection.execute(
                select(func.count()).where(t.devices.c.replaced_by.is_(None))
            ).scalar_one()
            leaves = connection.execute(select(func.sum(t.devices.c.size))).scalar()
            last = connection.execute(select(t.positions.c.last)).scalar_one()
        return {"devices": int(devices), "leaves": int(leaves or 0), "tombstones": int(last)}


def _device(row: Any) -> Device:
    raw = bytes(row.frontier)
    hashes = tuple(raw[i : i + HASH_BYTES] for i in range(0, len(raw), HASH_BYTES))
    return Device(
        row.id, row.log_key, Frontier(int(row.size), hashes), int(row.acknowledged), row.mldsa_key
    )


def _tombstone(row: Any) -> StoredTombstone:
    return StoredTombstone(int(row.position), str(row.erasure), str(row.body))


def _engine(url: str) -> Engine:
    try:
        engine = create_engine(url, pool_pre_ping=True)
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        raise StorageFailed(
            "The server cannot start.",
            "The address of its database cannot be used.",
            "Give an SQLAlchemy URL whose driver is installed.",
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself, or two writers meet in the middle of one.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
