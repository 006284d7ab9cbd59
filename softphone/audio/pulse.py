"""PulseAudio (and PipeWire) spoken to directly.

Better than PortAudio over ALSA's plugin on Linux: devices have stable names, plugging is told by
the server, a lost device ends its stream at once, and the server converts rates and channels.
"""

from __future__ import annotations

import ctypes as c
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.app.urgency import be_prompt
from softphone.audio import pulse_library as pa
from softphone.audio.backend import (
    DeviceList,
    DeviceUnusable,
    DirectOutput,
    Fill,
    Lost,
    Stream,
    Take,
)
from softphone.audio.pulse_direct import PulseDirectOutput
from softphone.audio.pulse_link import PulseLink
from softphone.audio.ring import WIDTH
from softphone.domain.sound import Silenced, SoundDevice

log = logging.getLogger(__name__)

APPLICATION = b"Softphone"
CONNECT_WITHIN_S = 3.0
AGAIN_AFTER_S = 1.0
BLOCK_BYTES = SAMPLE_RATE_HZ // 100 * 2
"""10 ms."""
PLAY_AHEAD_BYTES = BLOCK_BYTES * 3
EARLY_S, MOST_REST_S = 0.002, 0.025
"""How much sooner than by its length sound may come, where it was late before."""
NOTHING = c.c_size_t(-1).value
"""What the library says where it cannot say how much there is."""


