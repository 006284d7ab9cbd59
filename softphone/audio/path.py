"""The call's sound between the devices and the call, frame by frame: in Python, or in C.

Who decides (which device, which gain, which processing) is :class:`LiveDevices`; this is what it
decides about. ``native_path`` is the other one that does the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from softphone.app.media import Beat, FrameSink, FrameSource
from softphone.audio.apm import Processing
from softphone.audio.backend import Backend, Lost, Stream
from softphone.audio.gain import InputGain
from softphone.audio.levels import LevelMeter, MeteredSink
from softphone.audio.microphone import Microphone
from softphone.audio.speaker import Speaker
from softphone.audio.voice_blocks import VoiceBlocks
from softphone.domain.sound import SoundHealth

Listener = Callable[[bytes], None]
"""Told what is said in the call, 16 kHz mono, on the microphone's thread."""


class SoundPath(Protocol):
    """From the microphone into the call and from the call to the speaker.

    Used on the audio thread; streams and the call's clock move the sound on threads of theirs.
    """

    @property
    def source(self) -> FrameSource:
        """The microphone, for the call."""
        ...

    @property
    def sink(self) -> FrameSink:
        """The speaker, for the call."""
        ...

    def lead(self, beat: Callable[[], Beat]) -> None:
        """Let the microphone keep the call's time."""
        ...

    def amplify(self, decibels: float) -> None:
        """Raise what is captured by this much from now on."""
        ...

    def use(self, processing: Processing | None) -> None:
        """Let the voice pass through this, or go on as it is."""
        ...

    def listen(self, listener: Listener | None) -> None:
        """Let someone hear what is said in the call, or nobody any more."""
        ...

    def measure(self, on: bool) -> None:
        """Say whether levels are going to be read; they begin anew."""
        ...

    def microphone_level(self) -> tuple[float, bool]:
        """Return dBFS before processing since the last look, and whether full scale was reached."""
        ...

    def speaker_level(self) -> float:
        """Return dBFS of the call's sound since the last look."""
        ...

    def clear(self) -> None:
        """Forget what is under way: a call begins."""
        ...

    def tend(self) -> None:
        """Look after the devices, about once a second."""
        ...

    def counts(self) -> SoundHealth:
        """Return what went wrong since the start; devices are lost elsewhere."""
        ...

    def open_microphone(self, device: str, lost: Lost) -> Stream:
        """Capture from a device (by id). Raises DeviceUnusable."""
        ...

    def open_speaker(self, device: str, lost: Lost) -> Stream:
        """Play on a device (by id). Raises DeviceUnusable."""
        ...


class PythonPath:
    """The path for every sound system; implements :class:`SoundPath`."""

    def __init__(self, backend: Backend, failed: Callable[[str], None]) -> None:
        """``failed`` is told why a processing is no longer used (any thread)."""
        self._backend = backend
        self._blocks = VoiceBlocks(failed)
        self._microphone = Microphone(self._said)
        self._speaker = Speaker(backend, self._blocks.played)
        self._gain = InputGain()
        self._mouth, self._ear = LevelMeter(), LevelMeter()
        self._sink = MeteredSink(self._speaker, self._ear)
        self._listener: Listener | None = None
        self.lead, self.amplify, self.use = self._microphone.lead, self._gain.set, self._blocks.use
        self.tend, self.open_speaker = self._speaker.tend, self._speaker.open
        self.microphone_level = self._mouth.read

    @property
    def source(self) -> FrameSource:
        """The microphone, for the call."""
        return self._microphone

    @property
    def sink(self) -> FrameSink:
        """The speaker, for the call."""
        return self._sink

    def listen(self, listener: Listener | None) -> None:
        """Let someone hear what is said in the call, or nobody any more."""
        self._listener = listener

    def measure(self, on: bool) -> None:
        """Say whether levels are going to be read; they begin anew."""
        for meter in (self._mouth, self._ear):
            meter.read()
            meter.on = on

    def speaker_level(self) -> float:
        """Return dBFS of the call's sound since the last look."""
        return self._ear.read()[0]

    def clear(self) -> None:
        """Forget what is under way: a call begins."""
        self._microphone.clear()
        self._speaker.clear()

    def counts(self) -> SoundHealth:
        """Return what went wrong since the start; devices are lost elsewhere."""
        microphone, speaker = self._microphone, self._speaker
        return SoundHealth(
            microphone.underruns, microphone.overruns, speaker.underruns, speaker.overruns
        )

    def open_microphone(self, device: str, lost: Lost) -> Stream:
        """Capture from a device (by id). Raises DeviceUnusable."""
        return self._backend.open_input(device, self._captured, lost)

    def _captured(self, pcm: bytes) -> int | None:
        pcm = self._gain.apply(pcm)
        self._mouth.feed(pcm)  # before processing: what is too loud here stays distorted
        return self._microphone.put_frame(pcm)

    def _said(self, pcm: bytes) -> bytes:
        voice = self._blocks.captured(pcm)
        listener = self._listener
        if listener is not None:
            listener(voice)
        return voice
