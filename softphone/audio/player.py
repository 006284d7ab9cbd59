"""Playback for review: decrypted and decoded into memory, never to disk."""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.app.ports import RecordingReader
from softphone.audio.backend import Backend, DeviceUnusable, Stream
from softphone.audio.codecs import decode_stereo
from softphone.audio.devices import system_backend
from softphone.audio.preferences import Preferences
from softphone.audio.tempo import FASTEST, SLOWEST, Tempo, whole, without_silence
from softphone.domain.sound import AudioRole

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
    """Plays one recording at a time where the person listens; runs silently without a speaker."""

    def __init__(
        self,
        make_backend: Callable[[], Backend] = system_backend,
        preferences: Path | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make_backend = make_backend
        self._preferences = preferences
        self._now = now
        self._backend: Backend | None = None
        self._stream: Stream | None = None
        self._pcm: np.ndarray = np.zeros((0, 2), dtype=np.int16)
        self._balance = 0.0
        self._route = whole(0)
        self._quiet_left_out = False
        self._speed = 1.0
        self._tempo: Tempo | None = None
        self._place = 0.0
        """Where on the route playback is."""
        self._fed = 0
        """Where on the route the next samples are taken."""
        self._ready = np.zeros(0, dtype=np.int16)
        self._playing = False
        self._lock = threading.RLock()
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
        self.take(np.concatenate(blocks) if blocks else self._pcm)

    def take(self, pcm: np.ndarray) -> None:
        """Play this stereo PCM from its beginning."""
        with self._lock:
            self._pcm = pcm
            self._make_route()
            self._go_to(0)

    @property
    def pcm(self) -> np.ndarray:
        """Stereo PCM, int16, shape (samples, 2), 16 kHz."""
        return self._pcm

    def set_speed(self, speed: float) -> None:
        """Play 0.5 to 2 times as fast, at the same pitch."""
        with self._lock:
            here = self._here()
            self._speed = min(max(speed, SLOWEST), FASTEST)
            self._go_to(here)

    def skip_silence(self, on: bool) -> None:
        """Shorten pauses in which nobody speaks."""
        with self._lock:
            sample = self._route.to_sound(self._here())
            self._quiet_left_out = on
            self._make_route()
            self._go_to(self._route.from_sound(sample))

    def set_balance(self, balance: float) -> None:
        """Hear the agent alone (-1), both alike (0), the customer alone (1), or between."""
        with self._lock:
            self._balance = min(max(balance, -1.0), 1.0)

    def play(self) -> None:
        """Begin or go on; from the start again after the end."""
        if not len(self._pcm) or self._playing:
            return
        with self._lock:
            if self._place >= self._route.length:
                self._go_to(0)
            self._playing = True
            self._started = self._now() - self._place / self._rate
        self._stream = self._open()

    def pause(self) -> None:
        """Stop where it is."""
        with self._lock:
            here = self._here()
            self._playing = False
            self._go_to(here)
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def seek(self, position_ms: int) -> None:
        """Jump; playback goes on if it was on."""
        with self._lock:
            sample = min(max(position_ms, 0) * SAMPLE_RATE_HZ // 1000, len(self._pcm))
            self._go_to(self._route.from_sound(sample))

    def position_ms(self) -> int:
        """Return where in the recording playback is."""
        with self._lock:
            return self._route.to_sound(self._here()) * 1000 // SAMPLE_RATE_HZ

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
            for memory in (self._pcm, self._ready):
                if memory.flags.writeable:
                    memory.fill(0)
            self._pcm = np.zeros((0, 2), dtype=np.int16)
            self._route = whole(0)
            self._go_to(0)
        self.problem = ""
        backend, self._backend = self._backend, None
        if backend is not None:
            backend.close()

    # --- inside ---------------------------------------------------------------------------------

    @property
    def _rate(self) -> float:
        return SAMPLE_RATE_HZ * self._speed

    def _make_route(self) -> None:
        self._route = without_silence(self._pcm) if self._quiet_left_out else whole(len(self._pcm))

    def _here(self) -> int:
        if self._playing and self._stream is None:  # no speaker: the clock moves it
            self._place = (self._now() - self._started) * self._rate
        return min(int(self._place), self._route.length)

    def _go_to(self, place: int) -> None:
        self._place, self._fed = float(place), place
        self._ready = self._ready[:0]
        self._tempo = Tempo(self._speed) if self._speed != 1.0 else None
        self._started = self._now() - place / self._rate

    def _open(self) -> Stream | None:
        try:
            if self._backend is None:
                self._backend = self._make_backend()
            present = self._backend.devices().speakers
            for device in Preferences(self._preferences).order(AudioRole.SPEAKER, present):
                try:
                    return self._backend.open_output(device.id, self._fill, self._lost)
                except DeviceUnusable as error:
                    log.warning("no playback on a speaker: %s", error)
        except DeviceUnusable as error:
            log.warning("no sound for playback: %s", error)
        return None

    def _lost(self) -> None:
        """Go on by the clock: the device is gone, the position is not."""
        with self._lock:
            self._stream = None
            self._started = self._now() - self._place / self._rate

    def _fill(self, length: int) -> bytes:
        with self._lock:
            if not self._playing:
                return bytes(length)
            wanted = length // 2
            while len(self._ready) < wanted and self._more(wanted):
                pass
            out, self._ready = self._ready[:wanted], self._ready[wanted:]
            self._place = min(self._place + len(out) * self._speed, float(self._route.length))
            if len(out) < wanted:  # the end; the stretching holds a few samples back
                self._place = float(self._route.length)
        return out.tobytes() + bytes(length - 2 * len(out))

    def _more(self, wanted: int) -> bool:
        """Take the next samples of the route; False at its end."""
        part = mixed(self._route.read(self._pcm, self._fed, max(wanted, 1600)), self._balance)
        if not len(part):
            return False
        self._fed += len(part)
        if self._tempo is not None:
            part = self._tempo.stretch(part)
        self._ready = np.concatenate([self._ready, part])
        return True


def mixed(stereo: np.ndarray, balance: float) -> np.ndarray:
    """Return both sides for both ears, int16: half of each in the middle, so that none clips."""
    right = round((1 + balance) * 128)
    wide = stereo.astype(np.int32)
    return ((wide[:, 0] * (256 - right) + wide[:, 1] * right) // 256).astype(np.int16)
