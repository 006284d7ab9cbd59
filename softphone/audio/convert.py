"""Between our 16 kHz mono and what a device can do, without clicks at the edges of blocks."""

from __future__ import annotations

import av
import numpy as np

from softphone.app.media import SAMPLE_RATE_HZ


class Converter:
    """A streaming resampler of mono 16-bit PCM."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._from_hz = from_hz
        self._same = from_hz == to_hz
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=to_hz)

    def convert(self, pcm: bytes) -> bytes:
        """Return what is ready of the converted PCM."""
        if self._same or not pcm:
            return pcm
        block = np.frombuffer(pcm, np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
        frame.sample_rate = self._from_hz
        return b"".join(out.to_ndarray().tobytes() for out in self._resampler.resample(frame))


class OutputConverter:
    """Pulls 16 kHz mono and gives blocks of a device's own rate and channels."""

    def __init__(self, device_hz: int, channels: int) -> None:
        self._converter = Converter(SAMPLE_RATE_HZ, device_hz)
        self._ratio = SAMPLE_RATE_HZ / device_hz
        self._channels = channels
        self._ready = b""

    def wanted(self, frames: int) -> int:
        """Return how many bytes of ours are needed before ``frames`` can be given."""
        missing = frames - len(self._ready) // 2
        return max(0, int(np.ceil(missing * self._ratio))) * 2

    def put(self, pcm: bytes) -> None:
        """Take 16 kHz mono."""
        self._ready += self._converter.convert(pcm)

    def get(self, frames: int) -> bytes:
        """Return a block for the device; silence where the resampler still holds some back."""
        mono, self._ready = self._ready[: frames * 2], self._ready[frames * 2 :]
        mono += bytes(frames * 2 - len(mono))
        return spread(mono, self._channels)


def spread(mono: bytes, channels: int) -> bytes:
    """Return mono on the first two of so many channels; the others stay silent."""
    if channels == 1:
        return mono
    block = np.zeros((len(mono) // 2, channels), np.int16)
    block[:, :2] = np.frombuffer(mono, np.int16)[:, None]
    return block.tobytes()


def first_channel(pcm: bytes, channels: int) -> bytes:
    """Return the first channel: a headset's microphone is there, the others copy it or are dead."""
    if channels == 1:
        return pcm
    return np.frombuffer(pcm, np.int16).reshape(-1, channels)[:, 0].tobytes()
