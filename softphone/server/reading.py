"""What clients read: devices and how far they are, entries by filters, whole logs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true, update

from softphone.server import tables as t
from softphone.server.store import Store

MOST_SCANNED = 20_000
"""Leaves looked at for one page, so that a filter that matches nothing ends."""
_CHUNK = 1000
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class DeviceState:
    """How far a device is. ``last_seen`` is None for one that never came after enrolment."""

    device: str
    enrolled_at: datetime
    last_seen: datetime | None
    entries: int
    acknowledged: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters; empty fields do not filter. Times are compared as the leaves have them."""

    device: str = ""
    action: str = ""
    category: str = ""
    result: str = ""
    object: str = ""
    since: str = ""
    until: str = ""

    def matches(self, said: dict[str, Any]) -> bool:
        """Whether a leaf is wanted."""
        exact = all(
            not wanted or said.get(name) == wanted
            for name, wanted in (
                ("action", self.action),
                ("category", self.category),
                ("result", self.result),
                ("object", self.object),
            )
        )
        time = str(said.get("time", ""))
        return (
            exact
            and (not self.since or time >= self.since)
            and (not self.until or time < self.until)
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of all leaves: by device, then by number."""

    device: str
    n: int


class Reading:
    """Reads; changes nothing but when a device was last seen."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def seen(self, device: str, now: datetime, away: timedelta = timedelta.max) -> bool:
        """Note that a device came; at most once a minute, so that reads do not become writes.

        False, and nothing noted, for one that was silent for longer than ``away``.
        """
        with self._store.transaction() as connection:
            row = connection.execute(
                select(t.devices.c.last_seen, t.devices.c.enrolled_at).where(
                    t.devices.c.id == device
                )
            ).one()
            if now - aware(row.last_seen or row.enrolled_at) > away:
                return False
            if row.last_seen is None or aware(row.last_seen) < now - _SEEN_EVERY:
                connection.execute(
                    update(t.devices).where(t.devices.c.id == device).values(last_seen=now)
                )
        return True

    def silent(self, since: datetime) -> int:
        """Return how many devices were not heard of since a time."""
        return sum((one.last_seen or one.enrolled_at) < since for one in self.devices())

    def devices(self) -> list[DeviceState]:
        """Return all enrolled devices but those that speak no more."""
        columns = t.devices.c
        with self._store.transaction() as connection:
            rows = connection.execute(
                select(t.devices).where(columns.replaced_by.is_(None)).order_by(columns.id)
            ).all()
        return [
            DeviceState(
                row.id,
                aware(row.enrolled_at),
                None if row.last_seen is None else aware(row.last_seen),
                int(row.size),
                int(row.acknowledged),
            )
            for row in rows
        ]

    def entries(
        self, wanted: Wanted, after: Place | None, limit: int
    ) -> tuple[list[tuple[Place, dict[str, Any]]], Place | None]:
        """Return leaves that match, and where to go on; None at the end of all logs.

        A page may be short or empty and still have a place to go on from.
        """
        found: list[tuple[Place, dict[str, Any]]] = []
        scanned = 0
        while scanned < MOST_SCANNED:
            rows = self._chunk(wanted.device, after)
            for row in rows:
                after = Place(str(row.device), int(row.n))
                scanned += 1
                said = _said(bytes(row.data))
                if wanted.matches(said):
                    found.append((after, said))
                    if len(found) == limit:
                        return found, after
            if len(rows) < _CHUNK:
                return found, None
        return found, after

    def log_size(self, device: str) -> tuple[str, int, str] | None:
        """Return the log's key, how many leaves are cosigned, the second key; None without any."""
        with self._store.transaction() as connection:
            row = connection.execute(
                select(t.devices.c.log_key, func.max(t.cosigned.c.size), t.devices.c.mldsa_key)
                .join(t.cosigned, t.cosigned.c.device == t.devices.c.id)
                .where(t.devices.c.id == device)
                .group_by(t.devices.c.log_key, t.devices.c.mldsa_key)
            ).one_or_none()
        return None if row is None else (str(row[0]), int(row[1]), str(row[2]))

    def leaves(self, device: str, end: int) -> Iterator[bytes]:
        """Return the lines of ``leaves.jsonl`` of a bundle, up to a size."""
        for first in range(0, end, _CHUNK):
            with self._store.transaction() as connection:
                part = self._store.leaves(connection, device, first, min(first + _CHUNK, end))
            for leaf in part:
                yield leaf + b"\n"
            if len(part) < _CHUNK:
                # Whatever size was asked for: nobody keeps the server counting to it.
                return

    def checkpoints(self, device: str, end: int) -> Iterator[bytes]:
        """Return the lines of ``checkpoints.jsonl`` of a bundle, up to a size."""
        last = 0
        while True:
            with self._store.transaction() as connection:
                rows = connection.execute(
                    select(t.cosigned.c.size, t.cosigned.c.note)
                    .where(
                        t.cosigned.c.device == device,
                        t.cosigned.c.size > last,
                        t.cosigned.c.size <= end,
                    )
                    .order_by(t.cosigned.c.size)
                    .limit(_CHUNK)
                ).all()
            for row in rows:
                last = int(row.size)
                yield json.dumps(row.note).encode("utf-8") + b"\n"
            if len(rows) < _CHUNK:
                return

    def _chunk(self, device: str, after: Place | None) -> list[Any]:
        leaves = t.leaves.c
        later: ColumnElement[bool] = true()
        if after is not None:
            later = or_(
                leaves.device > after.device,
                and_(leaves.device == after.device, leaves.n > after.n),
            )
        query = select(t.leaves).where(later).order_by(leaves.device, leaves.n).limit(_CHUNK)
        if device:
            query = query.where(leaves.device == device)
        with self._store.transaction() as connection:
            return list(connection.execute(query).all())


def _said(leaf: bytes) -> dict[str, Any]:
    """Return a leaf as an object; empty for bytes that are none (a device may send any)."""
    try:
        said = json.loads(leaf)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def aware(when: datetime) -> datetime:
    """Return a time as it was written: SQLite forgets the offset, which is UTC."""
    return when if when.tzinfo else when.replace(tzinfo=UTC)
