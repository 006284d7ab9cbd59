"""What every path of the call's sound must do, in Python or in C, on a private PulseAudio.

Each path's test brings a rig and inherits these tests.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from softphone.app.media import FRAME_BYTES, SAMPLE_RATE_HZ, Beat, NativeCall
from softphone.audio.backend import Stream
from softphone.audio.path import SoundPath
from softphone.audio.pulse import PulseBackend
from softphone.domain.voice import VoiceProcessing
from tests.fakes.sound import FakeProcessing
from tests.integration.pulse import Pulse

MIC_HZ, FAR_HZ, LOUD = 400.0, 700.0, 9000.0
MICROPHONE, SPEAKER = "laptop_mic", "laptop"
WITHIN_S = 8.0
BEATS = tuple(Beat)


class Bridge:
    """Moves on with each beat, as PJSIP's would: reads the microphone, writes to the speaker."""

    def __init__(self) -> None:
        self.path: SoundPath | None = None
        self.heard: list[bytes] = []
        self.answers: list[Beat] = []
        """What the next beats say, before they say that all is well again."""
        self.beats = 0
        self.silent = False
        self._place = 0
        self._c = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(lambda _: BEATS.index(self()))
        self.native = NativeCall(ctypes.cast(self._c, ctypes.c_void_p).value or 0, 0)

    def __call__(self) -> Beat:
        self.beats += 1
        answer = self.answers.pop(0) if self.answers else Beat.ON
        if answer is not Beat.LATE and self.path is not None:
            self.heard.append(self.path.source.next_frame())
            if not self.silent:
                self.path.sink.put_frame(self._next())
        return answer

    def _next(self) -> bytes:
        t = (self._place + np.arange(FRAME_BYTES // 2)) / SAMPLE_RATE_HZ
        self._place += FRAME_BYTES // 2
        return (np.sin(2 * np.pi * FAR_HZ * t) * LOUD).astype(np.int16).tobytes()

    def wait_beats(self, count: int) -> None:
        until(lambda wanted=self.beats + count: self.beats >= wanted)  # type: ignore[misc]

    def last(self, frames: int = 25) -> np.ndarray:
        """Return what was heard of the microphone last."""
        return np.frombuffer(b"".join(self.heard[-frames:]), np.int16).astype(float)


class PathRig:
    """A path between a voice that speaks a pitch, a bridge, and an ear at the speaker."""

    def __init__(
        self, pulse: Pulse, make: Callable[[PulseBackend, Callable[[str], None]], SoundPath]
    ) -> None:
        self.pulse = pulse
        self.backend = PulseBackend(pulse.server)
        self.problems: list[str] = []
        self.lost: list[str] = []
        self.path = make(self.backend, self.problems.append)
        self.bridge = Bridge()
        self.bridge.path = self.path
        self.path.lead(self.bridge)
        self.streams: list[Stream] = []
        self.open()

    def open(self) -> None:
        self.streams = [
            self.path.open_microphone(MICROPHONE, lambda: self.lost.append(MICROPHONE)),
            self.path.open_speaker(SPEAKER, lambda: self.lost.append(SPEAKER)),
        ]

    def close(self) -> None:
        for stream in self.streams:
            stream.close()
        self.backend.close()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def pitch(pcm: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(pcm))) * SAMPLE_RATE_HZ / len(pcm))


def rest_db(pcm: np.ndarray, hz: float) -> float:
    """Return how far below a sine of this pitch everything else is: a frame that is missing or
    there twice leaves much of it."""
    t = 2 * np.pi * hz * np.arange(len(pcm)) / SAMPLE_RATE_HZ
    basis = np.stack([np.sin(t), np.cos(t)], axis=1)
    fit = basis @ np.linalg.lstsq(basis, pcm, rcond=None)[0]
    return float(10 * np.log10(np.mean(fit**2) / max(np.mean((pcm - fit) ** 2), 1e-9)))


