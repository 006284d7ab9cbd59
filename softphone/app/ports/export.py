"""What is handed out and played."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from softphone.app.ports.contact_files import OpenFile
from softphone.app.ports.vault import RecordingReader
from softphone.domain.audit_bundle import AuditBundle
from softphone.domain.contact import ContactFile

OnRow = Callable[[int], bool]
"""Rows done; returns whether to go on."""


class WorkbookWriter(Protocol):
    """Writes a contact's file as an Excel workbook."""

    def write(
        self,
        data: ContactFile,
        destination: Path,
        exported_by: str,
        exported_at: datetime,
        time_zone: str,
        *,
        delivery: OpenFile | None = None,
        on_row: OnRow = lambda _done: True,
    ) -> None:
        """Write atomically; texts never become formulas. Into ``delivery`` where one is given.

        Raises StorageFailed, Cancelled (``on_row`` said so).
        """
        ...


class ExportFormat(StrEnum):
    """What a recording is handed out as."""

    AGE = "age"
    WAV = "wav"
    OGG = "ogg"


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """One recording to hand out. An age file is for a recipient or a passphrase, never both."""

    format: ExportFormat
    destination: Path
    reason: str
    recipient: str = ""
    """Public age key, ``age1...`` or ``age1pq1...``."""
    passphrase: str = ""
    codec: str = "opus"
    """What the recording holds."""


OnProgress = Callable[[int, int], bool]
"""Plaintext bytes done and in all; returns whether to go on."""


class RecordingExporter(Protocol):
    """Writes an opened recording into one file. May be used on any thread."""

    def export(self, reader: RecordingReader, order: ExportOrder, on_progress: OnProgress) -> None:
        """Write atomically with mode 0600; nothing is left of what failed or was cancelled.

        The caller closes the reader. Raises Cancelled, InvalidInput (recipient), Damaged,
        StorageFailed.
        """
        ...


class SoundMeter(Protocol):
    """Measures sound."""

    def length_ms(self, reader: RecordingReader) -> int:
        """Return how long the recording sounds. Raises Damaged when it holds no sound."""


class BundleWriter(Protocol):
    """Writes the audit log as a bundle that a stranger can check."""

    def write(self, bundle: AuditBundle, destination: Path) -> None:
        """Write all of it or nothing. Raises InvalidInput, StorageFailed."""
        ...

    def parts(
        self, bundle: AuditBundle, destination: Path, lines: int
    ) -> Generator[int, None, None]:
        """Write so many lines a turn; yields how many entries are written, may be closed midway.

        Nothing is at its place before the last turn. Raises InvalidInput, StorageFailed.
        """
        ...


class Player(Protocol):
    """Plays a recording from memory."""

    def load(self, reader: RecordingReader, audio_ms: int) -> None:
        """Take a reader over; the player closes it."""
        ...

    def play(self) -> None:
        """Begin or go on."""
        ...

    def pause(self) -> None:
        """Stop where it is."""
        ...

    def seek(self, position_ms: int) -> None:
        """Jump."""
        ...

    def set_speed(self, speed: float) -> None:
        """Play 0.5 to 2 times as fast, at the same pitch; stays for what is loaded next."""
        ...

    def skip_silence(self, on: bool) -> None:
        """Shorten pauses in which nobody speaks; stays for what is loaded next."""
        ...

    def set_balance(self, balance: float) -> None:
        """Hear the agent alone (-1), both alike (0), the customer alone (1), or between."""
        ...

    def position_ms(self) -> int:
        """Return where playback is."""
        ...

    def waveform(self, bins: int) -> tuple[Sequence[float], Sequence[float]]:
        """Return peak levels 0..1 of both channels (agent, customer) in ``bins`` steps."""
        ...

    def unload(self) -> None:
        """Stop and forget the audio."""
        ...
