"""What every sound backend must do; each backend's test brings a rig and inherits these tests.

The rig has a speaker and a microphone that work at 48 kHz with two channels, a pair for 44.1 kHz
mono only, one with eight channels, and can pull the first speaker out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

import numpy as np
import pytest

from softphone.app.media import FRAME_BYTES, SAMPLE_RATE_HZ
from softphone.audio.backend import Backend, DeviceUnusable

HZ = 500.0
WITHIN_S = 8.0


class SoundRig(Protocol):
    """A backend with devices whose other end the test holds."""

    backend: Backend
    speaker: str
    speaker_mono_44k: str
    speaker_eight: str
    microphone: str
    microphone_mono_44k: str
    tells_of_loss: str
    """What tells that a device is gone: its ``stream``, the ``list``, or nothing but a
    ``rescan`` (the window asks for one when the system says that something was pulled)."""

    def heard(self, speaker: str) -> np.ndarray:
        """Return what a speaker played so far, first channel, 16 kHz."""
        ...

    def say(self, microphone: str, pcm: bytes) -> None:
        """Let a microphone hear 16 kHz mono PCM."""
        ...

    def pull(self, speaker: str) -> None:
        """Take a speaker out."""
        ...

    def pump(self) -> None:
        """Let time pass where the rig has no clock of its own."""
        ...


class Tone:
    """An endless sine for a speaker; counts what was asked for."""

    def __init__(self) -> None:
        self.place = 0
        self.lengths: set[int] = set()

    def fill(self, length: int) -> bytes:
        self.lengths.add(length)
        t = (self.place + np.arange(length // 2)) / SAMPLE_RATE_HZ
        self.place += length // 2
        return (np.sin(2 * np.pi * HZ * t) * 9000).astype(np.int16).tobytes()


def sine(seconds: float) -> bytes:
    return Tone().fill(int(seconds * SAMPLE_RATE_HZ) * 2)


def pitch(pcm: np.ndarray) -> float:
    """Return the strongest frequency of the last half second that was not silent."""
    loud = np.flatnonzero(np.abs(pcm) > 1000)
    if len(loud) < SAMPLE_RATE_HZ // 2:
        return 0.0
    block = pcm[max(0, loud[-1] - SAMPLE_RATE_HZ // 2) : loud[-1]].astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(block))) * SAMPLE_RATE_HZ / len(block))


def until(holds: Callable[[], bool], rig: SoundRig) -> bool:
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        if holds():
            return True
        rig.pump()
        threading.Event().wait(0.02)
    return False


class SoundBackendContract:
    """Inherited; needs a fixture ``sound`` that gives a SoundRig."""

    def test_devices_are_listed_once_each_with_a_name(self, sound: SoundRig) -> None:
        found = sound.backend.devices()
        speakers = [d.id for d in found.speakers]
        assert {sound.speaker, sound.speaker_mono_44k, sound.speaker_eight} <= set(speakers)
        assert {sound.microphone, sound.microphone_mono_44k} <= {d.id for d in found.microphones}
        assert len(speakers) == len(set(speakers))
        assert all(d.name for d in (*found.speakers, *found.microphones))

    @pytest.mark.parametrize("which", ["speaker", "speaker_mono_44k", "speaker_eight"])
    def test_every_kind_of_speaker_plays_mono_at_the_right_pitch(
        self, sound: SoundRig, which: str
    ) -> None:
        tone, name = Tone(), getattr(sound, which)
        stream = sound.backend.open_output(name, tone.fill, lambda: None)
        try:
            assert until(lambda: abs(pitch(sound.heard(name)) - HZ) < 4, sound)
        finally:
            stream.close()

    @pytest.mark.parametrize("which", ["microphone", "microphone_mono_44k"])
    def test_every_kind_of_microphone_gives_mono_at_the_right_pitch(
        self, sound: SoundRig, which: str
    ) -> None:
        taken: list[bytes] = []
        name = getattr(sound, which)
        stream = sound.backend.open_input(name, taken.append, lambda: None)
        try:
            sound.say(name, sine(6))
            heard = lambda: pitch(np.frombuffer(b"".join(taken), np.int16))  # noqa: E731
            assert until(lambda: abs(heard() - HZ) < 4, sound)
            assert all(len(block) % 2 == 0 for block in taken)
        finally:
            stream.close()

    def test_a_taker_that_says_how_much_is_missing_gets_all_the_same_sound(
        self, sound: SoundRig
    ) -> None:
        taken = bytearray()

        def take(pcm: bytes) -> int:
            taken.extend(pcm)
            return FRAME_BYTES - len(taken) % FRAME_BYTES

        stream = sound.backend.open_input(sound.microphone, take, lambda: None)
        try:
            sound.say(sound.microphone, sine(6))
            heard = lambda: np.frombuffer(bytes(taken[: len(taken) & ~1]), np.int16)  # noqa: E731
            assert until(lambda: abs(pitch(heard()) - HZ) < 4, sound)
            pcm = heard()
            loud = np.flatnonzero(np.abs(pcm) > 1000)
            last = pcm[loud[-1] - SAMPLE_RATE_HZ // 4 : loud[-1]].astype(float)
            # A sine turns by so much a sample and no more: nothing is left out in between.
            most = np.abs(last).max() * 2 * np.pi * HZ / SAMPLE_RATE_HZ
            assert np.abs(np.diff(last)).max() < most * 1.3
        finally:
            stream.close()

    def test_after_closing_nothing_is_asked_for_and_closing_twice_is_nothing(
        self, sound: SoundRig
    ) -> None:
        tone, lost = Tone(), threading.Event()
        stream = sound.backend.open_output(sound.speaker, tone.fill, lost.set)
        assert until(lambda: tone.place > SAMPLE_RATE_HZ // 10, sound)
        stream.close()
        stream.close()
        place = tone.place
        threading.Event().wait(0.2)
        sound.pump()
        assert tone.place == place
        assert not lost.is_set()

    def test_speaker_and_microphone_run_beside_each_other_and_a_second_stream_too(
        self, sound: SoundRig
    ) -> None:
        taken: list[bytes] = []
        call, ring = Tone(), Tone()
        streams = [
            sound.backend.open_output(sound.speaker, call.fill, lambda: None),
            sound.backend.open_output(sound.speaker, ring.fill, lambda: None),
            sound.backend.open_input(sound.microphone, taken.append, lambda: None),
        ]
        try:
            sound.say(sound.microphone, sine(4))
            assert until(
                lambda: min(call.place, ring.place) > SAMPLE_RATE_HZ // 2 and bool(taken), sound
            )
        finally:
            for stream in streams:
                stream.close()

    def test_a_device_that_does_not_exist_is_refused(self, sound: SoundRig) -> None:
        with pytest.raises(DeviceUnusable):
            sound.backend.open_output("no such device", Tone().fill, lambda: None)
        with pytest.raises(DeviceUnusable):
            sound.backend.open_input("no such device", lambda pcm: None, lambda: None)

    def test_a_pulled_device_is_told_once_where_the_system_notices(self, sound: SoundRig) -> None:
        told: list[int] = []
        tone, listed = Tone(), threading.Event()
        sound.backend.watch(listed.set)
        stream = sound.backend.open_output(sound.speaker, tone.fill, lambda: told.append(1))
        assert until(lambda: tone.place > 0, sound)
        sound.pull(sound.speaker)
        if sound.tells_of_loss == "stream":
            assert until(lambda: bool(told), sound)
        if sound.tells_of_loss != "rescan":
            assert until(listed.is_set, sound)
        assert len(told) <= 1
        stream.close()  # a lost device may still be closed
        sound.backend.rescan()
        assert until(
            lambda: sound.speaker not in [d.id for d in sound.backend.devices().speakers], sound
        )

    def test_a_speaker_that_is_written_to_plays_what_is_ahead_and_says_how_much_that_is(
        self, sound: SoundRig
    ) -> None:
        tone = Tone()
        output = sound.backend.open_direct(sound.speaker, lambda: None)
        if output is None:
            return  # devices only ask here, and the callers know
        try:
            output.write(tone.fill(1600 * 2), 160)
            assert output.ahead() > 0
            ahead: list[int] = []

            def played() -> bool:
                ahead.append(output.ahead())
                while output.ahead() < 1700:
                    output.write(tone.fill(800 * 2))
                return abs(pitch(sound.heard(sound.speaker)) - HZ) < 4

            assert until(played, sound)
            assert min(ahead) >= 0
            output.tend()
            assert until(lambda: output.ahead() < -1600, sound)  # silent for more than 100 ms
            output.write(tone.fill(800 * 2), 480)
            assert 0 < output.ahead() <= 480 + 800
        finally:
            output.close()
            output.close()

    def test_a_speaker_to_be_written_to_that_does_not_exist_is_refused(
        self, sound: SoundRig
    ) -> None:
        if sound.backend.open_direct(sound.speaker, lambda: None) is None:
            return
        with pytest.raises(DeviceUnusable):
            sound.backend.open_direct("no such device", lambda: None)
