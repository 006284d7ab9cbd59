"""A bounded queue of frames between two clocks: the device's and the call's.

When one clock runs ahead a frame is dropped or repeated as silence and counted: the slip is 20 ms
and happens only when the queue is full or empty.
"""

from __future__ import annotations

from collections import deque

from softphone.app.media import FRAME_BYTES, SILENCE


class FrameRing:
    """One writer, one reader; both only copy. ``deque`` operations are atomic under the GIL."""

    def __init__(self, most_frames: int = 6, prefill: int = 2) -> None:
        self._frames: deque[bytes] = deque()
        self._most = most_frames
        self._prefill = prefill
        self._rest = b""
        self._primed = False
        self.overruns = 0
        self.underruns = 0

    def clear(self) -> None:
        """Forget everything; the next reads are silent until it has filled again."""
        self._frames.clear()
        self._rest = b""
        self._primed = False

    def put_frame(self, frame: bytes) -> None:
        """Add one frame; the oldest goes when it is full."""
        self._frames.append(frame)
        while len(self._frames) > self._most:
            self._frames.popleft()
            self.overruns += 1

    def put_bytes(self, data: bytes) -> None:
        """Add PCM of any length (devices choose their own block size)."""
        data = self._rest + data
        whole = len(data) - len(data) % FRAME_BYTES
        for begin in range(0, whole, FRAME_BYTES):
            self.put_frame(data[begin : begin + FRAME_BYTES])
        self._rest = data[whole:]

    def next_frame(self) -> bytes:
        """Return the oldest frame, or silence."""
        if not self._primed:
            if len(self._frames) < self._prefill:
                return SILENCE
            self._primed = True
        try:
            return self._frames.popleft()
        except IndexError:
            self.underruns += 1
            self._primed = False
            return SILENCE

    def get_bytes(self, length: int) -> bytes:
        """Return PCM of any length; used by one reader only, with :meth:`put_frame` feeding."""
        while len(self._rest) < length:
            self._rest += self.next_frame()
        data, self._rest = self._rest[:length], self._rest[length:]
        return data
