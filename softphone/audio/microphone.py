"""The microphone's frames on their way into the call: read by the call's clock, or leading it.

Where the microphone leads, a frame goes into the call in the moment it is complete: no queue, no
wait, no second clock. Its blocks are processed together once they make a frame, and the device is
told how much is missing until then: a thread that has just woken up runs three times slower.
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
        self._captured = b""
        """What does not make a frame yet."""

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
        self._captured = b""
        self._flows = False

    def put_frame(self, pcm: bytes) -> int | None:
        """Add PCM (the device's thread); return how many bytes the next frame wants, if we lead."""
        if self._beat is None:
            self._ring.put_frame(self._process(pcm))
            return None
        self._flows = True
        queue = self._queue
        self._captured += pcm
        while len(self._captured) >= (missing := self._frame_bytes - len(queue)):
            queue += self._process(self._taken(missing))
            while len(queue) >= self._frame_bytes:
                self._lead_on(queue, self._beat)
        return missing - len(self._captured)

    @property
    def _frame_bytes(self) -> int:
        return LONG_BYTES if self._later else FRAME_BYTES

    def _taken(self, length: int) -> bytes:
        taken, self._captured = self._captured[:length], self._captured[length:]
        return taken

    def _lead_on(self, queue: bytearray, beat: Callable[[], Beat]) -> None:
        if self._later:
            self._later = False
            queue[:LONG_BYTES] = shortened(bytes(queue[:LONG_BYTES]))
        before, came = len(queue), beat()
        if came is Beat.LATE:
            waits = len(self._captured) // FRAME_BYTES * FRAME_BYTES
            self._late += before + waits > LATE_BYTES
            self._process(self._taken(waits))  # whoever cancels echoes must not miss it
            del queue[:]
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
