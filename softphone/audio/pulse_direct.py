"""A speaker of PulseAudio that is written to when there is something, not when it asks.

The only queue is the server's own. How much of it is still to be played is what the server has not
asked for again, to within ``REQUEST_MS``.
"""

from __future__ import annotations

import ctypes as c
import threading
import time
from typing import Any

from softphone.audio import pulse_library as pa
from softphone.audio.backend import Lost
from softphone.audio.pace import MS
from softphone.audio.pulse_link import PulseLink
from softphone.audio.ring import WIDTH

ROOM_MS = 200
"""More than this may lie ahead nowhere; it is also how far a count can go."""
REQUEST_MS = 5
"""How much the device takes at a time, where it can."""
UNUSED_S = 0.5


def open_link(library: pa.PulseLibrary, server: bytes | None, device: str) -> PulseLink:
    """Return a stream to a speaker that nobody asks for sound. Raises DeviceUnusable."""
    room, request = ROOM_MS * MS * WIDTH, REQUEST_MS * MS * WIDTH
    # No prebuffering: after a stall the time goes on, where it would else stop and stay behind.
    buffering = pa.BufferAttributes(2 * room, room, 0, request, pa.UNSET)

    def connect(stream: Any) -> int:
        wanted = (c.byref(buffering), pa.EARLY_REQUESTS, None, None)
        return int(library.core.pa_stream_connect_playback(stream, device.encode(), *wanted))

    return PulseLink(library, server, connect)


class PulseDirectOutput:
    """One stream on a connection of its own. Raises DeviceUnusable."""

    def __init__(
        self, library: pa.PulseLibrary, server: bytes | None, device: str, lost: Lost
    ) -> None:
        self._quick = library.quick
        self._lost = lost
        self._used = time.monotonic()
        self._closing = threading.Lock()
        """Held while the connection is used or freed: closing is not on the call's thread."""
        self._link: PulseLink | None = open_link(library, server, device)
        self._open = True

    def ahead(self) -> int:
        """Return how many samples are still to be played; negative by how long it was silent."""
        with self._closing:
            link = self._link
            if link is None or not self._open:
                return 0
            self._open = link.turn()
            self._used = time.monotonic()
            ahead = self._ahead(link) if self._open else 0
        if not self._open:
            self._lost()
        return ahead

    def write(self, pcm: bytes, at: int | None = None) -> None:
        """Play after what is ahead; or ``at`` so many samples from what is played now, instead of
        what is ahead."""
        with self._closing:
            link = self._link
            if link is None or not self._open:
                return
            # Not relative to what is played: of such steps the server tells too late.
            offset = 0 if at is None else (at - self._ahead(link)) * WIDTH
            write = self._quick.pa_stream_write
            write(link.stream, pcm, len(pcm), None, offset, pa.SEEK_RELATIVE)
            link.send()

    def tend(self) -> None:
        """Take what the server says while nothing is written."""
        if time.monotonic() - self._used > UNUSED_S:
            self.ahead()

    def close(self) -> None:
        """Silent at once, and let the device go."""
        with self._closing:
            link, self._link = self._link, None
        if link is not None:
            link.free()

    def _ahead(self, link: PulseLink) -> int:
        room = self._quick.pa_stream_writable_size(link.stream)
        return int(ROOM_MS * MS - min(room, 1 << 30) // WIDTH)
