"""Audio inside the engine: 20 ms frames of 16 kHz mono 16-bit PCM, little endian, 640 bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, runtime_checkable

from softphone.domain.consent import Announcement
from softphone.domain.events import EngineEvent
from softphone.domain.sound import Sounding, SoundOrder
from softphone.domain.voice import VoiceRules

SAMPLE_RATE_HZ = 16_000
FRAME_MS = 20
FRAME_SAMPLES = SAMPLE_RATE_HZ * FRAME_MS // 1000
FRAME_BYTES = FRAME_SAMPLES * 2
SILENCE = bytes(FRAME_BYTES)


class Beat(Enum):
    """What came of a frame that a microphone has brought."""

    ON = "on"
    """The call has moved on by it."""
    LATER = "later"
    """So it has, and the next frame is wanted half a frame later than usual, once."""
    LATE = "late"
    """The call had gone on without the microphone: what it holds from before is of no use."""


@dataclass(frozen=True, slots=True)
class NativeCall:
    """A function of C and what it works on, both as addresses: sound or time that passes without
    the interpreter. Whoever gives it keeps both alive."""

    function: int
    context: int


@runtime_checkable
class Native(Protocol):
    """A source, sink or beat that is reached from C as well."""

    @property
    def native(self) -> NativeCall:
        """The C side: ``void give(context, int16 *frame)`` of a source, ``void take(context, const
        int16 *frame)`` of a sink, ``int beat(context)`` with the place in :class:`Beat`."""
        ...


SILENT_CALL = NativeCall(0, 0)
"""Gives silence, and takes nothing."""


class FrameSource(Protocol):
    """Where the agent's voice comes from. Called from the media tick: copy and return."""

    def next_frame(self) -> bytes:
        """Return exactly one frame; silence when there is nothing."""
        ...


class FrameSink(Protocol):
    """Where sound goes. Called from the media tick: copy and return."""

    def put_frame(self, frame: bytes) -> None:
        """Take one frame."""
        ...


class RecordingSink(FrameSink, Protocol):
    """A side of a recording. Frames are put, or wait elsewhere until they are drawn."""

    def draw_from(self, drain: Callable[[], bytes] | None) -> None:
        """Draw frames by ``drain`` from now on: it returns those of all ticks since it was last
        called. With None take what is left there, and draw no more."""
        ...


class AudioDevices(Protocol):
    """The workstation's microphone and speaker, or what stands in for them."""

    @property
    def source(self) -> FrameSource:
        """The microphone."""
        ...

    @property
    def sink(self) -> FrameSink:
        """The speaker."""
        ...

    @property
    def names(self) -> tuple[str, str]:
        """Names of microphone and speaker in use; empty where there is none."""
        ...

    def lead(self, beat: Callable[[], Beat]) -> None:
        """Let the microphone keep the call's time: ``beat`` is called for each frame it completes,
        and reads the source meanwhile."""
        ...

    def start(self) -> None:
        """Begin to capture and play, for a call."""
        ...

    def stop(self) -> None:
        """Let the devices go."""
        ...

    @property
    def ringer(self) -> str:
        """Name of the device that rings; empty where there is none."""
        ...

    def tell_to(self, listener: Callable[[EngineEvent], None]) -> None:
        """Call ``listener`` from any thread when devices, levels or a test changed."""
        ...

    def present(self) -> tuple[EngineEvent, ...]:
        """Return the devices as events, for a window that attaches."""
        ...

    def sound(self, wanted: Sounding) -> None:
        """Let these tones sound until told otherwise; returns at once."""
        ...

    def key_tone(self, digits: str) -> None:
        """Let the agent hear the keys they pressed (ITU-T Q.23)."""
        ...

    def order(self, order: SoundOrder) -> None:
        """Carry out what the window asks for; returns at once."""
        ...

    def rule(self, rules: VoiceRules) -> None:
        """Take what the policy says of the voice; it stands above what the window asks for."""
        ...

    def close(self) -> None:
        """End for good."""
        ...


@dataclass(frozen=True, slots=True)
class Spoken:
    """An announcement as it sounds, and which text it is; no language where it is none of them."""

    pcm: bytes
    language: str = ""
    version: int = 0


class NoticeSounds(Protocol):
    """What is played into a call to tell that it is recorded: 16 kHz mono PCM."""

    def beep(self) -> bytes:
        """Return the short tone that is repeated."""
        ...

    def prepare(self, announcements: Sequence[Announcement]) -> None:
        """Take what may be announced, the usual one first; returns at once."""
        ...

    def announcement(self, language: str = "") -> Spoken:
        """Return what is played once, when the recording begins; in this language if it can be."""
        ...


class Encoder(Protocol):
    """Turns stereo PCM into a streamable codec. Used by one thread."""

    def encode(self, left: bytes, right: bytes) -> bytes:
        """Encode equally long stretches of both channels; returns what is ready."""
        ...

    def finish(self) -> bytes:
        """Return the rest."""
        ...


class EncoderFactory(Protocol):
    """Makes encoders."""

    def __call__(self, codec: str) -> Encoder:
        """Return an encoder for ``opus`` or ``flac``."""
        ...
