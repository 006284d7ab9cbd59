"""Codecs of recordings: Ogg Opus or FLAC, streamable, stereo (agent left, customer right)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.domain.errors import Damaged, InvalidInput

OPUS_BIT_RATE = 56_000
"""26 MB an hour."""
_OPUS = {"application": "lowdelay", "compression_level": "0"}
"""Opus's transform alone, without a search for savings: a quarter of the CPU of its speech part,
and both people remain clear when they speak at once (decision 0019)."""
OGG_PAGE_US = 200_000
"""Short pages, so that a second of sound is a second of file."""


class _Tape(io.RawIOBase):
    """A write-only file that keeps what was written until it is taken."""

    def __init__(self) -> None:
        self._data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._data += data
        return len(data)

    def take(self) -> bytes:
        data = bytes(self._data)
        self._data.clear()
        return data


class StreamEncoder:
    """Encodes stereo into a container that is never sought: nothing has to be patched later."""

    def __init__(self, codec: str) -> None:
        self._tape = _Tape()
        if codec == "opus":
            self._container = av.open(
                self._tape, "w", format="ogg", options={"page_duration": str(OGG_PAGE_US)}
            )
            stream = self._container.add_stream("libopus", rate=SAMPLE_RATE_HZ)
            stream.bit_rate = OPUS_BIT_RATE
            stream.options = dict(_OPUS)
        elif codec == "flac":
            self._container = av.open(self._tape, "w", format="flac")
            stream = self._container.add_stream("flac", rate=SAMPLE_RATE_HZ)
        else:
            raise InvalidInput("The recording cannot start.", f"“{codec}” is no known codec.")
        stream.layout = "stereo"
        self._stream: Any = stream
        self._samples = 0

    def encode(self, left: bytes, right: bytes) -> bytes:
        """Encode equally long stretches of 16 kHz PCM; returns what is ready."""
        stereo = np.empty((1, len(left)), dtype=np.int16)
        stereo[0, 0::2] = np.frombuffer(left, dtype=np.int16)
        stereo[0, 1::2] = np.frombuffer(right, dtype=np.int16)
        frame = av.AudioFrame.from_ndarray(stereo, format="s16", layout="stereo")
        frame.sample_rate = SAMPLE_RATE_HZ
        frame.pts = self._samples
        self._samples += frame.samples
        self._container.mux(self._stream.encode(frame))
        return self._tape.take()

    def finish(self) -> bytes:
        """Return the rest of the file."""
        if self._samples:
            self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._tape.take()


def decode_stereo(
    file: Any, sample_rate_hz: int = SAMPLE_RATE_HZ, *, start_ms: int = 0
) -> Iterator[np.ndarray]:
    """Yield blocks of stereo PCM, int16, shape (samples, 2), from ``start_ms`` on.

    ``file`` has ``read`` and ``seek``. A stream that ends early yields
    what it has. Raises Damaged when nothing can be decoded.
    """
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=sample_rate_hz)
    count = 0
    try:
        with av.open(file) as container:
            if start_ms:
                container.seek(start_ms * 1000)
            for frame in container.decode(audio=0):
                for out in resampler.resample(frame):
                    count += 1
                    yield out.to_ndarray().reshape(-1, 2)
            for out in resampler.resample(None):
                yield out.to_ndarray().reshape(-1, 2)
    except (av.FFmpegError, IndexError) as error:
        if count == 0:
            raise Damaged(
                "The recording cannot be played.",
                "Its sound cannot be decoded.",
                "Export it as age file and report it.",
            ) from error
