"""What a sound system must offer: a list of devices, and mono 16 kHz streams of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from softphone.domain.sound import Silenced, SoundDevice

Fill = Callable[[int], bytes]
"""Asked for so many bytes of PCM to play; called from the stream's own thread: copy and return."""
Take = Callable[[bytes], int | None]
"""Given captured PCM of any length, from the stream's own thread. Returns, if it knows, how many
bytes are missing before anything comes of them: a stream need not wake up for less."""
Lost = Callable[[], None]
"""Told once, from the stream's own thread or one that uses it, that the device is gone."""


class DeviceUnusable(Exception):  # never leaves softphone.audio
    """A device cannot be opened: broken, busy in exclusive mode, or gone meanwhile."""


@dataclass(frozen=True, slots=True)
class DeviceList:
    """What is there, the system's own choice first."""

    microphones: tuple[SoundDevice, ...] = ()
    speakers: tuple[SoundDevice, ...] = ()
    silenced: tuple[tuple[str, Silenced], ...] = ()
    """Microphones (by id) that the system lets nothing through of, where it tells."""


class Stream(Protocol):
    """A device in use."""

    def close(self) -> None:
        """Let it go; no callback begins after this returns."""
        ...


class DirectOutput(Stream, Protocol):
    """A speaker that takes what it is given, from one thread, without letting that wait."""

    def ahead(self) -> int:
        """Return how many samples are still to be played; negative by how long it was silent."""
        ...

    def write(self, pcm: bytes, at: int | None = None) -> None:
        """Play after what is ahead; or ``at`` so many samples from what is played now, instead of
        what is ahead."""
        ...

    def tend(self) -> None:
        """Called about once a second, from another thread, also while nothing is written."""
        ...


class Backend(Protocol):
    """A sound system."""

    closes_for_rescan: bool
    """Whether every stream must be closed before :meth:`rescan` (PortAudio)."""

    def watch(self, changed: Callable[[], None]) -> None:
        """Call ``changed`` from any thread when the list of devices may have changed."""
        ...

    def rescan(self) -> None:
        """Look at the devices again."""
        ...

    def devices(self) -> DeviceList:
        """Return what is there as of the last look."""
        ...

    def open_output(self, device: str, fill: Fill, lost: Lost) -> Stream:
        """Begin to play. Raises DeviceUnusable."""
        ...

    def open_direct(self, device: str, lost: Lost) -> DirectOutput | None:
        """Begin to play what is written; None where devices only ask. Raises DeviceUnusable."""
        ...

    def open_input(self, device: str, take: Take, lost: Lost) -> Stream:
        """Begin to capture. Raises DeviceUnusable."""
        ...

    def close(self) -> None:
        """Let the system go."""
        ...
