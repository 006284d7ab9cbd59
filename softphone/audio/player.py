"""Playback for review: decrypted and decoded into memory, never to disk."""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import sounddevice as sd

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.app.ports import RecordingReader
from softphone.audio.codecs import decode_stereo

log = logging.getLogger(__name__)


class ReaderFile(io.RawIOBase):
    """A seekable file over a recording's decrypted bytes."""

    def __init__(self, reader: RecordingReader) -> None:
        self._reader = reader
        self._position = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, position: int, whence: int = 0) -> int:
        """Move; returns the position."""
        base = {0: 0, 1: self._position, 2: self._reader.size}[whence]
        self._position = max(0, base + position)
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def read(self, length: int = -1) -> bytes:
        """Return up to ``length`` bytes; empty at the end."""
        left = self._reader.size - self._position
        wanted = left if length < 0 else min(length, left)
        if wanted <= 0:
            return b""
        data = self._reader.read_at(self._position, wanted)
        self._position += len(data)
        return data


class MemoryPlayer:
    """Plays one recording at a time on the default speaker; runs silently where there is none."""

    def __init__(self) -> None:
        self._pcm: np.ndarray = np.zeros((0, 2), dtype=np.int16)
        self._sample = 0
        self._playing = False
        self._stream: Any = None
        self._lock = threading.Lock()
        self._started = 0.0
        self.problem = ""

    def load(self, reader: RecordingReader, audio_ms: int) -> None:
        """Decode a recording into memory and close the reader."""
        self.unload()
        try:
            blocks = list(decode_stereo(ReaderFile(reader)))
            self.problem = reader.problem
        finally:
            reader.close()
        pcm = np.concatenate(blocks) if blocks else self._pcm
        with self._lock:
            self._pcm = pcm
            self._sample = 0

    @property
    def pcm(self) -> np.ndarray:
        """Stereo PCM, int16, shape (samples, 2), 16 kHz."""
        return self._pcm

    def play(self) -> None:
        """Begin or go on; from the start again after the end."""
        if not len(self._pcm) or self._playing:
            return
        with self._lock:
            if self._sample >= len(self._pcm):
                self._sample = 0
            self._playing = True
            self._started = time.monotonic() - self._sample / SAMPLE_RATE_HZ
        try:
            self._stream = sd.OutputStream(
                samplerate=SAMPLE_RATE_HZ, channels=1, dtype="int16", callback=self._fill
            )
            self._stream.start()
        except (sd.PortAudioError, ValueError, OSError) as error:
            log.warning("no speaker for playback: %s", error)
            self._stream = None

    def pause(self) -> None:
        """Stop where it is."""
        position = self.position_ms()
        self._playing = False
        self._sample = position * SAMPLE_RATE_HZ // 1000
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close(ignore_errors=True)

    def seek(self, position_ms: int) -> None:
        """Jump; playback goes on if it was on."""
        with self._lock:
            self._sample = min(max(position_ms, 0) * SAMPLE_RATE_HZ // 1000, len(self._pcm))
            self._started = time.monotonic() - self._sample / SAMPLE_RATE_HZ

    def position_ms(self) -> int:
        """Return where playback is."""
        if self._playing and self._stream is None:
            self._sample = min(
                int((time.monotonic() - self._started) * SAMPLE_RATE_HZ), len(self._pcm)
            )
        return self._sample * 1000 // SAMPLE_RATE_HZ

    def waveform(self, bins: int) -> tuple[Sequence[float], Sequence[float]]:
        """Return peak levels 0..1 of agent and customer in ``bins`` equal steps."""
        if not len(self._pcm) or bins <= 0:
            return ([0.0] * bins, [0.0] * bins)
        edges = np.linspace(0, len(self._pcm), bins + 1, dtype=int)[:-1]
        peaks = np.maximum.reduceat(np.abs(self._pcm.astype(np.int32)), edges, axis=0) / 32768.0
        return (peaks[:, 0].tolist(), peaks[:, 1].tolist())

    def unload(self) -> None:
        """Stop and forget the sound."""
        self.pause()
        with self._lock:
            self._pcm.fill(0)
            self._pcm = np.zeros((0, 2), dtype=np.int16)
            self._sample = 0
        self.problem = ""

    def _fill(self, out: np.ndarray, frames: int, when: Any, status: Any) -> None:
        out.fill(0)
        if not self._playing:
            return
        with self._lock:
            part = self._pcm[self._sample : self._sample + frames]
            self._sample += len(part)
        # Both sides in both ears: half of each, so that two loud voices do not clip.
        out[: len(part), 0] = part.astype(np.int32).sum(axis=1) // 2
