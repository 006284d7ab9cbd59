"""SQLCipher connections: raw key, every pragma, no ATTACH (see docs/security.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlcipher3

from softphone.domain.errors import Damaged, StorageFailed

Connection = Any
"""A ``sqlcipher3`` connection; the library has no types."""

_PRAGMAS = (
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA cache_size=-65536",
    "PRAGMA busy_timeout=5000",
)


def open_database(path: Path, key: bytes, *, secure_delete: bool = True) -> Connection:
    """Open or create an encrypted database with a raw 32-byte key.

    The connection is in autocommit mode: transactions are explicit (``BEGIN IMMEDIATE``).
    ``secure_delete=False`` exists only for the negative control of the remains test.
    Raises Damaged when the key does not fit or the file is not ours, StorageFailed on I/O errors.
    """
    if len(key) != 32:
        raise ValueError("a raw SQLCipher key has 32 bytes")
    _refuse_plaintext(path)
    try:
        connection = sqlcipher3.connect(str(path), isolation_level=None, check_same_thread=True)
    except sqlcipher3.OperationalError as error:
        raise StorageFailed("The vault cannot be opened.", str(error)) from error
    try:
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        if not connection.execute("PRAGMA cipher_version").fetchone():
            raise StorageFailed("The vault cannot be opened.", "SQLCipher is missing.")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        if not secure_delete:
            connection.execute("PRAGMA secure_delete=OFF")
    except sqlcipher3.OperationalError as error:
        connection.close()
        raise StorageFailed(
            "The vault cannot be opened.", "The disk is full, read-only or busy.", "Try again."
        ) from error
    except sqlcipher3.DatabaseError as error:
        connection.close()
        raise Damaged(
            "The vault cannot be read.", "The key does not fit or the file is damaged."
        ) from error
    path.chmod(0o600)
    connection.set_authorizer(_authorize)
    return connection


def _authorize(action: int, *_: object) -> int:
    """Refuse ATTACH and DETACH: nothing may be copied into an unencrypted database."""
    if action in (sqlcipher3.SQLITE_ATTACH, sqlcipher3.SQLITE_DETACH):
        return int(sqlcipher3.SQLITE_DENY)
    return int(sqlcipher3.SQLITE_OK)


def _refuse_plaintext(path: Path) -> None:
    try:
        with path.open("rb") as file:
            if file.read(15) == b"SQLite format 3":
                raise Damaged("The vault cannot be opened.", "The file is not encrypted.")
    except FileNotFoundError:
        return
