"""SQLCipher connections: raw key, every pragma, no ATTACH (see docs/security.md)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import sqlcipher3

from softphone.domain.errors import Damaged, StorageFailed
from softphone.paths import write_private

Connection = Any
"""A ``sqlcipher3`` connection; the library has no types."""
P = ParamSpec("P")
T = TypeVar("T")

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


def _in_sentences(work: Callable[P, T]) -> Callable[P, T]:
    """Turn errors of the disk and of a damaged file into sentences, wherever they show up."""

    @wraps(work)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return work(*args, **kwargs)
        except (sqlcipher3.IntegrityError, sqlcipher3.ProgrammingError):
            raise
        except sqlcipher3.OperationalError as error:
            raise StorageFailed(
                "The vault could not be read or written.",
                "The disk is full, read-only or busy.",
                "Make room and try again.",
            ) from error
        except sqlcipher3.DatabaseError as error:
            raise Damaged(
                "The vault cannot be read.", "The file is damaged.", "Restore it from a backup."
            ) from error

    return guarded


# The library has no types: hence the two "type: ignore" below.
class _Cursor(sqlcipher3.Cursor):  # type: ignore[misc]
    execute = _in_sentences(sqlcipher3.Cursor.execute)
    executemany = _in_sentences(sqlcipher3.Cursor.executemany)
    executescript = _in_sentences(sqlcipher3.Cursor.executescript)
    fetchone = _in_sentences(sqlcipher3.Cursor.fetchone)
    fetchmany = _in_sentences(sqlcipher3.Cursor.fetchmany)
    fetchall = _in_sentences(sqlcipher3.Cursor.fetchall)
    __next__ = _in_sentences(sqlcipher3.Cursor.__next__)


class _Connection(sqlcipher3.Connection):  # type: ignore[misc]
    guarded = False

    def cursor(self, factory: object = None) -> Any:
        return super().cursor(_Cursor if self.guarded else sqlcipher3.Cursor)


def open_database(
    path: Path, key: bytes, *, secure_delete: bool = True, guarded: bool = False
) -> Connection:
    """Open or create an encrypted database with a raw 32-byte key.

    The connection is in autocommit mode: transactions are explicit (``BEGIN IMMEDIATE``).
    A guarded connection raises Damaged and StorageFailed instead of the library's errors.
    ``secure_delete=False`` exists only for the negative control of the remains test.
    Raises Damaged when the key does not fit or the file is not ours, StorageFailed on I/O errors.
    """
    if len(key) != 32:
        raise ValueError("a raw SQLCipher key has 32 bytes")
    _refuse_plaintext(path)
    try:
        connection = sqlcipher3.connect(str(path), isolation_level=None, factory=_Connection)
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
    connection.guarded = guarded
    return connection


@_in_sentences
def copy_database(source: Connection, path: Path, key: bytes) -> Connection:
    """Copy a database of one moment into a new file of the same key; return it, guarded and open.

    Raises StorageFailed, Damaged.
    """
    copy = open_database(path, key, guarded=True)
    try:
        source.backup(copy)
    except BaseException:
        copy.close()
        raise
    return copy


@_in_sentences
def write_compact(connection: Connection, path: Path) -> None:
    """Write what a database holds into a new file of the same key (mode 0600).

    Every page is made anew: nothing that was deleted or replaced goes along. Raises StorageFailed.
    """
    # SQLite takes an empty file, and leaves its mode as it is.
    write_private(path, b"")
    # SQLite attaches the new file to itself.
    connection.set_authorizer(None)
    try:
        connection.execute("VACUUM INTO ?", (str(path),))
    finally:
        connection.set_authorizer(_authorize)


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
