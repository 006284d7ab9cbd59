"""The call's sound on its way to the speaker, as soon as the device can have it.

Where the sound system takes what it is given, each frame goes straight there, and what lies ahead
in the device's own queue is held at a margin. Else the device asks, and a queue stands between.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.app.media import FRAME_SAMPLES, SAMPLE_RATE_HZ
from softphone.audio.backend import Backend, DirectOutput, Lost, Stream
from softphone.audio.pace import MS, Pace
from softphone.audio.ring import MOST, WIDTH, FrameRing, begun
from softphone.audio.stretch import CONTEXT, stretched

AT_ONCE = SAMPLE_RATE_HZ // 100
"""What a device that asks takes at a time: 10 ms."""
MARGIN = 8 * MS
"""Ahead of the device when a frame comes; half of it is how exactly that is known."""
_TAIL = CONTEXT * WIDTH


class Speaker:
    """Takes the frames of a call; a ``FrameSink``. Opened and closed on the audio thread."""

    def __init__(self, backend: Backend, playing: Callable[[bytes], None]) -> None:
        """``playing`` is told what the device gets, on the thread that brings it."""
        self._backend = backend
        self._playing = playing
        self._ring = FrameRing(AT_ONCE)
        self._direct: _Direct | None = None
        self._counted = [0, 0]

    @property
    def overruns(self) -> int:
        """Stretches that were given up because too much lay ahead."""
        return self._ring.overruns + self._counted[1]

    @property
    def underruns(self) -> int:
        """Moments without sound because nothing was there in time."""
        return self._ring.underruns + self._counted[0]

    def clear(self) -> None:
        """Forget everything."""
        self._ring.clear()

    def open(self, device: str, lost: Lost) -> Stream:
        """Begin to play on a device. Raises DeviceUnusable."""
        direct = self._backend.open_direct(device, lost)
        if direct is None:
            return self._backend.open_output(device, self._fill, lost)
        self._direct = _Direct(direct, self._counted)
        return self._direct

    def tend(self) -> None:
        """Look after the device, about once a second (audio thread)."""
        direct = self._direct
        if direct is not None and not direct.closed:
            direct.tend()

    def put_frame(self, frame: bytes) -> None:
        """Take one frame (media tick)."""
        direct = self._direct
        if direct is None or direct.closed:
            self._ring.put_frame(frame)
        else:
            self._playing(direct.put_frame(frame))

    def _fill(self, length: int) -> bytes:
        pcm = self._ring.get_bytes(length)
        self._playing(pcm)
        return pcm


class _Direct:
    """A device that is written to: frames a little shorter or longer, so that the margin holds."""

    def __init__(self, output: DirectOutput, counted: list[int]) -> None:
        self._output = output
        self._counted = counted
        self._pace = Pace(FRAME_SAMPLES, MARGIN)
        self._before = bytes(2 * _TAIL)
        self._step = 0
        self._begun = self.closed = False
        self.tend = output.tend

    def close(self) -> None:
        self.closed = True
        self._output.close()

    def put_frame(self, frame: bytes) -> bytes:
        """Play a frame; return it as it is played, later by CONTEXT samples."""
        ahead = self._output.ahead()
        whole, self._before = self._before + frame, frame[-2 * _TAIL :]
        if not self._begun or ahead < 0:
            return self._begin(whole)
        if ahead > MOST:
            self._counted[1] += 1
            return self._place(whole[_TAIL:-_TAIL])
        step = self._step
        self._pace.took(step)
        self._step = self._pace.step(ahead)
        pcm = stretched(whole, FRAME_SAMPLES - step, step) if step else whole[_TAIL:-_TAIL]
        self._output.write(pcm)
        return pcm

    def _begin(self, whole: bytes) -> bytes:
        if self._begun:
            self._counted[0] += 1
            self._pace.trouble()
        self._begun = True
        return self._place(begun(whole[_TAIL:-_TAIL]))

    def _place(self, pcm: bytes) -> bytes:
        self._pace.restart()
        self._step = 0
        self._output.write(pcm, self._pace.margin)
        return pcm