class SoundPathContract:
    """Inherited; needs a fixture ``path_rig`` that gives a PathRig whose voice speaks MIC_HZ."""

    def test_both_directions_are_whole_and_led_by_the_microphone(self, path_rig: PathRig) -> None:
        bridge, ear = path_rig.bridge, path_rig.pulse.ear(SPEAKER)
        until(lambda: bridge.beats > 50 and np.abs(bridge.last()).max() > LOUD / 2)
        ear.wait_loud(0, FAR_HZ, WITHIN_S)
        began, before = time.monotonic(), bridge.beats
        bridge.wait_beats(100)
        took = time.monotonic() - began
        assert (bridge.beats - before) / took == pytest.approx(50, rel=0.1)
        assert pitch(bridge.last()) == pytest.approx(MIC_HZ, abs=3)
        until(lambda: rest_db(bridge.last(50), MIC_HZ) > 25)
        heard = np.concatenate([pcm for _, pcm in ear.heard[-25:]]).astype(float)
        assert pitch(heard) == pytest.approx(FAR_HZ, abs=3)

    def test_levels_and_gain(self, path_rig: PathRig) -> None:
        path, bridge = path_rig.path, path_rig.bridge
        until(lambda: bridge.beats > 50 and np.abs(bridge.last()).max() > LOUD / 2)
        path.measure(True)
        bridge.wait_beats(25)
        dbfs, clipped = path.microphone_level()
        assert dbfs == pytest.approx(20 * np.log10(LOUD / 32767), abs=1)
        assert not clipped
        assert path.speaker_level() == pytest.approx(20 * np.log10(LOUD / 32767), abs=1)
        path.amplify(6.0)
        bridge.wait_beats(25)
        assert np.abs(bridge.last(10)).max() == pytest.approx(LOUD * 10 ** (6 / 20), rel=0.02)
        path.amplify(20.0)
        path.microphone_level()
        bridge.wait_beats(10)
        assert path.microphone_level()[1]

    def test_the_voice_passes_through_a_processing_that_hears_the_speaker(
        self, path_rig: PathRig
    ) -> None:
        path, bridge = path_rig.path, path_rig.bridge
        until(lambda: bridge.beats > 50 and np.abs(bridge.last()).max() > LOUD / 2)
        said: list[bytes] = []
        processing = FakeProcessing(VoiceProcessing(), 0)
        path.use(processing)
        path.listen(said.append)

        def of_speaker() -> np.ndarray:
            whole = processing.heard[-25 * FRAME_BYTES :]
            return np.frombuffer(whole, np.int16).astype(float)

        until(lambda: len(processing.heard) > 25 * FRAME_BYTES)
        until(lambda: abs(pitch(of_speaker()) - FAR_HZ) < 3)
        bridge.wait_beats(25)
        assert np.abs(bridge.last(10)).max() == pytest.approx(2 * LOUD, rel=0.02)
        assert rest_db(bridge.last(10), MIC_HZ) > 25
        path.listen(None)
        assert np.abs(np.frombuffer(said[-1], np.int16)).max() == pytest.approx(2 * LOUD, rel=0.1)
        processing.broken = True
        bridge.wait_beats(25)
        path.tend()
        assert path_rig.problems == ["RuntimeError: broken"] or (
            len(path_rig.problems) == 1 and "refused" in path_rig.problems[0]
        )
        assert np.abs(bridge.last(10)).max() == pytest.approx(LOUD, rel=0.02)
        until(lambda: rest_db(bridge.last(25), MIC_HZ) > 25)

    def test_a_late_beat_drops_what_is_old_and_a_later_one_shortens(
        self, path_rig: PathRig
    ) -> None:
        path, bridge = path_rig.path, path_rig.bridge
        until(lambda: bridge.beats > 50)
        before = path.counts()
        bridge.answers += [Beat.LATE, Beat.ON, Beat.LATER]
        bridge.wait_beats(10)
        assert path.counts().microphone_gaps == before.microphone_gaps
        until(lambda: np.abs(bridge.last()).max() > LOUD / 2)
        until(lambda: rest_db(bridge.last(25), MIC_HZ) > 25)

    def test_a_speaker_that_gets_nothing_counts_one_gap(self, path_rig: PathRig) -> None:
        path, bridge = path_rig.path, path_rig.bridge
        path_rig.pulse.ear(SPEAKER).wait_loud(0, FAR_HZ, WITHIN_S)
        bridge.wait_beats(25)
        before = path.counts().speaker_gaps
        bridge.silent = True
        bridge.wait_beats(15)
        bridge.silent = False
        bridge.wait_beats(25)
        assert path.counts().speaker_gaps == before + 1

    def test_a_server_that_ends_is_told_for_both_devices(self, path_rig: PathRig) -> None:
        until(lambda: path_rig.bridge.beats > 25)
        path_rig.pulse.process.terminate()

        def told() -> bool:
            path_rig.path.tend()  # nobody writes to the speaker any more
            return path_rig.lost == [MICROPHONE, SPEAKER]

        until(told)
        path_rig.path.tend()
        assert path_rig.lost == [MICROPHONE, SPEAKER]

    def test_devices_are_closed_and_opened_again_and_again(self, path_rig: PathRig) -> None:
        path, bridge = path_rig.path, path_rig.bridge
        for _ in range(15):
            for stream in path_rig.streams:
                stream.close()
            path.clear()
            path_rig.open()
            bridge.wait_beats(3)
        assert not path_rig.lost
        until(lambda: np.abs(bridge.last()).max() > LOUD / 2)
