"""Echo cancellation, noise suppression and gain by WebRTC's audio processing (package livekit).

The library is large (30 MB of memory, a quarter of a second to load; measured) and starts three
idle threads of its own: it is loaded when the first call is near, never at start. It opens no
connection: only its audio processing is used.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any, ClassVar, Protocol

import numpy as np

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.audio.apm_entry import FAR, NEAR, BlockEntry
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

    direct: ClassVar[bool] = True
    """Whether blocks go to the library's own entry; else the package's public way."""

    def __init__(self, wanted: VoiceProcessing, delay_ms: int) -> None:
        """``delay_ms``: from giving a block to the speaker to hearing its echo, about."""
        try:
            rtc: Any = importlib.import_module("livekit.rtc")
            self._frame = rtc.AudioFrame
            self.module = rtc.AudioProcessingModule(
                echo_cancellation=wanted.echo_cancellation,
                noise_suppression=wanted.noise_suppression,
                high_pass_filter=wanted.noise_suppression,
                auto_gain_control=wanted.automatic_gain,
            )
            self._echo = wanted.echo_cancellation
            if self._echo:
                self.module.set_stream_delay_ms(delay_ms)
            self._entries = self._directly() if self.direct else None
        except Exception as error:
            raise VoiceUnavailable(f"{type(error).__name__}: {error}") from error

    def played(self, block: bytes) -> None:
        """Learn what the speaker plays next."""
        if not self._echo:
            return
        if self._entries is not None:
            self._entries[1].put(block)
        else:
            self.module.process_reverse_stream(self._wrapped(bytearray(block)))

    def captured(self, block: bytes) -> bytes:
        """Return the voice alone."""
        if self._entries is not None:
            near = self._entries[0]
            near.put(block)
            return near.sound
        inside = bytearray(block)
        self.module.process_stream(self._wrapped(inside))
        return bytes(inside)

    @property
    def entries(self) -> tuple[BlockEntry, BlockEntry | None] | None:
        """The entries for the near and the far end, the latter where it is listened to; None where
        only the package's public way works."""
        if self._entries is None:
            return None
        near, far = self._entries
        return near, far if self._echo else None

    def _wrapped(self, block: bytearray) -> Any:
        return self._frame(block, SAMPLE_RATE_HZ, 1, BLOCK_SAMPLES)

    def _directly(self) -> tuple[BlockEntry, BlockEntry] | None:
        try:
            near, far = (
                BlockEntry(self.module, way, BLOCK_BYTES, SAMPLE_RATE_HZ) for way in (NEAR, FAR)
            )
        except (AttributeError, ImportError, OSError, TypeError, ValueError) as error:
            log.info("the voice's processing is asked the longer way: %s", error)
            return None
        return near, far


def load() -> None:
    """Load the library and try it on an echo (some 300 ms). Raises VoiceUnavailable.

    Where its own entry does not do it, the package's public way is tried, and taken from then on.
    """
    try:
        _try()
    except VoiceUnavailable:
        if not WebRtcProcessing.direct:
            raise
        WebRtcProcessing.direct = False
        try:
            _try()
        except VoiceUnavailable:
            WebRtcProcessing.direct = True
            raise


def _try() -> None:
    tried = WebRtcProcessing(VoiceProcessing(automatic_gain=False), delay_ms=20)
    sound = np.random.default_rng(1).normal(0, 3000, TRIAL_BLOCKS * BLOCK_SAMPLES)
    echo = np.concatenate([np.zeros(2 * BLOCK_SAMPLES), sound])[: len(sound)] * 0.3
    left = []
    try:
        for begin in range(0, len(sound), BLOCK_SAMPLES):
            tried.played(_pcm(sound[begin : begin + BLOCK_SAMPLES]))
            left.append(tried.captured(_pcm(echo[begin : begin + BLOCK_SAMPLES])))
    except RuntimeError as error:
        raise VoiceUnavailable(str(error)) from error
    rest = np.frombuffer(b"".join(left[-20:]), np.int16).astype(float)
    before = echo[-20 * BLOCK_SAMPLES :]
    if len(rest) != len(before):
        raise VoiceUnavailable("it returned another length")
    less = 10 * np.log10((np.mean(before**2) + 1) / (np.mean(rest**2) + 1))
    if less < TRIAL_LESS_DB:
        raise VoiceUnavailable(f"an echo fell by {less:.0f} dB only")


def _pcm(block: np.ndarray) -> bytes:
    return bytes(np.clip(block, -32768, 32767).astype(np.int16).tobytes())
