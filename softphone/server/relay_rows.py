"""Rows of relayed packages that go, within the transaction of whoever lets them go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, or_, select

from softphone.server import tables as t


def drop_packages(connection: Connection, which: ColumnElement[bool]) -> int:
    """Delete packages with all their chunks; return how many."""
    # Locked first: a chunk that another process stores meanwhile would be left behind.
    packages = t.relay_packages.c.package
    found = connection.execute(select(packages).where(which).with_for_update()).scalars().all()
    if found:
        connection.execute(delete(t.relay_chunks).where(t.relay_chunks.c.package.in_(found)))
        connection.execute(delete(t.relay_packages).where(packages.in_(found)))
    return len(found)


def drop_ended(connection: Connection, now: datetime) -> int:
    """Delete packages and addresses whose time is over; return how many packages."""
    connection.execute(delete(t.relay_addresses).where(t.relay_addresses.c.ends_at <= now))
    return drop_packages(connection, t.relay_packages.c.ends_at <= now)


def drop_device(connection: Connection, device: str) -> None:
    """Delete what a device that speaks no more sent, was sent, and gave as its address."""
    connection.execute(delete(t.relay_addresses).where(t.relay_addresses.c.device == device))
    packages = t.relay_packages.c
    drop_packages(connection, or_(packages.sender == device, packages.receiver == device))
