"""What tells both sides that a call is recorded.

The beep is that of the FCC's rules (47 CFR 64.501: 1,400 Hz, heard at regular intervals); the
announcement is the organisation's own WAV file, or two rising tones where there is none.
"""

from __future__ import annotations

import logging
import wave
from pathlib import Path

import numpy as np

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.audio.tones import tone_of

log = logging.getLogger(__name__)

LONGEST_S = 30


HOLD_EVERY_S = 10


def hold_pcm() -> bytes:
    """Return what somebody on hold hears every ten seconds: two soft tones, 16 kHz mono int16."""
    pip, pause = tone_of((425.0,), 0.2), np.zeros(SAMPLE_RATE_HZ // 5, np.int16)
    return np.concatenate([pip, pause, pip]).tobytes()


class RecordingNotices:
    """Implements ``media.NoticeSounds``."""

    def __init__(self, announcement: Path) -> None:
        """``announcement`` is a WAV file, 16 kHz mono 16 bit; it need not exist."""
        self._announcement = announcement

    def beep(self) -> bytes:
        """Return the tone that is repeated."""
        return tone_of((1400.0,), 0.2).tobytes()

    def announcement(self) -> bytes:
        """Return the organisation's words, or two rising tones."""
        spoken = self._spoken()
        if spoken:
            return spoken
        rising = [tone_of((660.0,), 0.25), tone_of((880.0,), 0.4)]
        return np.concatenate(rising).tobytes()

    def _spoken(self) -> bytes:
        if not self._announcement.is_file():
            return b""
        try:
            with wave.open(str(self._announcement), "rb") as file:
                form = (file.getframerate(), file.getnchannels(), file.getsampwidth())
                if form == (SAMPLE_RATE_HZ, 1, 2):
                    return file.readframes(LONGEST_S * SAMPLE_RATE_HZ)
        except (OSError, wave.Error, EOFError):
            form = (0, 0, 0)
        log.error("the announcement is not a WAV file of 16 kHz, mono, 16 bit: tones are played")
        return b""
