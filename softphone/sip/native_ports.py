"""Ports of the bridge that need no interpreter: PJSIP built by ``make pjsip`` has them (0021).

Importing this raises AttributeError with another PJSIP.
"""

from __future__ import annotations

import ctypes as c
import logging
from collections.abc import Callable

import pjsua2 as pj

from softphone.app.media import (
    FRAME_BYTES,
    FrameSink,
    FrameSource,
    Native,
    NativeCall,
    RecordingSink,
)

log = logging.getLogger(__name__)

_Frame = c.CFUNCTYPE(None, c.c_void_p, c.c_void_p)


class GivingPort(pj.SoundPort):
    """Gives the frames of a source to the bridge. Nothing is asked of one nobody listens to."""

    def __init__(self, name: str, source: FrameSource) -> None:
        super().__init__(name)
        self._given: object = None
        self.source = source

    @property
    def port(self) -> pj.AudioMedia:
        """What is connected to the bridge."""
        return self

    @property
    def source(self) -> FrameSource:
        """What it gives; another one at any time."""
        return self._source

    @source.setter
    def source(self, source: FrameSource) -> None:
        self._source = source
        call, given = _given(source)
        self.connect(call.function, 0, call.context)
        self._given = given  # what was asked until now is let go only here


class TakingPort(pj.SoundPort):
    """Takes what the bridge brings for a sink."""

    def __init__(self, name: str, sink: FrameSink) -> None:
        super().__init__(name)
        call, self._taken = _taken(sink)
        self.connect(0, call.function, call.context)


class DrawnTap:
    """Keeps what it hears until the recording draws it."""

    def __init__(self) -> None:
        self.port = pj.SoundPort("tap")
        self._sink: RecordingSink | None = None

    def serve(self, sink: RecordingSink) -> None:
        """Keep frames for a sink that draws them."""
        self.port.keep(True)
        self._sink = sink
        sink.draw_from(self.port.drain)

    def rest(self) -> None:
        """Give the sink what is left, and keep nothing more."""
        sink, self._sink = self._sink, None
        if sink is not None:
            sink.draw_from(None)
        self.port.keep(False)


def _given(source: FrameSource) -> tuple[NativeCall, object]:
    """Return how C asks a source, and what must live meanwhile."""
    if isinstance(source, Native):
        return source.native, source

    def give(frame: int) -> None:
        c.memset(frame, 0, FRAME_BYTES)  # silence, where the source fails
        c.memmove(frame, source.next_frame(), FRAME_BYTES)

    return _called(give)


def _taken(sink: FrameSink) -> tuple[NativeCall, object]:
    """Return how C brings frames to a sink, and what must live meanwhile."""
    if isinstance(sink, Native):
        return sink.native, sink
    return _called(lambda frame: sink.put_frame(c.string_at(frame, FRAME_BYTES)))


def _called(function: Callable[[int], None]) -> tuple[NativeCall, object]:
    told: list[str] = []

    def guarded(_context: int, frame: int) -> None:
        try:
            function(frame)
        except Exception as error:  # noqa: BLE001 - nobody is there to catch it
            if not told:  # once, not fifty times a second
                told.append(type(error).__name__)
                log.error("a port failed: %s", *told)

    call = _Frame(guarded)
    return NativeCall(c.cast(call, c.c_void_p).value or 0, 0), call
