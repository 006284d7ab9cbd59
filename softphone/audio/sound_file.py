"""Short sound files that a person or an organisation brings: ringtones, announcements.

A file is never opened by its path or guessed at: FFmpeg would follow a play list to other files and
to addresses. Its first bytes say which of a few containers it is, and it is read from memory.
"""

from __future__ import annotations

import io

import av
import numpy as np

from softphone.app.media import SAMPLE_RATE_HZ

LONGEST_S = 30
MOST_BYTES = 10 << 20
_CONTAINERS = ((b"RIFF", "wav"), (b"OggS", "ogg"), (b"fLaC", "flac"), (b"ID3", "mp3"),
               (b"\xff\xfb", "mp3"))  # fmt: skip


class NoSound(Exception):  # never leaves softphone.audio
    """What was given is no sound file that we know, or damaged at its beginning."""


def decode(data: bytes, longest_s: int = LONGEST_S) -> np.ndarray:
    """Return 16 kHz mono int16 samples, at most ``longest_s``. Raises NoSound.

    A file that breaks off gives what it has.
    """
    form = next((name for magic, name in _CONTAINERS if data.startswith(magic)), "")
    if not form:
        raise NoSound("an unknown kind of file")
    most, have = longest_s * SAMPLE_RATE_HZ, 0
    parts: list[np.ndarray] = []
    try:
        with av.open(io.BytesIO(data), "r", format=form) as container:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
            for frame in container.decode(audio=0):
                parts += [out.to_ndarray().reshape(-1) for out in resampler.resample(frame)]
                have += frame.samples * SAMPLE_RATE_HZ // max(frame.sample_rate, 1)
                if have >= most:
                    break
            if have < most:
                parts += [out.to_ndarray().reshape(-1) for out in resampler.resample(None)]
    except (av.FFmpegError, OSError, IndexError, ValueError) as error:
        if not parts:
            raise NoSound(type(error).__name__) from error
    if not parts:
        raise NoSound("no sound in it")
    return np.concatenate(parts)[:most]
