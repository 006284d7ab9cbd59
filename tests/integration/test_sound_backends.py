"""Both real backends, and the tests' own, under one contract, on a private PulseAudio."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from softphone.audio.backend import Backend
from softphone.audio.portaudio import PortAudioBackend
from softphone.audio.pulse import PulseBackend
from tests.contract.sound_contract import SoundBackendContract
from tests.fakes.sound import FakeBackend
from tests.integration.pulse import Pulse

SPEAKERS = {"usual": "rate=48000 channels=2", "old": "rate=44100 channels=1",
            "eight": "rate=48000 channels=8"}  # fmt: skip
MOUTHS = {"mic": "rate=48000 channels=2", "oldmic": "rate=44100 channels=1"}
SCRIPT = "load-module module-native-protocol-unix auth-anonymous=1 socket={socket}\n" + "".join(
    f"load-module module-null-sink sink_name={name} {format_} "
    f"sink_properties=device.description={name.title()}\n"
    for name, format_ in (*SPEAKERS.items(), *((f"mouth_{m}", f) for m, f in MOUTHS.items()))
) + "".join(
    f"load-module module-remap-source source_name={name} master=mouth_{name}.monitor\n"
    for name in MOUTHS
)  # fmt: skip
ALSA = "</usr/share/alsa/alsa.conf>\n"
needs_pulse = pytest.mark.skipif(
    shutil.which("pulseaudio") is None, reason="PulseAudio is not installed"
)


class PulseRig:
    """Names are those of the server."""

    speaker, speaker_mono_44k, speaker_eight = "usual", "old", "eight"
    microphone, microphone_mono_44k = "mic", "oldmic"
    tells_of_loss = "list"  # since PulseAudio 14 the server moves streams to what is left

    def __init__(self, folder: Path) -> None:
        self.pulse = Pulse(folder, SCRIPT, "oldmic")
        self.ears = {name: self.pulse.ear(name) for name in SPEAKERS}
        self.mouths: list[subprocess.Popen[bytes]] = []
        self.backend = self.make()

    def make(self) -> Backend:
        return PulseBackend(self.pulse.server)

    def heard(self, speaker: str) -> np.ndarray:
        blocks = [pcm for _, pcm in list(self.ears[speaker].heard)]
        return np.concatenate(blocks) if blocks else np.zeros(0, np.int16)

    def say(self, microphone: str, pcm: bytes) -> None:
        mouth = subprocess.Popen(
            ["pacat", "--raw", "--format=s16le", "--rate=16000", "--channels=1",
             f"--device=mouth_{microphone}"],
            stdin=subprocess.PIPE, env=self.pulse.environment,
        )  # fmt: skip
        assert mouth.stdin is not None
        threading.Thread(target=mouth.communicate, args=(pcm,), daemon=True).start()
        self.mouths.append(mouth)

    def pull(self, speaker: str) -> None:
        modules = self.pulse.pactl("list", "short", "modules").splitlines()
        [found] = [m.split()[0] for m in modules if f"sink_name={speaker} " in m]
        self.pulse.pactl("unload-module", found)

    def pump(self) -> None:
        """The server has a clock of its own."""

    def close(self) -> None:
        self.backend.close()
        for mouth in self.mouths:
            mouth.terminate()
            mouth.wait(timeout=5)
        self.pulse.close()


class PortAudioRig(PulseRig):
    """PortAudio through ALSA's plugin: names are those of an ALSA configuration of ours."""

    speaker, speaker_mono_44k, speaker_eight = "ALSA/usual", "ALSA/old", "ALSA/eight"
    microphone, microphone_mono_44k = "ALSA/mic", "ALSA/oldmic"
    tells_of_loss = "rescan"

    def make(self) -> Backend:
        self.config = Path(self.pulse.environment["HOME"]) / "asound.conf"
        self._before = os.environ.get("ALSA_CONFIG_PATH")
        os.environ["ALSA_CONFIG_PATH"] = str(self.config)
        self._configure((*SPEAKERS, *MOUTHS))
        backend = PortAudioBackend()
        backend.rescan()
        return backend

    def _configure(self, names: tuple[str, ...]) -> None:
        self.config.write_text(ALSA + "".join(
            f'pcm.{name} {{ type pulse device {name} server "{self.pulse.server}" }}\n'
            for name in names
        ))  # fmt: skip

    def heard(self, speaker: str) -> np.ndarray:
        return super().heard(speaker.removeprefix("ALSA/"))

    def say(self, microphone: str, pcm: bytes) -> None:
        super().say(microphone.removeprefix("ALSA/"), pcm)

    def pull(self, speaker: str) -> None:
        name = speaker.removeprefix("ALSA/")
        super().pull(name)
        self._configure(tuple(n for n in (*SPEAKERS, *MOUTHS) if n != name))

    def close(self) -> None:
        if self._before is None:
            del os.environ["ALSA_CONFIG_PATH"]
        else:
            os.environ["ALSA_CONFIG_PATH"] = self._before
        super().close()


class FakeRig:
    """The tests' own backend, whose time is :meth:`pump`."""

    speaker, speaker_mono_44k, speaker_eight = "usual", "old", "eight"
    microphone, microphone_mono_44k = "mic", "oldmic"
    tells_of_loss = "stream"

    def __init__(self) -> None:
        self.fake = FakeBackend(tuple(MOUTHS), tuple(SPEAKERS), direct=True)
        self.backend: Backend = self.fake
        self._heard: dict[str, bytes] = dict.fromkeys(SPEAKERS, b"")
        self._said: dict[str, bytes] = dict.fromkeys(MOUTHS, b"")

    def heard(self, speaker: str) -> np.ndarray:
        return np.frombuffer(self._heard[speaker], np.int16)

    def say(self, microphone: str, pcm: bytes) -> None:
        self._said[microphone] += pcm

    def pull(self, speaker: str) -> None:
        self.fake.plug(tuple(MOUTHS), tuple(s for s in SPEAKERS if s != speaker))
        for stream in self.fake.outputs:
            if stream.device == speaker and not stream.closed:
                stream.lost()

    def pump(self) -> None:
        for stream in self.fake.outputs:
            if not stream.closed:
                self._heard[stream.device] += stream.pump(3200)
        for stream in self.fake.inputs:
            if not stream.closed:
                block, rest = self._said[stream.device][:3200], self._said[stream.device][3200:]
                self._said[stream.device] = rest
                stream.pump(block)


@pytest.mark.peer
@needs_pulse
class TestPulse(SoundBackendContract):
    @pytest.fixture
    def sound(self, tmp_path: Path) -> Iterator[PulseRig]:
        made = PulseRig(tmp_path)
        yield made
        made.close()


@pytest.mark.peer
@needs_pulse
@pytest.mark.skipif(
    not list(Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pulse.so")),
    reason="ALSA's plugin for PulseAudio is not installed (libasound2-plugins)",
)
class TestPortAudio(SoundBackendContract):
    @pytest.fixture
    def sound(self, tmp_path: Path) -> Iterator[PortAudioRig]:
        made = PortAudioRig(tmp_path)
        yield made
        made.close()


class TestFake(SoundBackendContract):
    @pytest.fixture
    def sound(self) -> FakeRig:
        return FakeRig()
