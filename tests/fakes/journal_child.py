"""Writes one recording for ever and says after each flush how much is durable; to be killed.

The arguments are the folder of the journal, and the recipient.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from softphone.domain.call import Direction
from softphone.domain.ids import CallId, GroupId, RecordingId, UserId, new_id
from softphone.domain.recording import RecordingOrder, SealTarget
from softphone.vault.journal import RecordingJournal

KEY = bytes(range(32))


def audio(position: int, length: int) -> bytes:
    """Return the bytes of an endless recording that every process computes alike."""
    first = position // 8
    numbers = range(first, (position + length) // 8 + 1)
    block = b"".join(number.to_bytes(8, "big") for number in numbers)
    return block[position - first * 8 :][:length]


def order(recipient: str) -> RecordingOrder:
    """Return an order for a recording."""
    return RecordingOrder(
        recording=RecordingId(new_id()),
        call=CallId(new_id()),
        agent=UserId(new_id()),
        team="north",
        direction=Direction.INCOMING,
        number="+493012345678",
        started_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        codec="opus",
        sample_rate_hz=48000,
        targets=(SealTarget(GroupId("listen/north/1"), "North", recipient),),
    )


def main(folder: Path, recipient: str) -> None:
    """Write until killed."""
    journal = RecordingJournal(folder / "journal.db", KEY, folder / "recordings")
    writer = journal.begin(order(recipient))
    position = 0
    while True:
        for length in (100, 9_000, 1, 70_000, 30_000):
            writer.write(audio(position, length))
            position += length
            writer.flush()
            sys.stdout.write(f"{position}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
