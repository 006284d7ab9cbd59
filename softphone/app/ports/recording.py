"""Recording in the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from softphone.domain.ids import (
    RecordingId,
)
from softphone.domain.recording import (
    Gap,
    Manifest,
    RecordingOrder,
    SealedRecording,
)


class RecordingWriter(Protocol):
    """One recording being written. Used by one thread."""

    def write(self, data: bytes) -> None:
        """Append encoded audio; kept in memory until :meth:`flush`."""
        ...

    def flush(self) -> None:
        """Make all written so far durable. Raises StorageFailed; what was kept stays openable."""
        ...

    def add_gap(self, gap: Gap) -> None:
        """Note a stretch without capture."""
        ...

    def finish(self, audio_ms: int) -> Manifest:
        """Seal the last chunk and close. Raises StorageFailed."""
        ...

    def close(self) -> None:
        """Stop writing without sealing: what was durable stays as a cut-off recording."""
        ...


class Journal(Protocol):
    """The engine's durable list of recordings under way or waiting for the vault."""

    def begin(self, order: RecordingOrder) -> RecordingWriter:
        """Start a recording: fresh file key, wrapped for ``order.targets``, then forgotten."""
        ...

    def sealed(self) -> Sequence[SealedRecording]:
        """Return all recordings not being written, those cut off by a crash included."""
        ...

    def forget(self, recording: RecordingId) -> None:
        """Drop the row (secure delete); the payload file stays."""
        ...

    def close(self) -> None:
        """Close the database."""
        ...
