"""A call's sound on a real sound server, with a headset that is pulled in mid-call."""

from __future__ import annotations

import queue
import shutil
import subprocess
import threading
import time
from ctypes import CDLL
from pathlib import Path

import numpy as np
import pytest

from softphone.app.media import FRAME_SAMPLES, SAMPLE_RATE_HZ
from softphone.audio.codecs import StreamEncoder
from softphone.audio.live import LiveDevices
from softphone.audio.native_path import NativePath
from softphone.audio.notices import RecordingNotices
from softphone.audio.pulse import PulseBackend
from softphone.domain.events import (
    AudioDevicesChanged,
    MicrophoneChanged,
    SoundDevicesListed,
    SoundLevels,
)
from softphone.domain.ids import AccountId, CallId
from softphone.domain.sound import AudioRole, Silenced, choose, process, watch_levels
from softphone.domain.voice import VoicePart
from softphone.engine import wire
from softphone.engine.phone_engine import PhoneEngine
from softphone.engine.recorder import Recorder
from softphone.vault.journal import RecordingJournal
from tests.fakes.stack import FakeStack
from tests.integration import own_pjsip
from tests.integration.pulse import Pulse

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("pulseaudio") is None, reason="PulseAudio is not installed"),
]
CALL, ACCOUNT = CallId("call"), AccountId("account")
VOICE_HZ, MIC_HZ, HEADSET_HZ = 600.0, 350.0, 500.0


def frames(hz: float):
    place = 0
    while True:
        t = (place + np.arange(FRAME_SAMPLES)) / SAMPLE_RATE_HZ
        place += FRAME_SAMPLES
        yield (np.sin(2 * np.pi * hz * t) * 9000).astype(np.int16).tobytes()


class FarSide:
    """Speaks into the call's speaker and keeps the microphone's frames, every 20 ms."""

    def __init__(self, devices: LiveDevices) -> None:
        self.devices = devices
        self.microphone: list[bytes] = []
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._thread.start()

    def _tick(self) -> None:
        voice, due = frames(VOICE_HZ), time.monotonic()
        while not self._ending.wait(max(0.0, due - time.monotonic())):
            due += 0.02
            self.devices.sink.put_frame(next(voice))
            self.microphone.append(self.devices.source.next_frame())

    def wait_pitch(self, hz: float, within_s: float = 5.0) -> None:
        """Wait until the microphone carries this pitch for a quarter of a second."""
        begin, deadline = len(self.microphone), time.monotonic() + within_s
        while time.monotonic() < deadline:
            heard = b"".join(self.microphone[max(begin, len(self.microphone) - 12) :])
            pcm = np.frombuffer(heard, np.int16).astype(float)
            if len(pcm) >= 12 * FRAME_SAMPLES and np.abs(pcm).max() > 500:
                top = np.argmax(np.abs(np.fft.rfft(pcm))) * SAMPLE_RATE_HZ / len(pcm)
                if abs(top - hz) < 12:
                    return
            threading.Event().wait(0.02)
        raise AssertionError(f"{hz} Hz was not heard within {within_s} s")

    def close(self) -> None:
        self._ending.set()
        self._thread.join(timeout=2)


class Rig:
    def __init__(self, folder: Path, native: CDLL | None = None) -> None:
        """``native`` has the functions of C that sound then passes through."""
        for name in ("pulse", "profile"):
            (folder / name).mkdir()
        self.pulse = Pulse(folder / "pulse")
        self.headset = self.pulse.plug_headset()
        self.ears = {sink: self.pulse.ear(sink) for sink in ("headset", "laptop")}
        backend = PulseBackend(self.pulse.server)
        self.devices = LiveDevices(
            backend, folder / "profile" / "sound.json",
            path=native and (lambda failed: NativePath(native, backend, failed)),
        )  # fmt: skip
        self.events: queue.Queue = queue.Queue()
        recorder = Recorder(
            StreamEncoder,
            lambda key: RecordingJournal(folder / "j.db", key, folder),
            lambda event: None,
        )
        self.recorder = recorder
        notices = RecordingNotices(folder / "none")
        self.engine = PhoneEngine(recorder, self.devices, self.events.put, notices)
        self.stack = FakeStack(self.engine.happened)
        self.engine.use(self.stack)
        self.engine.apply(wire.Sound(choose(AudioRole.SPEAKER, "headset")))
        self.far_side = FarSide(self.devices)

    def wait_for(self, wanted, within_s: float = 5.0):
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            self.stack.drain()
            try:
                event = self.events.get(timeout=0.02)
            except queue.Empty:
                continue
            if wanted(event):
                return event
        raise AssertionError("nothing was told in time")

    def close(self) -> None:
        self.far_side.close()
        self.devices.close()
        self.recorder.stop()
        self.pulse.close()


@pytest.fixture(params=["python", "native"])
def rig(tmp_path: Path, request: pytest.FixtureRequest):
    """Both paths that a call's sound may take."""
    native = None
    if request.param == "native":
        if own_pjsip.wheel() is None:
            pytest.skip(own_pjsip.HOW)
        native = own_pjsip.native_functions(tmp_path / "native")
    made = Rig(tmp_path, native)
    yield made
    made.close()


