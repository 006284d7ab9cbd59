"""Plays tones on a device through a stream of its own, never through that of a call."""

from __future__ import annotations

import threading
from collections.abc import Callable

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.audio.levels import LevelMeter

TAIL_BYTES = SAMPLE_RATE_HZ // 10 * 2
"""Silence after the end, so that what the device still holds is heard to its end: 100 ms."""


class ToneFeed:
    """PCM from memory, looped or once; tells when it has ended."""

    def __init__(
        self, pcm: bytes, *, loop: bool, meter: LevelMeter, ended: Callable[[], None]
    ) -> None:
        self._pcm = pcm
        self._loop = loop
        self._meter = meter
        self._ended = ended
        self._place = 0
        self._silence = 0
        self._lock = threading.Lock()

    def fill(self, length: int) -> bytes:
        """Return the next PCM (the stream's thread)."""
        with self._lock:
            data = self._pcm[self._place : self._place + length]
            self._place += len(data)
            while self._loop and self._pcm and len(data) < length:
                self._place = min(length - len(data), len(self._pcm))
                data += self._pcm[: self._place]
        self._meter.feed(data)
        if len(data) < length:
            before, self._silence = self._silence, self._silence + length - len(data)
            data += bytes(length - len(data))
            if before < TAIL_BYTES <= self._silence:
                self._ended()
        return data

    def wipe(self) -> None:
        """Forget the sound: the next PCM is silence."""
        with self._lock:
            self._pcm = b""
            self._place = 0
