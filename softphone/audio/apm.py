"""Echo cancellation, noise suppression and gain by WebRTC's audio processing (package livekit).

The library is large (30 MB of memory, a quarter of a second to load; measured) and starts three
idle threads of its own: it is loaded when the first call is near, never at start. It opens no
connection: only its audio processing is used.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any, Protocol

import numpy as np

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.domain.voice import VoiceProcessing

log = logging.getLogger(__name__)

BLOCK_SAMPLES = SAMPLE_RATE_HZ // 100
"""The library takes blocks of 10 ms only."""
BLOCK_BYTES = BLOCK_SAMPLES * 2
TRIAL_BLOCKS = 120
TRIAL_LESS_DB = 10.0
"""The self-test's echo must fall by this much; a healthy library takes away 25 dB and more."""


class VoiceUnavailable(Exception):  # never leaves softphone.audio
    """The library is missing, cannot be loaded, or does not do what it should."""


class Processing(Protocol):
    """One microphone with its speaker. Blocks are BLOCK_BYTES long."""

    def played(self, block: bytes) -> None:
        """Learn what the speaker plays next."""
        ...

    def captured(self, block: bytes) -> bytes:
        """Return the voice without what does not belong to it."""
        ...


class WebRtcProcessing:
    """One instance of the library. Raises VoiceUnavailable when it refuses."""

    def __init__(self, wanted: VoiceProcessing, delay_ms: int) -> None:
        """``delay_ms``: from giving a block to the speaker to hearing its echo, about."""
        try:
            rtc: Any = importlib.import_module("livekit.rtc")
            self._frame = rtc.AudioFrame
            self._module = rtc.AudioProcessingModule(
                echo_cancellation=wanted.echo_cancellation,
                noise_suppression=wanted.noise_suppression,
                high_pass_filter=wanted.noise_suppression,
                auto_gain_control=wanted.automatic_gain,
            )
            self._echo = wanted.echo_cancellation
            if self._echo:
                self._module.set_stream_delay_ms(delay_ms)
        except Exception as error:
            raise VoiceUnavailable(f"{type(error).__name__}: {error}") from error

    def played(self, block: bytes) -> None:
        """Learn what the speaker plays next."""
        if self._echo:
            self._module.process_reverse_stream(self._wrapped(bytearray(block)))

    def captured(self, block: bytes) -> bytes:
        """Return the voice alone."""
        inside = bytearray(block)
        self._module.process_stream(self._wrapped(inside))
        return bytes(inside)

    def _wrapped(self, block: bytearray) -> Any:
        return self._frame(block, SAMPLE_RATE_HZ, 1, BLOCK_SAMPLES)


def load() -> None:
    """Load the library and try it on an echo (some 300 ms). Raises VoiceUnavailable."""
    tried = WebRtcProcessing(VoiceProcessing(automatic_gain=False), delay_ms=20)
    sound = np.random.default_rng(1).normal(0, 3000, TRIAL_BLOCKS * BLOCK_SAMPLES)
    echo = np.concatenate([np.zeros(2 * BLOCK_SAMPLES), sound])[: len(sound)] * 0.3
    left = []
    for begin in range(0, len(sound), BLOCK_SAMPLES):
        tried.played(_pcm(sound[begin : begin + BLOCK_SAMPLES]))
        left.append(tried.captured(_pcm(echo[begin : begin + BLOCK_SAMPLES])))
    rest = np.frombuffer(b"".join(left[-20:]), np.int16).astype(float)
    before = echo[-20 * BLOCK_SAMPLES :]
    if len(rest) != len(before):
        raise VoiceUnavailable("it returned another length")
    less = 10 * np.log10((np.mean(before**2) + 1) / (np.mean(rest**2) + 1))
    if less < TRIAL_LESS_DB:
        raise VoiceUnavailable(f"an echo fell by {less:.0f} dB only")


def _pcm(block: np.ndarray) -> bytes:
    return bytes(np.clip(block, -32768, 32767).astype(np.int16).tobytes())