class PulseBackend:
    """The sound server of this session. Raises DeviceUnusable where there is none."""

    closes_for_rescan = False

    def __init__(self, server: str = "") -> None:
        self._library = pa.PulseLibrary()
        self._server = server.encode() or None
        self._changed: Callable[[], None] = lambda: None
        self._list = DeviceList()
        self._collecting: tuple[list[SoundDevice], list[SoundDevice]] = ([], [])
        self._silenced: dict[str, Silenced] = {}
        self._connected = threading.Event()
        self._known = threading.Event()
        self._ending = threading.Event()
        self._loop: Any = None
        self._callbacks = (
            pa.SubscribeCallback(self._told),
            pa.InfoCallback(self._sink),
            pa.InfoCallback(self._source),
            pa.ServerCallback(self._server_is),
        )
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)
        self._thread.start()
        if not self._known.wait(CONNECT_WITHIN_S) or not self._connected.is_set():
            self.close()
            raise DeviceUnusable("no sound server answers")

    def watch(self, changed: Callable[[], None]) -> None:
        """Call ``changed`` from the watching thread."""
        self._changed = changed

    def rescan(self) -> None:
        """Nothing: the server tells by itself."""

    def devices(self) -> DeviceList:
        """Return the newest list."""
        return self._list

    def open_output(self, device: str, fill: Fill, lost: Lost) -> Stream:
        """Begin to play."""
        return PulseOutput(self._library, self._server, device, fill, lost)

    def open_direct(self, device: str, lost: Lost) -> DirectOutput | None:
        """Begin to play what is written."""
        return PulseDirectOutput(self._library, self._server, device, lost)

    def open_input(self, device: str, take: Take, lost: Lost) -> Stream:
        """Begin to capture."""
        return PulseInput(self._library, self._server, device, take, lost)

    @property
    def streams(self) -> tuple[pa.PulseLibrary, bytes | None]:
        """What opens streams of this server elsewhere: the library, and where the server is."""
        return self._library, self._server

    def close(self) -> None:
        """End the watching thread."""
        self._ending.set()
        if self._loop is not None:
            self._library.core.pa_mainloop_wakeup(self._loop)
        self._thread.join(timeout=2)

    # --- the watching thread --------------------------------------------------------------------

    def _run(self) -> None:
        while not self._ending.is_set():
            self._session()
            self._connected.clear()
            if self._known.is_set() and self._list != DeviceList():
                self._publish(DeviceList())  # the server is gone, and every device with it
            self._known.set()
            self._ending.wait(AGAIN_AFTER_S)

    def _session(self) -> None:
        core = self._library.core
        self._loop = core.pa_mainloop_new()
        context = core.pa_context_new(core.pa_mainloop_get_api(self._loop), APPLICATION)
        subscribed = False
        try:
            if core.pa_context_connect(context, self._server, pa.NO_AUTOSPAWN, None) < 0:
                return
            while not self._ending.is_set():
                state = core.pa_context_get_state(context)
                if state in (pa.FAILED, pa.TERMINATED):
                    return
                if state == pa.READY and not subscribed:
                    subscribed = True
                    self._connected.set()
                    self._subscribe(context)
                if core.pa_mainloop_iterate(self._loop, 1, None) < 0:
                    return
        finally:
            core.pa_context_disconnect(context)
            core.pa_context_unref(context)
            loop, self._loop = self._loop, None
            core.pa_mainloop_free(loop)

    def _subscribe(self, context: Any) -> None:
        core = self._library.core
        core.pa_context_set_subscribe_callback(context, self._callbacks[0], None)
        wanted = pa.SINKS_AND_SOURCES_AND_SERVER
        core.pa_operation_unref(core.pa_context_subscribe(context, wanted, None, None))
        self._ask(context)

    def _ask(self, context: Any) -> None:
        core = self._library.core
        for ask, callback in (
            (core.pa_context_get_sink_info_list, self._callbacks[1]),
            (core.pa_context_get_source_info_list, self._callbacks[2]),
            (core.pa_context_get_server_info, self._callbacks[3]),
        ):
            core.pa_operation_unref(ask(context, callback, None))

    def _told(self, context: Any, kind: int, index: int, user: Any) -> None:
        # Of volumes that change only a microphone's are news: it may be silenced.
        if kind & 0x30 != 0x10 or kind & 0x0F in (pa.A_SOURCE, pa.THE_SERVER):
            self._ask(context)

    def _sink(self, context: Any, info: Any, end: int, user: Any) -> None:
        if not end and info:
            self._collecting[1].append(_device(info))

    def _source(self, context: Any, info: Any, end: int, user: Any) -> None:
        if not end and info:
            device = _device(info)
            if not device.id.endswith(".monitor"):
                self._collecting[0].append(device)
                if (why := _silenced(info)) is not Silenced.NO:
                    self._silenced[device.id] = why

    def _server_is(self, context: Any, info: Any, user: Any) -> None:
        """Take the system's own choice; the answer that comes last."""
        # Answers come in the order of the questions: each three are one look at the devices.
        microphones, speakers = self._collecting
        self._collecting = ([], [])
        chosen = pa.ServerInfo.from_address(info) if info else pa.ServerInfo()
        silenced, self._silenced = tuple(sorted(self._silenced.items())), {}
        self._publish(
            DeviceList(_first(microphones, chosen.source), _first(speakers, chosen.sink), silenced)
        )
        self._known.set()

    def _publish(self, found: DeviceList) -> None:
        if found != self._list:
            self._list = found
            self._changed()


def _device(address: int) -> SoundDevice:
    info = pa.DeviceInfo.from_address(address)
    name = (info.name or b"").decode("utf-8", "replace")
    return SoundDevice(name, (info.description or b"").decode("utf-8", "replace") or name)


def _silenced(address: int) -> Silenced:
    info = pa.DeviceInfo.from_address(address)
    if info.mute:
        return Silenced.MUTED
    volumes = info.volume.values[: info.volume.channels]
    return Silenced.NO if any(volumes) else Silenced.VOLUME_ZERO


def _first(devices: list[SoundDevice], chosen: bytes | None) -> tuple[SoundDevice, ...]:
    name = (chosen or b"").decode("utf-8", "replace")
    unique = dict.fromkeys(devices)
    return tuple(sorted(unique, key=lambda device: device.id != name))


