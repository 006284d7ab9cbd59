"""The workstation's audio hardware through PortAudio, or what stands in where there is none.

Two separate streams, never one duplex stream: duplex gave no callback over PulseAudio's ALSA plugin
in 12 of 12 starts, two streams started 12 of 12 times (measured).
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import sounddevice as sd

from softphone.app.media import FRAME_SAMPLES, SAMPLE_RATE_HZ, FrameSink, FrameSource
from softphone.audio.ring import FrameRing
from softphone.audio.sources import FileSource, NullSink, SilentSource, load_pcm

log = logging.getLogger(__name__)


class PortAudioDevices:
    """Default microphone and speaker; opened for a call, let go after it.

    A device that is missing or fails never fails the call: the call goes on silent on that side,
    and the empty name says so.
    """

    def __init__(self) -> None:
        self._capture = FrameRing()
        self._playback = FrameRing()
        self._streams: list[Any] = []
        self._names = ("", "")

    @property
    def source(self) -> FrameSource:
        """The microphone."""
        return self._capture

    @property
    def sink(self) -> FrameSink:
        """The speaker."""
        return self._playback

    @property
    def names(self) -> tuple[str, str]:
        """Names of microphone and speaker in use."""
        return self._names

    def start(self) -> None:
        """Open both streams."""
        self._capture.clear()
        self._playback.clear()
        microphone = self._open("input", sd.RawInputStream, self._captured)
        speaker = self._open("output", sd.RawOutputStream, self._wanted)
        self._names = (microphone, speaker)

    def stop(self) -> None:
        """Close both streams."""
        streams, self._streams = self._streams, []
        for stream in streams:
            try:
                stream.close(ignore_errors=True)
            except sd.PortAudioError as error:
                log.warning("a sound device did not close: %s", error)

    def _open(self, kind: str, stream_type: Any, callback: Any) -> str:
        try:
            device = sd.query_devices(kind=kind)
            stream = stream_type(
                samplerate=SAMPLE_RATE_HZ,
                blocksize=FRAME_SAMPLES // 2,
                channels=1,  # mono explicitly: a 7.1 headset opened with 8 channels buzzes
                dtype="int16",
                latency="low",
                callback=callback,
            )
            stream.start()
        except (sd.PortAudioError, ValueError, OSError) as error:
            log.warning("no %s device: %s", kind, error)
            return ""
        self._streams.append(stream)
        return str(device["name"])

    def _captured(self, data: Any, frames: int, when: Any, status: Any) -> None:
        self._capture.put_bytes(bytes(data))

    def _wanted(self, data: Any, frames: int, when: Any, status: Any) -> None:
        data[:] = self._playback.get_bytes(frames * 2)


class FileDevices:
    """A spoken file (or silence) as microphone and no speaker; for machines without sound."""

    def __init__(self, spoken: Path | None = None) -> None:
        self._source: FrameSource = (
            FileSource(load_pcm(spoken)) if spoken is not None else SilentSource()
        )
        self._sink = NullSink()
        self._names = (f"file: {spoken.name}" if spoken is not None else "", "")

    @property
    def source(self) -> FrameSource:
        """The file."""
        return self._source

    @property
    def sink(self) -> FrameSink:
        """Nothing."""
        return self._sink

    @property
    def names(self) -> tuple[str, str]:
        """The file's name."""
        return self._names

    def start(self) -> None:
        """Begin the file again."""
        if isinstance(self._source, FileSource):
            self._source.restart()

    def stop(self) -> None:
        """Nothing to let go."""
