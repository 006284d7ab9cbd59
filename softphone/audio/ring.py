"""A bounded queue of PCM between two clocks: the device's and the call's.

Where the clocks differ, the reader takes a few samples more or less than it gives, interpolated:
no frame is dropped or repeated. What is left in the queue at the worst moment stays near a margin,
which grows when the queue ran dry: the delay is as small as the machine is punctual.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from softphone.app.media import FRAME_SAMPLES, SAMPLE_RATE_HZ
from softphone.audio.pace import MS, Pace
from softphone.audio.stretch import CONTEXT, faded, stretched

WIDTH = 2
"""Bytes a sample."""
MARGIN = 5 * MS
"""Kept beyond the writer's blocks: how unpunctual both sides may be at first."""
MOST = 120 * MS
"""More than this is given up at once, and counted."""
UNREAD = 1000 * MS
"""Where nobody reads, nothing more is taken."""
EDGE = 2 * MS
_START = bytes(CONTEXT * WIDTH)


class FrameRing:
    """One writer, one reader; both only copy. Operations of ``bytearray`` are atomic under the GIL.

    Only the reader takes away; the writer adds.
    """

    def __init__(
        self,
        unit_samples: int = FRAME_SAMPLES,
        margin: int = MARGIN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``unit_samples`` is what the reader takes at a time."""
        self._unit = unit_samples
        self._clock = clock
        self._written = (0.0, 0)
        self._queue = bytearray()
        self._pace = Pace(unit_samples, margin)
        self._step = 0
        self._past = _START
        self._ready = b""
        self._primed = self._emptied = False
        self.overruns = 0
        """Stretches that were given up because the queue was full."""
        self.underruns = 0
        """Units that were silent because the queue had run dry."""

    @property
    def delay_samples(self) -> int:
        """What is queued now."""
        return len(self._queue) // WIDTH

    def clear(self) -> None:
        """Forget everything; the next reads are silent until it has filled again."""
        self._emptied = True

    def put_frame(self, frame: bytes) -> None:
        """Add PCM of any length (devices choose their own block size)."""
        if len(self._queue) <= UNREAD * WIDTH:
            self._queue += frame
            self._written = (self._clock(), len(frame) // WIDTH)
        else:
            self.overruns += 1

    def next_frame(self) -> bytes:
        """Return one unit, or silence."""
        if self._emptied:
            self._emptied = False
            self._begin_anew()
            self._ready = b""
            del self._queue[:]
        held = len(self._queue) // WIDTH
        if not self._primed:
            return self._prime(held)
        if held < self._unit:
            return self._run_dry()
        step = self._step
        if step and held < self._unit + step + CONTEXT:
            step = 0
        taken = self._take(self._unit + step, step)
        left = held - self._unit - step
        if left > MOST:
            self._give_up(left)
        else:
            self._pace.took(step)
            at, block = self._written
            under_way = min(int((self._clock() - at) * SAMPLE_RATE_HZ), block)
            self._step = self._pace.step(left + under_way - block)
        return taken

    def get_bytes(self, length: int) -> bytes:
        """Return PCM of any length; for readers that ask for other lengths than the unit."""
        while len(self._ready) < length:
            self._ready += self.next_frame()
        data, self._ready = self._ready[:length], self._ready[length:]
        return data

    def _take(self, samples: int, step: int) -> bytes:
        size = samples * WIDTH
        plain = bytes(self._queue[: size + (CONTEXT * WIDTH if step else 0)])
        made = stretched(self._past + plain, self._unit, step) if step else plain
        self._past = plain[size - CONTEXT * WIDTH : size]
        del self._queue[:size]
        return made

    def _prime(self, held: int) -> bytes:
        enough = self._unit + self._pace.margin + self._written[1] // 2
        if held < enough:
            return bytes(self._unit * WIDTH)
        self._primed = True
        del self._queue[: (held - enough) * WIDTH]  # what waited for the reader is nothing but late
        first = self._take(self._unit, 0)
        return begun(first)

    def _run_dry(self) -> bytes:
        self.underruns += 1
        rest = faded(bytes(self._queue), out=True)
        del self._queue[: len(rest)]
        self._begin_anew()
        self._pace.trouble()
        return rest + bytes(self._unit * WIDTH - len(rest))

    def _give_up(self, left: int) -> None:
        self.overruns += 1
        del self._queue[: (left - self._pace.margin) * WIDTH]
        self._past = _START
        self._pace.restart()
        self._step = 0

    def _begin_anew(self) -> None:
        self._primed = False
        self._past = _START
        self._step = 0
        self._pace.restart()


def begun(pcm: bytes) -> bytes:
    """Return PCM that begins softly after a silence: its first EDGE samples fade in."""
    return faded(pcm[: EDGE * WIDTH], out=False) + pcm[EDGE * WIDTH :]
