"""Levels in dBFS: a full-scale sine is 0 (AES17)."""

from __future__ import annotations

import numpy as np

from softphone.app.media import FrameSink
from softphone.domain.sound import SILENCE_DBFS

FULL = 32767


class LevelMeter:
    """Collects PCM on one thread and is read on another; both only for a moment."""

    def __init__(self) -> None:
        self.on = False
        self._blocks: list[bytes] = []

    def feed(self, pcm: bytes) -> None:
        """Take PCM if anyone looks; at most half a second is kept."""
        if self.on and len(self._blocks) < 100:
            self._blocks.append(pcm)

    def read(self) -> tuple[float, bool]:
        """Return the level since the last look, and whether full scale was reached."""
        blocks, self._blocks = self._blocks, []
        pcm = np.frombuffer(b"".join(blocks), np.int16)
        return level_dbfs(pcm), bool(len(pcm)) and bool(np.abs(pcm.astype(np.int32)).max() >= FULL)


class MeteredSink:
    """A sink that is measured on the way."""

    def __init__(self, sink: FrameSink, meter: LevelMeter) -> None:
        self._sink, self._meter = sink, meter

    def put_frame(self, frame: bytes) -> None:
        """Take one frame (media tick)."""
        self._meter.feed(frame)
        self._sink.put_frame(frame)


def level_dbfs(pcm: np.ndarray) -> float:
    """Return the level of PCM, never below SILENCE_DBFS."""
    if not len(pcm):
        return SILENCE_DBFS
    rms = float(np.sqrt(np.mean(np.square(pcm.astype(np.float64)))))
    if rms < 1e-3:
        return SILENCE_DBFS
    return max(SILENCE_DBFS, 20 * float(np.log10(rms * np.sqrt(2) / FULL)))
