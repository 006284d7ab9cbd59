"""The journal's SQLCipher tables: recordings under way or waiting, and their sealed tails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import sqlcipher3

from softphone.domain.errors import Damaged, StorageFailed
from softphone.domain.ids import RecordingId
from softphone.domain.recording import Gap, Manifest, RecordingOrder, Stanza
from softphone.vault.database import open_database

_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS recording(
    id TEXT PRIMARY KEY,
    recording_order BLOB NOT NULL,
    stanzas BLOB NOT NULL,
    header_mac BLOB NOT NULL,
    nonce BLOB NOT NULL,
    chunks INTEGER NOT NULL DEFAULT 0,
    length_ms INTEGER NOT NULL DEFAULT 0,
    gaps BLOB NOT NULL,
    manifest BLOB
) STRICT;
CREATE TABLE IF NOT EXISTS tail(
    recording TEXT NOT NULL REFERENCES recording(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY(recording, position)
) STRICT, WITHOUT ROWID;
COMMIT;
"""


class Row(msgspec.Struct, frozen=True):
    """One recording. ``chunks`` whole chunks of its payload are confirmed; ``length_ms`` of audio
    were recorded at the last flush, by the clock."""

    order: RecordingOrder
    stanzas: tuple[Stanza, ...]
    header_mac: bytes
    nonce: bytes
    chunks: int
    length_ms: int
    gaps: tuple[Gap, ...]
    manifest: Manifest | None


class JournalRows:
    """The database. Every change is one durable transaction; confined to one thread."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._connection = open_database(path, key)
        try:
            with _storage():
                self._connection.executescript(_SCHEMA)
        except StorageFailed:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all or nothing. Raises StorageFailed."""
        with _storage():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                # SQLite may have rolled back by itself (disk full); then there is nothing to undo.
                with suppress(sqlcipher3.OperationalError):
                    self._connection.execute("ROLLBACK")
                raise

    def add(
        self, order: RecordingOrder, stanzas: Sequence[Stanza], header_mac: bytes, nonce: bytes
    ) -> None:
        """Add a recording. Raises ValueError when it is known."""
        encode = msgspec.json.encode
        with self.transaction():
            try:
                self._connection.execute(
                    "INSERT INTO recording(id, recording_order, stanzas, header_mac, nonce, gaps)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        order.recording,
                        encode(order),
                        encode(stanzas),
                        header_mac,
                        nonce,
                        encode(()),
                    ),
                )
            except sqlcipher3.IntegrityError as error:
                raise ValueError("this recording is in the journal") from error

    def advance(
        self, recording: RecordingId, chunks: int, length_ms: int, gaps: Sequence[Gap]
    ) -> None:
        """Note what is durable; inside a transaction."""
        self._connection.execute(
            "UPDATE recording SET chunks = ?, length_ms = ?, gaps = ? WHERE id = ?",
            (chunks, length_ms, msgspec.json.encode(gaps), recording),
        )

    def add_tail(self, recording: RecordingId, position: int, sealed: bytes) -> None:
        """Add a tail row; inside a transaction."""
        self._connection.execute(
            "INSERT INTO tail(recording, position, sealed) VALUES (?, ?, ?)",
            (recording, position, sealed),
        )

    def drop_tail(self, recording: RecordingId) -> None:
        """Drop all tail rows of a recording; inside a transaction."""
        self._connection.execute("DELETE FROM tail WHERE recording = ?", (recording,))

    def set_manifest(self, recording: RecordingId, manifest: Manifest) -> None:
        """Note that a recording is complete; inside a transaction."""
        self._connection.execute(
            "UPDATE recording SET manifest = ? WHERE id = ?",
            (msgspec.json.encode(manifest), recording),
        )

    def all(self) -> list[Row]:
        """Return all recordings, oldest first. Raises Damaged, StorageFailed."""
        with _storage():
            rows = self._connection.execute(
                "SELECT recording_order, stanzas, header_mac, nonce, chunks, length_ms, gaps,"
                " manifest FROM recording ORDER BY rowid"
            ).fetchall()
        return [_row(values) for values in rows]

    def tail(self, recording: RecordingId) -> list[bytes]:
        """Return the sealed tail rows in order. Raises StorageFailed."""
        with _storage():
            rows = self._connection.execute(
                "SELECT sealed FROM tail WHERE recording = ? ORDER BY position", (recording,)
            ).fetchall()
        return [bytes(sealed) for (sealed,) in rows]

    def delete(self, recording: RecordingId) -> None:
        """Remove a recording and its tail, from the write-ahead log as well."""
        with self.transaction():
            self._connection.execute("DELETE FROM recording WHERE id = ?", (recording,))
        with _storage():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _row(values: tuple[bytes, bytes, bytes, bytes, int, int, bytes, bytes | None]) -> Row:
    order, stanzas, header_mac, nonce, chunks, length_ms, gaps, manifest = values
    decode = msgspec.json.decode
    try:
        return Row(
            order=decode(order, type=RecordingOrder),
            stanzas=decode(stanzas, type=tuple[Stanza, ...]),
            header_mac=header_mac,
            nonce=nonce,
            chunks=chunks,
            length_ms=length_ms,
            gaps=decode(gaps, type=tuple[Gap, ...]),
            manifest=None if manifest is None else decode(manifest, type=Manifest),
        )
    except msgspec.DecodeError as error:
        raise Damaged("The journal of recordings cannot be read.", "A row is malformed.") from error


@contextmanager
def _storage() -> Iterator[None]:
    """Turn errors of the database into sentences."""
    try:
        yield
    except sqlcipher3.OperationalError as error:
        full = "full" in str(error)
        raise StorageFailed(
            "The recording cannot be written.",
            "The disk is full." if full else "The journal of recordings reports an error.",
            "Free some space; recording then goes on." if full else "Ask your administrator.",
        ) from error
    except sqlcipher3.DatabaseError as error:
        raise Damaged(
            "The journal of recordings cannot be read.", "The file is damaged.", "Keep it as it is."
        ) from error
