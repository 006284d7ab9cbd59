"""What is captured and what is played, in the blocks that the voice's processing takes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from softphone.audio.apm import BLOCK_BYTES, Processing

MOST_HEARD = 20
"""Frames kept for a microphone that is silent for a while: 400 ms."""


class VoiceBlocks:
    """Sound passes through a processing, or through none; a failure never stops it."""

    def __init__(self, failed: Callable[[str], None]) -> None:
        """``failed`` is told why a processing is no longer used (the microphone's thread)."""
        self._failed = failed
        self._now: Processing | None = None
        self._heard: deque[bytes] = deque(maxlen=MOST_HEARD)
        self._part = b""
        self._said = b""

    def use(self, processing: Processing | None) -> None:
        """Let the sound pass through this from now on (any thread)."""
        self._now = processing

    def played(self, pcm: bytes) -> None:
        """Learn what the speaker plays (the speaker's thread); 16 kHz mono of any length.

        Only kept: the microphone's thread has the time to give it to the library, the speaker's
        must be back at once.
        """
        if self._now is not None:
            self._heard.append(pcm)

    def captured(self, pcm: bytes) -> bytes:
        """Return what of the voice is ready (the microphone's thread)."""
        now = self._now
        if now is None:
            rest, self._said = self._said, b""
            return rest + pcm if rest else pcm
        self._said += pcm
        made = b""
        while len(self._said) >= BLOCK_BYTES:
            block, self._said = self._said[:BLOCK_BYTES], self._said[BLOCK_BYTES:]
            try:
                self._listen(now)
                made += now.captured(block)
            except Exception as error:  # noqa: BLE001 - whatever a foreign library raises
                self._fail(now, error)
                return made + block + self._take_rest()
        return made

    def _listen(self, now: Processing) -> None:
        while self._heard:
            self._part += self._heard.popleft()
        whole = len(self._part) - len(self._part) % BLOCK_BYTES
        for begin in range(0, whole, BLOCK_BYTES):
            now.played(self._part[begin : begin + BLOCK_BYTES])
        self._part = self._part[whole:]

    def _take_rest(self) -> bytes:
        rest, self._said = self._said, b""
        return rest

    def _fail(self, failed: Processing, error: Exception) -> None:
        if self._now is failed:
            self._now = None
            self._failed(f"{type(error).__name__}: {error}")
