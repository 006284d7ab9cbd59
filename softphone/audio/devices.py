"""Which devices a process uses: the workstation's, or what stands in where there is no sound."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path

from softphone.app.media import Beat, FrameSink, FrameSource
from softphone.audio.backend import Backend, DeviceUnusable
from softphone.audio.portaudio import PortAudioBackend
from softphone.audio.pulse import PulseBackend
from softphone.audio.sources import FileSource, NullSink, SilentSource, load_pcm
from softphone.domain.events import AudioDevicesChanged, EngineEvent
from softphone.domain.sound import Sounding, SoundOrder
from softphone.domain.voice import VoiceRules

log = logging.getLogger(__name__)


def system_backend() -> Backend:
    """Return the sound server where one answers (Linux), else PortAudio."""
    if sys.platform == "linux":
        try:
            return PulseBackend()
        except DeviceUnusable as error:
            log.info("no sound server: %s; PortAudio is used", error)
    return PortAudioBackend()


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

    def lead(self, beat: Callable[[], Beat]) -> None:
        """A file has no clock."""

    def start(self) -> None:
        """Begin the file again."""
        if isinstance(self._source, FileSource):
            self._source.restart()

    def stop(self) -> None:
        """Nothing to let go."""

    @property
    def ringer(self) -> str:
        """Nothing rings."""
        return ""

    def tell_to(self, listener: Callable[[EngineEvent], None]) -> None:
        """Nothing ever changes."""

    def present(self) -> tuple[EngineEvent, ...]:
        """Return the names."""
        return (AudioDevicesChanged(*self._names),)

    def sound(self, wanted: Sounding) -> None:
        """Nothing sounds."""

    def key_tone(self, digits: str) -> None:
        """Nothing sounds."""

    def order(self, order: SoundOrder) -> None:
        """There is nothing to choose."""

    def rule(self, rules: VoiceRules) -> None:
        """There is no voice to process."""

    def close(self) -> None:
        """Nothing to end."""
