"""The microphone's frames on their way into the call: read by the call's clock, or leading it.

Where the microphone leads, a frame goes into the call in the moment it is complete: no queue, no
wait, no second clock. Its blocks are processed as they come and not together: that would cost less
(a thread that has just woken up runs three times slower), but make the tick unpunctual (measured).
Else the call's clock reads, through a queue that evens both clocks out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from softphone.app.media import FRAME_BYTES, FRAME_SAMPLES, SILENCE, Beat
from softphone.audio.ring import FrameRing

LATE_BYTES = 2 * FRAME_BYTES
HALF = FRAME_SAMPLES // 2
LONG_BYTES = FRAME_BYTES * 3 // 2


class Microphone:
    """Takes PCM of any length on the device's thread and gives frames; a ``FrameSource``."""

    def __init__(self, process: Callable[[bytes], bytes] = lambda pcm: pcm) -> None:
        """``process`` makes what is said in the call of what was captured (the device's thread)."""
        self._process = process
        self._ring = FrameRing()
        self._beat: Callable[[], Beat] | None = None
        self._queue = bytearray()
        self._late = self._missed = 0
        self._later = self._flows = False

    def lead(self, beat: Callable[[], Beat]) -> None:
        """Keep the call's time from now on: ``beat`` moves the call and reads a frame."""
        self._beat = beat

    @property
    def overruns(self) -> int:
        """Stretches that were given up because they were late."""
        return self._ring.overruns + self._late

    @property
    def underruns(self) -> int:
        """Moments that were silent because nothing was there in time."""
        return self._ring.underruns + self._missed

    def clear(self) -> None:
        """Forget everything."""
        self._ring.clear()
        self._queue = bytearray()
        self._flows = False

    def put_frame(self, pcm: bytes) -> None:
        """Add PCM (the device's thread)."""
        if self._beat is None:
            self._ring.put_frame(self._process(pcm))
            return
        self._flows = True
        queue, beat = self._queue, self._beat
        queue += self._process(pcm)
        while len(queue) >= (LONG_BYTES if self._later else FRAME_BYTES):
            if self._later:
                self._later = False
                queue[:LONG_BYTES] = shortened(bytes(queue[:LONG_BYTES]))
            before, came = len(queue), beat()
            if came is Beat.LATE:
                self._late += before > LATE_BYTES
                del queue[: before // FRAME_BYTES * FRAME_BYTES]
            elif len(queue) == before:
                del queue[:FRAME_BYTES]  # nobody hears us: muted, or on hold
            self._later = came is Beat.LATER

    def next_frame(self) -> bytes:
        """Return one frame (media tick), silence where there is none."""
        if self._beat is None:
            return self._ring.next_frame()
        queue = self._queue
        if len(queue) < FRAME_BYTES:
            self._missed += self._flows  # once until it comes again
            self._flows = False
            return SILENCE
        frame = bytes(queue[:FRAME_BYTES])
        del queue[:FRAME_BYTES]
        return frame


def shortened(pcm: bytes) -> bytes:
    """Return a frame made of one and a half: the middle third fades into the last."""
    block = np.frombuffer(pcm, np.int16)
    slope = np.linspace(0.0, 1.0, HALF)
    joined = block[HALF:FRAME_SAMPLES] * (1 - slope) + block[FRAME_SAMPLES:] * slope
    return bytes(block[:HALF].tobytes() + joined.astype(np.int16).tobytes())