class PulseOutput:
    """Plays what it asks for; a connection to the server with a thread of its own."""

    def __init__(
        self, library: pa.PulseLibrary, server: bytes | None, device: str, fill: Fill, lost: Lost
    ) -> None:
        self._library = library.simple
        self._open = True
        self._fill, self._lost = fill, lost
        spec = pa.SampleSpec(pa.S16LE, SAMPLE_RATE_HZ, 1)
        # No prebuffering: after a stall the server asks for what is missing and the time goes on,
        # where it would else stop, wait, and stay behind by as much.
        buffering = pa.BufferAttributes(pa.UNSET, PLAY_AHEAD_BYTES, 0, BLOCK_BYTES, BLOCK_BYTES)
        problem = c.c_int(0)
        self._handle = self._library.pa_simple_new(
            server, APPLICATION, pa.PLAYBACK, device.encode(), b"phone", c.byref(spec), None,
            c.byref(buffering), c.byref(problem),
        )  # fmt: skip
        if not self._handle:
            raise DeviceUnusable(f"PulseAudio error {problem.value}")
        self._thread = threading.Thread(target=self._run, name="pulse-stream", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ask the thread to end; it lets the device go."""
        self._open = False
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=0.5)

    def _run(self) -> None:
        be_prompt()
        while self._open:
            data = self._fill(BLOCK_BYTES)
            if self._library.pa_simple_write(self._handle, data, len(data), None) < 0:
                break
        was_open, self._open = self._open, False
        if not was_open:
            self._library.pa_simple_flush(self._handle, None)  # silent at once
        self._library.pa_simple_free(self._handle)
        if was_open:
            self._lost()


class PulseInput:
    """Captures, on a thread of its own. Raises DeviceUnusable."""

    def __init__(
        self, library: pa.PulseLibrary, server: bytes | None, device: str, take: Take, lost: Lost
    ) -> None:
        core = library.core
        self._quick = library.quick
        self._take, self._lost = take, lost
        self._open = True
        self._data, self._length = c.c_void_p(), c.c_size_t()
        self._data_at, self._length_at = c.byref(self._data), c.byref(self._length)
        buffering = pa.BufferAttributes(pa.UNSET, pa.UNSET, pa.UNSET, pa.UNSET, BLOCK_BYTES)

        def connect(stream: Any) -> int:
            wanted = (c.byref(buffering), pa.ADJUST_LATENCY)
            return int(core.pa_stream_connect_record(stream, device.encode(), *wanted))

        self._link = PulseLink(library, server, connect)
        self._resting = threading.Lock()
        self._resting.acquire()
        self._freeing = threading.Lock()
        self._freed = False
        self._thread = threading.Thread(target=self._run, name="pulse-stream", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ask the thread to end; it lets the device go."""
        was_open, self._open = self._open, False
        with self._freeing:
            if not self._freed:
                self._link.wake()
                if was_open:
                    self._end_rest()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=0.5)

    def _run(self) -> None:
        be_prompt()
        self._read()
        was_open, self._open = self._open, False
        with self._freeing:
            self._freed = True
            self._link.free()
        if was_open:
            self._lost()

    def _read(self) -> None:
        """Take what comes until told to end, or until the device is gone."""
        missing = 0
        while self._open and self._link.wait():
            ready = self._quick.pa_stream_readable_size(self._link.stream)
            if 0 < ready < NOTHING and ready >= missing:
                came = time.monotonic()
                missing = self._take(self._captured(ready)) or 0
                self._link.send()  # that the blocks are free again, while everything is at hand
                self._rest(came + missing / WIDTH / SAMPLE_RATE_HZ - EARLY_S)

    def _end_rest(self) -> None:
        """End a sleep between blocks, and all that come; any thread, the stream is not freed."""
        self._resting.release()

    def _rest(self, until: float) -> None:
        """Sleep through blocks that complete nothing: servers send them as small as they like."""
        left = until - time.monotonic()
        if left > 0:
            self._resting.acquire(timeout=min(left, MOST_REST_S))

    def _captured(self, ready: int) -> bytes:
        """Take so many bytes; nothing is made up for what the server left out."""
        quick, stream, data, length = self._quick, self._link.stream, self._data, self._length
        blocks: list[bytes] = []
        while ready > 0:
            quick.pa_stream_peek(stream, self._data_at, self._length_at)
            if not length.value:
                break
            if data.value:
                blocks.append(c.string_at(data.value, length.value))
            ready -= length.value
            quick.pa_stream_drop(stream)
        return b"".join(blocks)
