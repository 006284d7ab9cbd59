"""Sources and sinks that need no device: silence, and a spoken file."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from softphone.app.media import FRAME_BYTES, SAMPLE_RATE_HZ, SILENCE, SILENT_CALL
from softphone.domain.errors import InvalidInput


class SilentSource:
    """Silence for ever."""

    native = SILENT_CALL

    def next_frame(self) -> bytes:
        """Return a silent frame."""
        return SILENCE


class FileSource:
    """Plays PCM from memory, with a pause between repetitions."""

    def __init__(self, pcm: bytes, *, pause_frames: int = 25) -> None:
        padded = pcm + bytes(-len(pcm) % FRAME_BYTES) + SILENCE * pause_frames
        self._frames = [padded[i : i + FRAME_BYTES] for i in range(0, len(padded), FRAME_BYTES)]
        self._place = 0

    def restart(self) -> None:
        """Begin again at the first frame."""
        self._place = 0

    def next_frame(self) -> bytes:
        """Return the next frame, from the beginning again after the end."""
        frame = self._frames[self._place]
        self._place = (self._place + 1) % len(self._frames)
        return frame


class NullSink:
    """Plays nothing."""

    native = SILENT_CALL

    def put_frame(self, frame: bytes) -> None:
        """Drop a frame."""


def load_pcm(path: Path) -> bytes:
    """Return any audio file as 16 kHz mono 16-bit PCM. Raises InvalidInput."""
    parts: list[np.ndarray] = []
    try:
        with av.open(str(path)) as container:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
            for frame in container.decode(audio=0):
                parts += [out.to_ndarray() for out in resampler.resample(frame)]
            parts += [out.to_ndarray() for out in resampler.resample(None)]
    except (av.FFmpegError, OSError, IndexError) as error:
        raise InvalidInput(
            "The sound file cannot be used.", "It cannot be read as audio.", "Choose a WAV file."
        ) from error
    return np.concatenate([part.reshape(-1) for part in parts]).tobytes() if parts else b""
