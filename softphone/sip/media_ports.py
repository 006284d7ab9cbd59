"""PJSIP media ports: the microphone, the speaker, and the recording's taps. They only copy."""

from __future__ import annotations

import logging

import pjsua2 as pj

from softphone.app.media import FRAME_MS, SAMPLE_RATE_HZ, SILENCE, FrameSink, FrameSource
from softphone.sip.frames import Reader, Writer

log = logging.getLogger(__name__)


def _format() -> pj.MediaFormatAudio:
    audio = pj.MediaFormatAudio()
    audio.init(pj.PJMEDIA_FORMAT_PCM, SAMPLE_RATE_HZ, 1, FRAME_MS * 1000, 16)
    return audio


class Nothing:
    """Neither says nor hears anything."""

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

    def onFrameRequested(self, frame: pj.MediaFrame) -> None:
        """Fill one frame (media tick)."""
        try:
            self._write(frame, self.source.next_frame())
        except Exception:  # noqa: BLE001 - the binding would print and swallow it
            self.errors += 1
            self._write(frame, SILENCE)


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
