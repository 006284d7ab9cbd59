"""The crash-safe journal of recordings: nothing in it, and nothing kept beside it, opens one.

Each flush first appends full chunks to the payload and makes them durable, then replaces the
sealed tail in one transaction that also counts those chunks. Only counted chunks exist: whatever
else lies at the end of a payload after a crash was never confirmed and is cut off. A chunk written
again after a failure holds the same plaintext under the same nonce, byte for byte; a final chunk
is sealed only over a tail that is durable, so that a crash there cannot make a second one differ.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from softphone.domain.ids import RecordingId
from softphone.domain.recording import Gap, Manifest, RecordingOrder, SealedRecording
from softphone.vault.age_format import header_mac
from softphone.vault.crypto import wipe
from softphone.vault.journal_rows import JournalRows, Row
from softphone.vault.payload_file import DiskFiles, PayloadFile, PayloadFiles, storage_failed
from softphone.vault.recipients import new_file_key, parse_recipient, wrap_file_key
from softphone.vault.stream import CHUNK, NONCE_SIZE, SEALED_CHUNK, ChunkCipher
from softphone.vault.tail import TailSealer, pack_tail

_READ = 1 << 20


def payload_path(recordings: Path, recording: RecordingId) -> Path:
    """Return where the payload of a recording lies: ``<2 hex>/<uuid>.pay``."""
    return recordings / recording[:2] / f"{recording}.pay"


class JournalWriter:
    """One recording being written; a ``RecordingWriter``. Used on the journal's thread.

    After StorageFailed from :meth:`flush` or :meth:`finish` the same call may be made again: what
    was written stays in memory, and what was durable stays openable.
    """

    def __init__(
        self,
        rows: JournalRows,
        file: PayloadFile,
        order: RecordingOrder,
        file_key: bytes,
        nonce: bytes,
        *,
        monotonic: Callable[[], float],
        on_closed: Callable[[RecordingId], None],
    ) -> None:
        self._rows = rows
        self._file: PayloadFile | None = file
        self._order = order
        self._recording = order.recording
        self._cipher = ChunkCipher(file_key, nonce)
        self._tail_sealer = TailSealer(file_key, order.recording)
        self._hash = hashlib.sha256(nonce)
        self._monotonic = monotonic
        self._began = monotonic()
        self._on_closed = on_closed
        self._pending = bytearray()
        """Plaintext after the confirmed chunks."""
        self._durable = 0
        """Bytes of ``_pending`` that tail rows hold."""
        self._chunks = 0
        self._tail_rows = 0
        self._gaps: list[Gap] = []
        self._gaps_durable = 0
        self._sealing = False

    def write(self, data: bytes) -> None:
        """Append encoded audio; kept in memory until :meth:`flush`."""
        if self._file is None or self._sealing:
            raise ValueError("the recording is being sealed or is closed")
        self._pending += data

    def add_gap(self, gap: Gap) -> None:
        """Note a stretch without capture; durable with the next flush."""
        if self._file is None or self._sealing:
            raise ValueError("the recording is being sealed or is closed")
        self._gaps.append(gap)

    def flush(self) -> None:
        """Make all written so far durable. Raises StorageFailed; what was kept stays openable."""
        file = self._open_file()
        if self._durable == len(self._pending) and self._gaps_durable == len(self._gaps):
            return
        sealed = self._seal_full_chunks()
        if sealed:
            _write(file, self._position(), sealed)
        new_chunks = len(sealed) // SEALED_CHUNK
        chunks = self._chunks + new_chunks
        first = 0 if new_chunks else self._tail_rows
        start = new_chunks * CHUNK or self._durable
        fresh = bytes(self._pending[start:])
        with self._rows.transaction():
            if new_chunks:
                self._rows.drop_tail(self._recording)
            if fresh:
                row = self._tail_sealer.seal(chunks, first, fresh)
                self._rows.add_tail(self._recording, first, row)
            self._rows.advance(self._recording, chunks, self._length_ms(), self._gaps)
        self._chunks = chunks
        self._tail_rows = first + bool(fresh)
        del self._pending[: new_chunks * CHUNK]
        self._durable = len(self._pending)
        self._gaps_durable = len(self._gaps)
        self._hash.update(sealed)

    def finish(self, audio_ms: int) -> Manifest:
        """Seal the last chunk and close. Raises StorageFailed; it may then be called again."""
        self.flush()
        file = self._open_file()
        self._sealing = True
        final = self._cipher.seal(self._chunks, bytes(self._pending), final=True)
        _write(file, self._position(), final)
        whole = self._hash.copy()
        whole.update(final)
        manifest = Manifest(
            recording=self._recording,
            payload_sha256=whole.hexdigest(),
            payload_bytes=self._position() + len(final),
            audio_ms=audio_ms,
            codec=self._order.codec,
            sample_rate_hz=self._order.sample_rate_hz,
            gaps=tuple(self._gaps),
        )
        with self._rows.transaction():
            self._rows.drop_tail(self._recording)
            self._rows.set_manifest(self._recording, manifest)
        self.close()
        return manifest

    def close(self) -> None:
        """Give up without sealing: what is durable is handed over as cut off. Idempotent."""
        if self._file is None:
            return
        file, self._file = self._file, None
        self._pending.clear()
        del self._cipher, self._tail_sealer
        self._on_closed(self._recording)
        try:
            file.close()
        except OSError as error:
            raise storage_failed(error) from error

    def _open_file(self) -> PayloadFile:
        if self._file is None:
            raise ValueError("the recording is closed")
        return self._file

    def _position(self) -> int:
        return NONCE_SIZE + self._chunks * SEALED_CHUNK

    def _seal_full_chunks(self) -> bytes:
        """Return sealed chunks; a full one waits until more follows, it may be the final one."""
        count = max(0, len(self._pending) - 1) // CHUNK
        return b"".join(
            self._cipher.seal(
                self._chunks + i, bytes(self._pending[i * CHUNK : (i + 1) * CHUNK]), final=False
            )
            for i in range(count)
        )

    def _length_ms(self) -> int:
        passed = round((self._monotonic() - self._began) * 1000)
        return max(0, passed - sum(gap.length_ms for gap in self._gaps))


class RecordingJournal:
    """The engine's list of recordings under way or waiting for the vault; a ``Journal``.

    One thread uses it and all its writers. ``key`` (32 bytes) opens the list; the payloads and
    tails open with the keys of the groups they are sealed for, and with nothing else.
    """

    def __init__(
        self,
        path: Path,
        key: bytes,
        recordings: Path,
        *,
        files: PayloadFiles | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rows = JournalRows(path, key)
        self._recordings = recordings
        self._files: PayloadFiles = files or DiskFiles()
        self._monotonic = monotonic
        self._writers: dict[RecordingId, JournalWriter] = {}

    def begin(self, order: RecordingOrder) -> JournalWriter:
        """Start a recording: fresh file key, wrapped for ``order.targets``, then forgotten.

        Raises InvalidInput for a target that is no recipient, StorageFailed.
        """
        file_key = new_file_key()
        try:
            writer = self._begin(order, file_key)
        finally:
            # From here on only the ciphers hold keys, and they clean up behind them.
            wipe(file_key)
        self._writers[order.recording] = writer
        return writer

    def _begin(self, order: RecordingOrder, file_key: bytes) -> JournalWriter:
        nonce = secrets.token_bytes(NONCE_SIZE)
        stanzas = wrap_file_key([parse_recipient(t.recipient) for t in order.targets], file_key)
        # The row comes first: a payload that no row names could never be opened nor erased.
        self._rows.add(order, stanzas, header_mac(stanzas, file_key), nonce)
        try:
            file = self._create(order.recording, nonce)
        except OSError as error:
            self._rows.delete(order.recording)
            raise storage_failed(error) from error
        return JournalWriter(
            self._rows,
            file,
            order,
            file_key,
            nonce,
            monotonic=self._monotonic,
            on_closed=self._closed,
        )

    def sealed(self) -> tuple[SealedRecording, ...]:
        """Return all recordings not being written, those cut off by a crash included.

        Of one cut off, the payload is first cut to its confirmed chunks; ``audio_ms`` is then what
        the clock said at its last flush, an estimate. Raises StorageFailed, Damaged.
        """
        waiting = [row for row in self._rows.all() if row.order.recording not in self._writers]
        return tuple(
            _handed_over(row, row.manifest) if row.manifest else self._cut_off(row)
            for row in waiting
        )

    def forget(self, recording: RecordingId) -> None:
        """Drop the row (secure delete); the payload file stays. Unknown ones are ignored."""
        if recording in self._writers:
            raise ValueError("the recording is being written")
        self._rows.delete(recording)

    def close(self) -> None:
        """Close the database; recordings still being written will be handed over as cut off."""
        for writer in tuple(self._writers.values()):
            writer.close()
        self._rows.close()

    def _closed(self, recording: RecordingId) -> None:
        self._writers.pop(recording, None)

    def _create(self, recording: RecordingId, nonce: bytes) -> PayloadFile:
        file = self._files.open(payload_path(self._recordings, recording))
        try:
            file.write_at(0, nonce)
            file.sync()
        except OSError:
            file.close()
            raise
        return file

    def _cut_off(self, row: Row) -> SealedRecording:
        recording = row.order.recording
        size, digest = self._cut_payload(row)
        manifest = Manifest(
            recording=recording,
            payload_sha256=digest,
            payload_bytes=size,
            audio_ms=row.length_ms,
            codec=row.order.codec,
            sample_rate_hz=row.order.sample_rate_hz,
            gaps=row.gaps,
            complete=False,
        )
        tail = pack_tail(recording, row.chunks, self._rows.tail(recording))
        return _handed_over(row, manifest, tail)

    def _cut_payload(self, row: Row) -> tuple[int, str]:
        """Cut a payload to what counts; return its size and SHA-256 (hex)."""
        path = payload_path(self._recordings, row.order.recording)
        size = NONCE_SIZE + row.chunks * SEALED_CHUNK
        try:
            file = self._create(row.order.recording, row.nonce)
            try:
                if self._files.read(path, size, 1):
                    file.truncate(size)
                    file.sync()
            finally:
                file.close()
            digest = hashlib.sha256()
            position = 0
            while part := self._files.read(path, position, _READ):
                digest.update(part)
                position += len(part)
        except OSError as error:
            raise storage_failed(error) from error
        return position, digest.hexdigest()


def _handed_over(row: Row, manifest: Manifest, tail: bytes = b"") -> SealedRecording:
    order = row.order
    return SealedRecording(
        manifest=manifest,
        call=order.call,
        agent=order.agent,
        team=order.team,
        direction=order.direction,
        number=order.number,
        started_at=order.started_at,
        group=order.targets[0].group,
        stanzas=row.stanzas,
        header_mac=row.header_mac,
        tail=tail,
    )


def _write(file: PayloadFile, position: int, data: bytes) -> None:
    try:
        file.write_at(position, data)
        file.sync()
    except OSError as error:
        raise storage_failed(error) from error
