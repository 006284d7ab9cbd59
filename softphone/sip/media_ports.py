"""PJSIP media ports: the microphone, the speaker, and the recording's taps. They only copy."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pjsua2 as pj

from softphone.app.media import (
    FRAME_MS,
    SAMPLE_RATE_HZ,
    SILENCE,
    SILENT_CALL,
    FrameSink,
    FrameSource,
    RecordingSink,
)
from softphone.sip.frames import Reader, Writer, frame_access
from softphone.sip.library import native_sound

log = logging.getLogger(__name__)


def _format() -> pj.MediaFormatAudio:
    audio = pj.MediaFormatAudio()
    audio.init(pj.PJMEDIA_FORMAT_PCM, SAMPLE_RATE_HZ, 1, FRAME_MS * 1000, 16)
    return audio


class Nothing:
    """Neither says nor hears anything."""

    native = SILENT_CALL

    def next_frame(self) -> bytes:
        """Return silence."""
        return SILENCE

    def put_frame(self, frame: bytes) -> None:
        """Drop it."""


MUTE: FrameSource = Nothing()
DEAF: FrameSink = Nothing()


class SourcePort(pj.AudioMediaPort):
    """Feeds frames of a source into the conference bridge."""

    def __init__(self, name: str, source: FrameSource, write: Writer) -> None:
        super().__init__()
        self.source = source
        self._write = write
        self.errors = 0
        self.createPort(name, _format())

    @property
    def port(self) -> pj.AudioMedia:
        """What is connected to the bridge."""
        return self

    def onFrameRequested(self, frame: pj.MediaFrame) -> None:
        """Fill one frame (media tick)."""
        try:
            self._write(frame, self.source.next_frame())
        except Exception:  # noqa: BLE001 - the binding would print and swallow it
            self.errors += 1
            self._write(frame, SILENCE)


class Giving(Protocol):
    """What gives the frames of a source to the bridge."""

    source: FrameSource

    @property
    def port(self) -> pj.AudioMedia:
        """What is connected to the bridge."""
        ...


class Tap(Protocol):
    """What a recording listens by."""

    @property
    def port(self) -> pj.AudioMedia:
        """What is connected to the bridge."""
        ...

    def serve(self, sink: RecordingSink) -> None:
        """Let this sink have what is heard from now on."""
        ...

    def rest(self) -> None:
        """Let nobody have it any more."""
        ...


class SinkPort(pj.AudioMediaPort):
    """Hands frames from the conference bridge to a sink; silence where there was no audio."""

    def __init__(self, name: str, sink: FrameSink, read: Reader) -> None:
        super().__init__()
        self.sink = sink
        self._read = read
        self.errors = 0
        self.createPort(name, _format())

    def onFrameReceived(self, frame: pj.MediaFrame) -> None:
        """Take one frame (media tick)."""
        try:
            self.sink.put_frame(self._read(frame))
        except Exception:  # noqa: BLE001 - the binding would print and swallow it
            self.errors += 1


class PutTap:
    """Frames are put into the sink by each tick."""

    def __init__(self, read: Reader) -> None:
        self.port = SinkPort("tap", DEAF, read)

    def serve(self, sink: RecordingSink) -> None:
        """Let this sink have what is heard from now on."""
        self.port.sink = sink

    def rest(self) -> None:
        """Let nobody have it any more."""
        self.port.sink = DEAF


@dataclass(frozen=True, slots=True)
class Ports:
    """Makes ports: of Python, or of C where the library has such (``native/``)."""

    giving: Callable[[str, FrameSource], Giving]
    taking: Callable[[str, FrameSink], pj.AudioMedia]
    tap: Callable[[], Tap]


def ports() -> Ports:
    """Return what makes ports in this process."""
    if native_sound() is not None:
        from softphone.sip import native_ports  # noqa: PLC0415 - not with every PJSIP

        return Ports(native_ports.GivingPort, native_ports.TakingPort, native_ports.DrawnTap)
    read, write, _ = frame_access()
    return Ports(
        lambda name, source: SourcePort(name, source, write),
        lambda name, sink: SinkPort(name, sink, read),
        lambda: PutTap(read),
    )
