"""A speaker of PulseAudio that is written to when there is something, not when it asks.

The only queue is the server's own. How much of it is still to be played is what the server has not
asked for again, to within ``REQUEST_MS``.
"""

from __future__ import annotations

import ctypes as c
import threading
from typing import Any

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.app.urgency import be_prompt
from softphone.audio import pulse_library as pa
from softphone.audio.backend import DeviceUnusable, Lost
from softphone.audio.pace import MS
from softphone.audio.ring import WIDTH

READY_WITHIN_S = 3.0
ROOM_MS = 200
"""More than this may lie ahead nowhere; it is also how far a count can go."""
REQUEST_MS = 5
"""How much the device takes at a time, where it can."""


class PulseDirectOutput:
    """One stream on a connection of its own. Raises DeviceUnusable."""

    def __init__(
        self, library: pa.PulseLibrary, server: bytes | None, device: str, lost: Lost
    ) -> None:
        self._core = library.core
        self._lost = lost
        self._told = threading.Event()
        self._open = self._running = False
        # Kept: the library calls them as long as the stream lives.
        self._callbacks = (pa.StateCallback(self._context_is), pa.StateCallback(self._stream_is))
        self._closing = threading.Lock()
        """Held while the loop is used or freed: closing is not on the call's thread."""
        self._stream: Any = None
        self._device = device.encode()
        core = self._core
        self._loop = core.pa_threaded_mainloop_new()
        api = core.pa_threaded_mainloop_get_api(self._loop)
        self._context = core.pa_context_new(api, b"Softphone")
        core.pa_context_set_state_callback(self._context, self._callbacks[0], None)
        begun = core.pa_context_connect(self._context, server, pa.NO_AUTOSPAWN, None) >= 0
        self._running = begun and core.pa_threaded_mainloop_start(self._loop) >= 0
        if not self._running or not self._told.wait(READY_WITHIN_S) or not self._open:
            problem = core.pa_context_errno(self._context)
            self._release()
            raise DeviceUnusable(f"PulseAudio error {problem}")

    def ahead(self) -> int:
        """Return how many samples are still to be played; negative by how long it was silent."""
        with self._closing:
            if not self._open:
                return 0
            self._core.pa_threaded_mainloop_lock(self._loop)
            ahead = self._ahead()
            self._core.pa_threaded_mainloop_unlock(self._loop)
        return ahead

    def write(self, pcm: bytes, at: int | None = None) -> None:
        """Play after what is ahead; or ``at`` so many samples from what is played now, instead of
        what is ahead."""
        with self._closing:
            if not self._open:
                return
            core = self._core
            core.pa_threaded_mainloop_lock(self._loop)
            # Not relative to what is played: of such steps the server tells too late.
            offset = 0 if at is None else (at - self._ahead()) * WIDTH
            core.pa_stream_write(self._stream, pcm, len(pcm), None, offset, pa.SEEK_RELATIVE)
            core.pa_threaded_mainloop_unlock(self._loop)

    def _ahead(self) -> int:
        room = self._core.pa_stream_writable_size(self._stream)
        return int(ROOM_MS * MS - min(room, 1 << 30) // WIDTH)

    def close(self) -> None:
        """Silent at once, and let the device go."""
        self._open = False
        self._release()

    # --- the library's thread: no lock of ours, as it holds its own ------------------------------

    def _context_is(self, context: Any, user: Any) -> None:
        state = self._core.pa_context_get_state(context)
        if state == pa.READY:
            be_prompt()  # this thread carries every block to the server
            self._begin(context)
        elif state in (pa.FAILED, pa.TERMINATED):
            self._over()

    def _begin(self, context: Any) -> None:
        spec = pa.SampleSpec(pa.S16LE, SAMPLE_RATE_HZ, 1)
        room, request = ROOM_MS * MS * WIDTH, REQUEST_MS * MS * WIDTH
        # No prebuffering: after a stall the time goes on, where it would else stop and stay behind.
        buffering = pa.BufferAttributes(2 * room, room, 0, request, pa.UNSET)
        self._stream = self._core.pa_stream_new(context, b"phone", c.byref(spec), None)
        self._core.pa_stream_set_state_callback(self._stream, self._callbacks[1], None)
        if self._core.pa_stream_connect_playback(
            self._stream, self._device, c.byref(buffering), pa.EARLY_REQUESTS, None, None
        ):
            self._over()

    def _stream_is(self, stream: Any, user: Any) -> None:
        state = self._core.pa_stream_get_state(stream)
        if state == pa.STREAM_READY:
            self._open = True
            self._told.set()
        elif state in (pa.STREAM_FAILED, pa.STREAM_TERMINATED):
            self._over()

    def _over(self) -> None:
        was_open, self._open = self._open, False
        self._told.set()
        if was_open:
            self._lost()

    def _release(self) -> None:
        with self._closing:
            loop, self._loop = self._loop, None
        if loop is None:
            return
        core = self._core
        core.pa_threaded_mainloop_lock(loop)
        if self._stream is not None:
            core.pa_stream_disconnect(self._stream)
            core.pa_stream_unref(self._stream)
        core.pa_context_disconnect(self._context)
        core.pa_context_unref(self._context)
        core.pa_threaded_mainloop_unlock(loop)
        if self._running:
            core.pa_threaded_mainloop_stop(loop)
        core.pa_threaded_mainloop_free(loop)