def test_a_call_is_heard_and_follows_the_headset_within_a_second(rig: Rig):
    begin = time.monotonic()
    rig.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
    # Ringback first (425 Hz: no country is set), on the preferred device.
    rig.ears["headset"].wait_loud(begin, 425, 5)
    answered = time.monotonic()
    rig.stack.answer(CALL)
    rig.ears["headset"].wait_loud(answered, VOICE_HZ, 3)
    assert rig.ears["laptop"].loud_since(begin, VOICE_HZ) is None

    pulled = time.monotonic()
    rig.pulse.pactl("unload-module", rig.headset)
    assert rig.ears["laptop"].wait_loud(pulled, VOICE_HZ, 5) < 1.0
    rig.wait_for(lambda e: isinstance(e, AudioDevicesChanged) and e.speaker == "Laptop")
    assert rig.stack.known[CALL].live

    plugged = time.monotonic()
    rig.pulse.plug_headset()
    ear = rig.pulse.ear("headset")
    rig.wait_for(lambda e: isinstance(e, AudioDevicesChanged) and e.speaker == "Headset")
    assert time.monotonic() - plugged < 1.0
    ear.wait_loud(plugged, VOICE_HZ, 3)


@pytest.mark.timeout(120)
def test_the_headset_is_pulled_ten_times_and_the_voice_goes_on(rig: Rig):
    rig.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
    rig.stack.answer(CALL)
    module = rig.headset
    ear = rig.ears["headset"]
    for _ in range(10):
        ear.wait_loud(time.monotonic(), VOICE_HZ, 5)
        pulled = time.monotonic()
        rig.pulse.pactl("unload-module", module)
        rig.ears["laptop"].wait_loud(pulled, VOICE_HZ, 5)
        module = rig.pulse.plug_headset()
        ear = rig.pulse.ear("headset")
    ear.wait_loud(time.monotonic(), VOICE_HZ, 5)
    assert rig.stack.known[CALL].live
    rig.engine.apply(wire.HangUp(CALL))


def test_the_microphone_reaches_the_call_and_its_level_is_told(rig: Rig, tmp_path: Path):
    voice = subprocess.Popen(
        ["pacat", "--raw", "--format=s16le", "--rate=16000", "--channels=1", "--device=voice"],
        stdin=subprocess.PIPE, env=rig.pulse.environment,
    )  # fmt: skip
    assert voice.stdin is not None
    source = frames(MIC_HZ)
    rig.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
    rig.stack.answer(CALL)
    rig.engine.apply(wire.Sound(watch_levels(True)))
    voice.stdin.write(b"".join(next(source) for _ in range(200)))
    voice.stdin.close()
    told = rig.wait_for(lambda e: isinstance(e, SoundLevels) and e.microphone > -30)
    assert told.microphone == pytest.approx(20 * np.log10(9000 / 32767), abs=2.5)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        heard = np.frombuffer(b"".join(rig.far_side.microphone[-25:]), np.int16).astype(float)
        top = np.argmax(np.abs(np.fft.rfft(heard))) * SAMPLE_RATE_HZ / len(heard)
        if np.abs(heard).max() > 3000 and abs(top - MIC_HZ) < 5:
            break
        threading.Event().wait(0.02)
    else:
        raise AssertionError("the microphone was not heard")
    voice.wait(timeout=10)


def test_with_the_server_gone_the_call_goes_on_silent(rig: Rig):
    rig.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
    rig.stack.answer(CALL)
    rig.ears["headset"].wait_loud(0, VOICE_HZ, 5)
    rig.pulse.process.terminate()
    rig.wait_for(
        lambda e: isinstance(e, AudioDevicesChanged) and (e.microphone, e.speaker) == ("", "")
    )
    assert rig.stack.known[CALL].live


def test_a_microphone_that_is_silenced_in_the_system_is_told_in_mid_call(rig: Rig):
    rig.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
    rig.stack.answer(CALL)
    mute = ("set-source-mute", "laptop_mic")
    volume = ("set-source-volume", "laptop_mic")
    for order, expected in (
        ((*mute, "1"), Silenced.MUTED),
        ((*mute, "0"), Silenced.NO),
        ((*volume, "0"), Silenced.VOLUME_ZERO),
        ((*volume, "40%"), Silenced.NO),
    ):
        rig.pulse.pactl(*order)
        rig.wait_for(lambda e: isinstance(e, MicrophoneChanged) and e.silenced is expected)  # noqa: B023


def names_of(listed: SoundDevicesListed) -> set[str]:
    return {device.id for device in listed.microphones}


@pytest.mark.timeout(120)
def test_the_headsets_microphone_is_pulled_ten_times_and_others_go_on_hearing(rig: Rig):
    module = rig.pulse.plug_microphone()
    rig.wait_for(lambda e: isinstance(e, SoundDevicesListed) and "headset_mic" in names_of(e))
    rig.engine.apply(wire.Sound(choose(AudioRole.MICROPHONE, "headset_mic")))
    rig.wait_for(lambda e: isinstance(e, AudioDevicesChanged) and e.microphone == "Headset_mic")
    for part in VoicePart:  # a pitch that stays would be taken for noise
        rig.engine.apply(wire.Sound(process(part, False)))
    rig.pulse.speak("headset_voice", HEADSET_HZ)
    rig.pulse.speak("voice", MIC_HZ)
    rig.engine.apply(wire.Dial(ACCOUNT, CALL, "+4930"))
    rig.stack.answer(CALL)
    for _ in range(10):
        rig.far_side.wait_pitch(HEADSET_HZ)
        rig.pulse.pactl("unload-module", module)
        rig.far_side.wait_pitch(MIC_HZ)
        module = rig.pulse.plug_microphone()
    rig.far_side.wait_pitch(HEADSET_HZ)
    assert rig.stack.known[CALL].live
