"""One erasure as the database keeps it: its scope, its step, and its outcome."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from softphone.domain.audit import DataCategory
from softphone.domain.ids import ContactId, ErasureId, NoteId, RecordingId, UserId
from softphone.domain.privacy import ErasureReason, ErasureReceipt, ErasureStep
from softphone.vault.core import Core
from softphone.vault.crypto import derive, open_sealed, seal
from softphone.vault.database import Connection
from softphone.vault.times import from_micros

CONTACT = "contact"
RECORDING = "recording"
TOMBSTONE = "tombstone"
EXPIRED = "expired"
"""Recordings whose period is over."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to go, and how far it went. ``executed_at`` in microseconds UTC."""

    id: ErasureId
    kind: str
    step: ErasureStep
    reason: ErasureReason
    actor: UserId
    executed_at: int
    contacts: tuple[ContactId, ...] = ()
    numbers: tuple[str, ...] = ()
    recordings: tuple[RecordingId, ...] = ()
    needles: tuple[str, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    remains: int = 0
    entry_index: int = -1
    checkpoint: str = ""
    mentions: tuple[NoteId, ...] = ()
    """Notes of others that mention the person, chosen by a human."""

    @property
    def only_recordings(self) -> bool:
        """Whether recordings go alone, without the person they are of."""
        return self.kind in (RECORDING, EXPIRED)

    @property
    def category(self) -> DataCategory:
        """What the log says goes."""
        return DataCategory.RECORDING if self.only_recordings else DataCategory.WHOLE_RECORD

    def receipt(self) -> ErasureReceipt:
        """Return what is handed out; no personal data in it."""
        return ErasureReceipt(
            self.id,
            from_micros(self.executed_at),
            self.reason,
            self.counts,
            self.remains,
            self.entry_index,
            self.checkpoint,
        )


class Jobs:
    """The table of erasures. Numbers and needles are sealed: the search must not find them here."""

    def __init__(self, core: Core) -> None:
        self._connection: Connection = core.connection
        self._key = derive(core.vault_key, "softphone erasure scope v1")

    def save(self, job: Job) -> None:
        """Write a job within the caller's transaction."""
        done = job.step is ErasureStep.DONE
        encode = msgspec.json.encode
        self._connection.execute(
            "INSERT OR REPLACE INTO erasures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                job.id,
                job.kind,
                job.step.value,
                job.reason.value,
                job.actor,
                job.executed_at,
                encode(job.contacts),
                b"" if done else self._seal(job, job.numbers),
                encode(job.recordings),
                b"" if done else self._seal(job, job.needles),
                encode(job.counts),
                job.remains,
                job.entry_index,
                job.checkpoint,
                encode(job.mentions),
            ),
        )

    def unfinished(self) -> list[Job]:
        """Return the erasures that a crash cut off, oldest first."""
        rows = self._connection.execute(
            "SELECT id, kind, step, reason, actor, executed_at, contacts, numbers, recordings,"
            " needles, counts, remains, entry_index, checkpoint, notes FROM erasures"
            " WHERE step <> ? ORDER BY executed_at",
            (ErasureStep.DONE.value,),
        ).fetchall()
        return [self._job(row) for row in rows]

    def known(self, erasure: ErasureId) -> bool:
        """Whether this erasure was begun here."""
        row = self._connection.execute("SELECT 1 FROM erasures WHERE id = ?", (erasure,))
        return row.fetchone() is not None

    def _job(self, row: tuple[object, ...]) -> Job:
        texts = [str(value) for value in row[:5]]
        decode = msgspec.json.decode
        return Job(
            ErasureId(texts[0]),
            texts[1],
            ErasureStep(texts[2]),
            ErasureReason(texts[3]),
            UserId(texts[4]),
            int(str(row[5])),
            decode(_bytes(row[6]), type=tuple[ContactId, ...]),
            self._open(texts[0], _bytes(row[7])),
            decode(_bytes(row[8]), type=tuple[RecordingId, ...]),
            self._open(texts[0], _bytes(row[9])),
            decode(_bytes(row[10]), type=tuple[tuple[str, int], ...]),
            int(str(row[11])),
            int(str(row[12])),
            str(row[13]),
            decode(_bytes(row[14]), type=tuple[NoteId, ...]),
        )

    def _seal(self, job: Job, texts: tuple[str, ...]) -> bytes:
        return seal(self._key, msgspec.json.encode(texts), job.id.encode())

    def _open(self, erasure: str, sealed: bytes) -> tuple[str, ...]:
        opened = open_sealed(self._key, sealed, erasure.encode())
        return msgspec.json.decode(opened, type=tuple[str, ...])


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("the database gave no bytes")
    return value
