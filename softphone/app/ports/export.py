"""What is handed out and played."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from softphone.app.ports.vault import RecordingReader
from softphone.domain.contact import ContactFile


class WorkbookWriter(Protocol):
    """Writes a contact's file as an Excel workbook."""

    def write(
        self,
        data: ContactFile,
        destination: Path,
        exported_by: str,
        exported_at: datetime,
        time_zone: str,
    ) -> None:
        """Write atomically; texts never become formulas. Raises StorageFailed."""
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

    def position_ms(self) -> int:
        """Return where playback is."""
        ...

    def waveform(self, bins: int) -> tuple[Sequence[float], Sequence[float]]:
        """Return peak levels 0..1 of both channels (agent, customer) in ``bins`` steps."""
        ...

    def unload(self) -> None:
        """Stop and forget the audio."""
        ...
