"""The call's sound in C (``native/``), on a sound server: no interpreter fifty times a second.

What it does is the same as :class:`PythonPath` does, and so are its tests. Devices are opened and
closed here; what is read, processed and written in between is not.
"""

from __future__ import annotations

import ctypes as c
import logging
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from softphone.app.media import FRAME_BYTES, Beat, Native, NativeCall
from softphone.audio.apm import BLOCK_BYTES, Processing, WebRtcProcessing
from softphone.audio.backend import Lost, Stream
from softphone.audio.levels import FULL
from softphone.audio.path import Listener
from softphone.audio.pulse import PulseBackend, PulseInput
from softphone.audio.pulse_direct import open_link
from softphone.audio.pulse_library import PulseLibrary
from softphone.audio.pulse_link import PulseLink
from softphone.domain.sound import SILENCE_DBFS, SoundHealth

log = logging.getLogger(__name__)

_P, _I = c.c_void_p, c.c_int
_Heard = c.CFUNCTYPE(None, _P, c.c_size_t)
_Lost = c.CFUNCTYPE(None)
_Ask = c.CFUNCTYPE(c.c_uint64, _P, c.c_size_t, _P, c.POINTER(c.c_size_t))
_Drop = c.CFUNCTYPE(c.c_bool, c.c_uint64)


class _Entry(c.Structure):
    """``sound::Entry``."""

    _fields_ = (
        ("request", _P), ("request_length", c.c_size_t), ("sound", _P), ("well_length", c.c_size_t),
    )  # fmt: skip


class _Processing(c.Structure):
    """``sound::Processing``."""

    _fields_ = (("ask", _P), ("drop", _P), ("near_end", _Entry), ("far_end", _Entry))


_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "sound_path_new": (_P, ()),
    "sound_path_microphone": (_P, (_P,)),
    "sound_path_speaker": (_P, (_P,)),
    "sound_microphone_give": (None, (_P, _P)),
    "sound_speaker_take": (None, (_P, c.c_char_p)),
    "sound_path_lead": (None, (_P, _P, _P)),
    "sound_path_amplify": (None, (_P, c.c_double)),
    "sound_path_listen": (None, (_P, _P)),
    "sound_path_clear": (None, (_P,)),
    "sound_path_process": (None, (_P, _P)),
    "sound_path_failed": (_I, (_P,)),
    "sound_path_counts": (None, (_P, _P)),
    "sound_path_level": (None, (_P, _I, _P, _P)),
    "sound_path_attach": (None, (_P, _P, _P, _Lost)),
    "sound_path_detach": (None, (_P, _P)),
    "sound_path_tend": (None, (_P,)),
    "sound_capture_new": (_P, (_P, _P, _P)),
    "sound_capture_run": (_I, (_P,)),
    "sound_capture_end": (None, (_P,)),
    "sound_capture_free": (None, (_P,)),
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where streams are opened, and what they are streams of."""

    native: Any
    path: int
    pulse: PulseLibrary
    server: bytes | None
    told_lost: deque[Any] = field(default_factory=lambda: deque(maxlen=8))
    """What C may be just about to call when its device is closed at the same moment."""


class NativePath:
    """Implements :class:`SoundPath`. Raises OSError where there is no libpulse for C."""

    def __init__(self, library: Any, backend: PulseBackend, failed: Callable[[str], None]) -> None:
        """``library`` has the C functions; ``failed`` is told why a processing is not used any
        more."""
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
        self._library = library
        path = library.sound_path_new()
        if path is None:
            raise OSError("libpulse is not there for C")
        self._path = path  # never freed: the call's clock may tick until the process ends
        self._place = _Place(library, path, *backend.streams)
        self._failed = failed
        self.source = _Source(library, library.sound_path_microphone(path))
        self.sink = _Sink(library, library.sound_path_speaker(path))
        self._beat: object = None
        self._processing: object = None
        self._heard: Any = None

    def lead(self, beat: Callable[[], Beat]) -> None:
        """Let the microphone keep the call's time; ``beat`` must be one that C knows."""
        if not isinstance(beat, Native):
            raise TypeError("C cannot call this beat")
        self._beat = beat  # lives as long as it may be called
        call = beat.native
        self._library.sound_path_lead(self._path, call.function, call.context)

    def amplify(self, decibels: float) -> None:
        """Raise what is captured by this much from now on."""
        self._library.sound_path_amplify(self._path, 10 ** (decibels / 20))

    def use(self, processing: Processing | None) -> None:
        """Let the voice pass through this, or go on as it is."""
        kept = None if processing is None else _prepared(processing)
        self._library.sound_path_process(self._path, None if kept is None else c.byref(kept[0]))
        self._processing = kept  # what C used until now is let go only here

    def listen(self, listener: Listener | None) -> None:
        """Let someone hear what is said in the call, or nobody any more."""
        heard = (
            None
            if listener is None
            else _Heard(lambda place, samples: listener(c.string_at(place, samples * 2)))
        )
        self._library.sound_path_listen(self._path, heard and c.cast(heard, _P))
        self._heard = (heard, self._heard and self._heard[0])  # the last one may be running

    def measure(self, on: bool) -> None:
        """Say whether levels are going to be read; they begin anew."""
        self.microphone_level()
        self.speaker_level()

    def microphone_level(self) -> tuple[float, bool]:
        """Return dBFS before processing since the last look, and whether full scale was reached."""
        return self._level(of_speaker=False)

    def speaker_level(self) -> float:
        """Return dBFS of the call's sound since the last look."""
        return self._level(of_speaker=True)[0]

    def clear(self) -> None:
        """Forget what is under way: a call begins."""
        self._library.sound_path_clear(self._path)

    def tend(self) -> None:
        """Look after the devices, about once a second."""
        self._library.sound_path_tend(self._path)
        if self._library.sound_path_failed(self._path):
            self.use(None)
            self._failed("RuntimeError: the audio processing refused a block")

    def counts(self) -> SoundHealth:
        """Return what went wrong since the start; devices are lost elsewhere."""
        found = (c.c_uint64 * 4)()
        self._library.sound_path_counts(self._path, found)
        return SoundHealth(*map(int, found))

    def open_microphone(self, device: str, lost: Lost) -> Stream:
        """Capture from a device (by id). Raises DeviceUnusable."""
        return _NativeInput(self._place, device, lost)

    def open_speaker(self, device: str, lost: Lost) -> Stream:
        """Play on a device (by id). Raises DeviceUnusable."""
        return _NativeOutput(self._place, device, lost)

    def _level(self, *, of_speaker: bool) -> tuple[float, bool]:
        mean_square, peak = c.c_double(), c.c_int()
        self._library.sound_path_level(self._path, of_speaker, c.byref(mean_square), c.byref(peak))
        if mean_square.value < 1e-6:
            return SILENCE_DBFS, False
        dbfs = 10 * math.log10(mean_square.value * 2 / FULL**2)
        return max(SILENCE_DBFS, dbfs), peak.value >= FULL


