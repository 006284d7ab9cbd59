"""The small keys of a backup, in a file of their own: short-lived, replaced by every backup.

A copy of the database keeps only marks of them, so that a person who was erased since does not come
back from an old copy. Besides the keys the file says what had been erased when it was made.

It is an age file for the recovery key, and inside sealed once more under a key of the vault:
anybody can seal something for a recovery key, and what this file lacks is erased at a restore.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from softphone.domain.audit import Action
from softphone.domain.errors import Damaged, InvalidInput, NotFound, StorageFailed
from softphone.vault.age_format import read_header
from softphone.vault.crypto import derive, open_sealed, seal
from softphone.vault.database import Connection
from softphone.vault.delivery import sealed
from softphone.vault.recipients import HybridIdentity, NotForMe, parse_recipient, unwrap_file_key
from softphone.vault.stream import decrypt

_FORMAT = 1
_LARGEST = 1 << 30
_MARK = b"softphone backup key mark v1\0"


class BackupKeys(msgspec.Struct, frozen=True):
    """What a keys file holds. Times are UTC text (``YYYY-MM-DDTHH:MM:SS.ffffffZ``).

    ``logs`` says how many entries of whose log the vault had: of its own device, and of those that
    it continues. ``recordings`` and ``subjects`` are the keys (32 bytes) by recording id and by
    pseudonym; ``erased_subjects`` has microseconds UTC, ``unsent`` the tombstones as JSON.
    """

    device: str
    made_at: str
    not_after: str
    logs: dict[str, int]
    recordings: dict[str, bytes]
    subjects: dict[str, bytes]
    erased_objects: tuple[str, ...]
    erased_subjects: tuple[tuple[str, int], ...]
    unsent: tuple[bytes, ...]

    def __repr__(self) -> str:
        return f"BackupKeys(device={self.device!r}, made_at={self.made_at!r})"


class _Envelope(msgspec.Struct, frozen=True):
    format: int
    vault: str
    sealed: bytes


def keys_file(file: Path) -> Path:
    """Return where the keys of a backup lie unless somebody names another place."""
    return file.with_name(f"{file.name}.keys")


def mark_of(key: bytes) -> bytes:
    """Return what stands for a key in a copy of the database: a hash, from which nothing opens."""
    return hashlib.sha256(_MARK + key).digest()


def take_out(copy: Connection, device: str, made_at: str, not_after: str) -> BackupKeys:
    """Replace every small key in a copy of the database by its mark, and return the keys.

    Keys of addresses for hand-overs go as well, for good: a restored workstation is a new device,
    which no package was made for. Freed pages are the caller's (:func:`.database.write_compact`).
    """
    query = copy.execute
    keys = BackupKeys(
        device,
        made_at,
        not_after,
        logs_of(copy, device),
        _by_owner(copy, "recording_id, recording_key", "recording_keys"),
        _by_owner(copy, "pseudonym, subject_key", "subjects"),
        tuple(name for (name,) in query("SELECT id FROM erased_objects").fetchall()),
        tuple(query("SELECT pseudonym, executed_at FROM erased_subjects").fetchall()),
        tuple(bytes(t) for (t,) in query("SELECT tombstone FROM outbox_tombstones").fetchall()),
    )
    copy.create_function("mark_of", 1, mark_of, deterministic=True)
    query("BEGIN IMMEDIATE")
    for table, column in (("recording_keys", "recording_key"), ("subjects", "subject_key")):
        query(f"UPDATE {table} SET {column} = mark_of({column}) WHERE {column} <> x''")  # noqa: S608
    query("DELETE FROM handover_keys")
    query("COMMIT")
    return keys


def logs_of(connection: Connection, device: str) -> dict[str, int]:
    """Return how many entries of whose log a database has: its device's, and those before it."""
    rows = connection.execute(
        "SELECT object_id, n FROM audit_leaves WHERE action = ?", (Action.LOG_CONTINUED.value,)
    ).fetchall()
    (size,) = connection.execute("SELECT size FROM audit_head").fetchone()
    return {**{str(before): int(n) for before, n in rows}, device: int(size)}


def write_keys(path: Path, keys: BackupKeys, vault_key: bytes, recipient: str) -> None:
    """Write a keys file over an earlier one, which stays whole if this fails.

    Raises StorageFailed.
    """
    body = seal(_key(vault_key), msgspec.msgpack.encode(keys), _bound_to(vault_key))
    envelope = _Envelope(_FORMAT, _bound_to(vault_key).decode(), body)
    with sealed(path, parse_recipient(recipient)) as out:
        out.write(msgspec.msgpack.encode(envelope))


def read_keys(path: Path, identity: HybridIdentity, vault_key: bytes) -> BackupKeys:
    """Read a keys file of this vault.

    Raises NotFound, InvalidInput (of another vault), Damaged, StorageFailed.
    """
    try:
        envelope = msgspec.msgpack.decode(_opened(path, identity), type=_Envelope)
    except msgspec.MsgspecError as error:
        raise _damaged() from error
    if envelope.format != _FORMAT:
        raise _damaged()
    if envelope.vault != _bound_to(vault_key).decode():
        raise _of_another()
    try:
        body = open_sealed(_key(vault_key), envelope.sealed, _bound_to(vault_key))
        return msgspec.msgpack.decode(body, type=BackupKeys)
    except (Damaged, msgspec.MsgspecError) as error:
        raise _damaged() from error


def _opened(path: Path, identity: HybridIdentity) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise _damaged()
        with path.open("rb") as file:
            file_key = unwrap_file_key(read_header(file), [identity])
            return b"".join(decrypt(file, file_key))
    except NotForMe as error:
        # The backup itself has been opened with this key.
        raise _of_another() from error
    except FileNotFoundError as error:
        raise NotFound(
            "The backup was not restored.",
            f"The file with the keys of its recordings is missing: {path.name}.",
            "Name it with --keys, or restore without recordings by --without-keys.",
        ) from error
    except OSError as error:
        raise StorageFailed(
            "The backup was not restored.", "Its keys file cannot be read.", "Try again."
        ) from error
    except Damaged as error:
        raise _damaged() from error


def _by_owner(connection: Connection, columns: str, table: str) -> dict[str, bytes]:
    """Return the keys of a table by their owners, but for those that did not come back once."""
    rows = connection.execute(f"SELECT {columns} FROM {table}").fetchall()  # noqa: S608 - two tables
    return {str(owner): bytes(key) for owner, key in rows if key}


def _key(vault_key: bytes) -> bytes:
    return derive(vault_key, "softphone backup keys v1")


def _bound_to(vault_key: bytes) -> bytes:
    """Return what tells vaults apart without telling anything of their key."""
    return derive(vault_key, "softphone backup vault v1").hex().encode()


def _of_another() -> InvalidInput:
    return InvalidInput(
        "The backup was not restored.",
        "Its keys file belongs to another vault.",
        "Name the one that was made with this backup, or a later one, with --keys.",
    )


def _damaged() -> Damaged:
    return Damaged(
        "The backup was not restored.",
        "Its keys file is damaged or of another kind.",
        "Name another one with --keys, or restore without recordings by --without-keys.",
    )
