"""The microphone's gain: what a person adds to a microphone that is too quiet, or takes away."""

from __future__ import annotations

import numpy as np


class InputGain:
    """A factor that another thread may change while sound runs; full scale clips, and is told as
    clipping by the meter that follows."""

    def __init__(self) -> None:
        self._factor = 1.0

    def set(self, decibels: float) -> None:
        """Use this gain from the next block on."""
        self._factor = 10 ** (decibels / 20)

    def apply(self, pcm: bytes) -> bytes:
        """Return the PCM with the gain (the microphone's thread)."""
        factor = self._factor
        if factor == 1.0:
            return pcm
        raised = np.frombuffer(pcm, np.int16) * np.float32(factor)
        return bytes(np.clip(raised, -32768, 32767).astype(np.int16).tobytes())