class _Source:
    """The microphone; C asks for its frames, and so may Python."""

    def __init__(self, library: Any, microphone: int) -> None:
        self._give, self._microphone = library.sound_microphone_give, microphone
        self.native = NativeCall(c.cast(self._give, _P).value or 0, microphone)

    def next_frame(self) -> bytes:
        """Return one frame, silence where there is none."""
        frame = c.create_string_buffer(FRAME_BYTES)
        self._give(self._microphone, frame)
        return frame.raw


class _Sink:
    """The speaker; C brings its frames, and so may Python."""

    def __init__(self, library: Any, speaker: int) -> None:
        self._take, self._speaker = library.sound_speaker_take, speaker
        self.native = NativeCall(c.cast(self._take, _P).value or 0, speaker)

    def put_frame(self, frame: bytes) -> None:
        """Take one frame."""
        self._take(self._speaker, frame)


class _NativeInput(PulseInput):
    """A microphone that is read in C."""

    def __init__(self, place: _Place, device: str, lost: Lost) -> None:
        self._native, self._path = place.native, place.path
        self._capture: int | None = None
        super().__init__(place.pulse, place.server, device, lambda pcm: None, lost)

    def _read(self) -> None:
        with self._freeing:
            loop, stream = self._link.addresses
            self._capture = capture = self._native.sound_capture_new(self._path, loop, stream)
            if not self._open:
                self._native.sound_capture_end(capture)
        self._native.sound_capture_run(capture)
        with self._freeing:
            self._capture = None
            self._native.sound_capture_free(capture)

    def _end_rest(self) -> None:
        if self._capture is not None:
            self._native.sound_capture_end(self._capture)


class _NativeOutput:
    """A speaker that C writes to."""

    def __init__(self, place: _Place, device: str, lost: Lost) -> None:
        self._native, self._path = place.native, place.path
        self._link: PulseLink | None = open_link(place.pulse, place.server, device)
        loop, self._stream = self._link.addresses
        told = _Lost(lost)
        place.told_lost.append(told)
        self._native.sound_path_attach(self._path, loop, self._stream, told)

    def close(self) -> None:
        """Silent at once, and let the device go."""
        link, self._link = self._link, None
        if link is not None:
            self._native.sound_path_detach(self._path, self._stream)
            link.free()


def _prepared(processing: Processing) -> tuple[_Processing, object]:
    """Return what C needs of a processing, and what must live as long as it is used."""
    entries = processing.entries if isinstance(processing, WebRtcProcessing) else None
    if entries is None:
        return _interpreted(processing)
    near, far = entries
    places = _Entry(*far.places) if far is not None else _Entry()
    return _Processing(*near.functions, _Entry(*near.places), places), processing


def _interpreted(processing: Processing) -> tuple[_Processing, object]:
    """The same for a processing that only Python can ask."""
    near, far = c.create_string_buffer(BLOCK_BYTES), c.create_string_buffer(BLOCK_BYTES)
    near_at, far_at = c.addressof(near), c.addressof(far)

    def ask(request: int, _length: int, _answer: int, answer_length: Any) -> int:
        try:
            if request == far_at:
                processing.played(far.raw)
            else:
                near.raw = processing.captured(near.raw)
        except Exception as error:  # noqa: BLE001 - whatever a foreign library raises
            log.info("the voice's processing failed: %s", type(error).__name__)
            return 0
        answer_length[0] = 0
        return 1

    asked, drop = _Ask(ask), _Drop(lambda _handle: True)
    made = _Processing(
        c.cast(asked, _P).value, c.cast(drop, _P).value,
        _Entry(near_at, BLOCK_BYTES, near_at, 0), _Entry(far_at, BLOCK_BYTES, far_at, 0),
    )  # fmt: skip
    return made, (near, far, asked, drop, processing)
