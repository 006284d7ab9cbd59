"""A stream of PulseAudio without a thread of its own: whoever uses it moves it on.

The library's threads wake for every message of the server, most of which are of no use to anybody
before the next frame. Here they wait in the connection until a frame is written, or read.
"""

from __future__ import annotations

import ctypes as c
import time
from collections.abc import Callable
from typing import Any

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.audio import pulse_library as pa
from softphone.audio.backend import DeviceUnusable

READY_WITHIN_S = 3.0
MOST_TURNS = 100
"""Messages taken at a time: a server that never ends does not hold the caller."""


class PulseLink:
    """One stream of 16 kHz mono on a connection of its own. One thread at a time may use it.

    Raises DeviceUnusable.
    """

    def __init__(
        self, library: pa.PulseLibrary, server: bytes | None, connect: Callable[[Any], int]
    ) -> None:
        """``connect`` connects the stream it is given, and returns the library's answer."""
        self._core, self._quick = library.core, library.quick
        self._until = time.monotonic() + READY_WITHIN_S
        self.stream: Any = None
        self._loop = self._core.pa_mainloop_new()
        api = self._core.pa_mainloop_get_api(self._loop)
        self._context = self._core.pa_context_new(api, b"Softphone")
        if not self._connects(server) or not self._plays(connect):
            problem = self._core.pa_context_errno(self._context)
            self.free()
            raise DeviceUnusable(f"PulseAudio error {problem}")

    @property
    def addresses(self) -> tuple[int, int]:
        """Where the library's main loop and stream are."""
        return int(self._loop), int(self.stream)

    def turn(self) -> bool:
        """Take all that the server has sent; False when all is over."""
        iterate, loop = self._quick.pa_mainloop_iterate, self._loop
        for _ in range(MOST_TURNS):
            taken = iterate(loop, 0, None)
            if taken <= 0:
                return taken == 0 and self._alive
        return self._alive

    @property
    def _alive(self) -> bool:
        return bool(self._quick.pa_stream_get_state(self.stream) == pa.STREAM_READY)

    def send(self) -> None:
        """Send what is to be sent."""
        self._quick.pa_mainloop_iterate(self._loop, 0, None)

    def wait(self) -> bool:
        """Wait until the server sends something, or another thread calls :meth:`wake`, and take it;
        False when all is over."""
        return self._core.pa_mainloop_iterate(self._loop, 1, None) >= 0 and self._alive

    def wake(self) -> None:
        """End a wait; from any thread, as long as nothing is freed."""
        self._core.pa_mainloop_wakeup(self._loop)

    def free(self) -> None:
        """Let everything go."""
        core = self._core
        if self.stream is not None:
            core.pa_stream_disconnect(self.stream)
            core.pa_stream_unref(self.stream)
        core.pa_context_disconnect(self._context)
        core.pa_context_unref(self._context)
        core.pa_mainloop_free(self._loop)

    def _connects(self, server: bytes | None) -> bool:
        core = self._core
        if core.pa_context_connect(self._context, server, pa.NO_AUTOSPAWN, None) < 0:
            return False
        return self._becomes(
            lambda: int(core.pa_context_get_state(self._context)),
            pa.READY,
            (pa.FAILED, pa.TERMINATED),
        )

    def _plays(self, connect: Callable[[Any], int]) -> bool:
        core = self._core
        spec = pa.SampleSpec(pa.S16LE, SAMPLE_RATE_HZ, 1)
        self.stream = core.pa_stream_new(self._context, b"phone", c.byref(spec), None)
        if connect(self.stream) < 0:
            return False
        return self._becomes(
            lambda: int(core.pa_stream_get_state(self.stream)),
            pa.STREAM_READY,
            (pa.STREAM_FAILED, pa.STREAM_TERMINATED),
        )

    def _becomes(self, state: Callable[[], int], wanted: int, refused: tuple[int, int]) -> bool:
        core, loop = self._core, self._loop
        while (now := state()) != wanted:
            left = self._until - time.monotonic()
            if now in refused or left <= 0 or core.pa_mainloop_prepare(loop, int(left * 1e6)) < 0:
                return False
            if core.pa_mainloop_poll(loop) < 0 or core.pa_mainloop_dispatch(loop) < 0:
                return False
        return True
