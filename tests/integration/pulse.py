"""A private PulseAudio: null sinks as headset and laptop, a listener on every monitor."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from pathlib import Path

import numpy as np

RATE = 16_000
SCRIPT = """\
load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
load-module module-null-sink sink_name=laptop rate=44100 channels=2 sink_properties=device.description=Laptop
load-module module-null-sink sink_name=voice rate=48000 channels=1
load-module module-remap-source source_name=laptop_mic master=voice.monitor source_properties=device.description=Laptop_mic
"""  # noqa: E501


class Ear:
    """``parec`` on a monitor: keeps what it hears, with the time of each block."""

    def __init__(self, environment: dict[str, str], monitor: str) -> None:
        self.heard: list[tuple[float, np.ndarray]] = []
        self.process = subprocess.Popen(
            ["parec", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1",
             "--latency-msec=10", f"--device={monitor}"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as out:
            while block := out.read(640):
                self.heard.append(
                    (time.monotonic(), np.frombuffer(block[: len(block) & ~1], "<i2"))
                )

    def loud_since(self, moment: float, hz: float) -> float | None:
        """Return when 100 ms of this pitch were first heard after a moment, or None."""
        blocks = [(at, pcm) for at, pcm in list(self.heard) if at > moment]
        for i in range(len(blocks) - 5):
            pcm = np.concatenate([b for _, b in blocks[i : i + 5]]).astype(float)
            spectrum = np.abs(np.fft.rfft(pcm))
            if np.abs(pcm).max() > 1000 and abs(np.argmax(spectrum) * RATE / len(pcm) - hz) < 15:
                return blocks[i + 4][0]
        return None

    def wait_loud(self, moment: float, hz: float, within_s: float) -> float:
        """Wait for the pitch; returns seconds from the moment."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            found = self.loud_since(moment, hz)
            if found is not None:
                return found - moment
            threading.Event().wait(0.05)
        raise AssertionError(f"{hz} Hz was not heard within {within_s} s")

    def listen(self, seconds: float) -> None:
        """Go on until this much more was heard."""
        wanted = len(self.heard) + seconds * RATE / 320
        while len(self.heard) < wanted and self.thread.is_alive():
            threading.Event().wait(0.05)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=5)
        self.thread.join(timeout=5)


class Voice:
    """``pacat`` that plays an endless sine."""

    def __init__(self, environment: dict[str, str], sink: str, hz: float) -> None:
        self._hz = hz
        self.process = subprocess.Popen(
            ["pacat", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1",
             "--latency-msec=50", f"--device={sink}"],
            stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
        self.thread = threading.Thread(target=self._speak, daemon=True)
        self.thread.start()

    def _speak(self) -> None:
        assert self.process.stdin is not None
        t = np.arange(RATE) / RATE  # whole periods: it goes on without a click
        second = (np.sin(2 * np.pi * self._hz * t) * 9000).astype("<i2").tobytes()
        with contextlib.suppress(BrokenPipeError), self.process.stdin as into:
            while True:
                into.write(second)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=5)
        self.thread.join(timeout=5)


class Pulse:
    """The server, in a folder of its own."""

    def __init__(self, folder: Path, script: str = SCRIPT, last: str = "laptop_mic") -> None:
        """``script`` is what the server loads; ``last`` a source that is there once it has."""
        folder.chmod(0o700)
        self._last = last.encode()
        self.socket = folder / "native"
        self.server = f"unix:{self.socket}"
        self.environment = {
            **os.environ, "PULSE_SERVER": self.server, "PULSE_RUNTIME_PATH": str(folder),
            "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder),
        }  # fmt: skip
        self.ears: list[Ear] = []
        self.voices: list[Voice] = []
        file = folder / "test.pa"
        file.write_text(script.format(socket=self.socket))
        self.process = subprocess.Popen(
            ["pulseaudio", "-n", "-F", str(file), "--exit-idle-time=-1", "--daemonize=no",
             "--log-level=error", "--use-pid-file=no"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment,
        )  # fmt: skip
        deadline = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < deadline, "PulseAudio did not start"

    def _answers(self) -> bool:
        with contextlib.suppress(subprocess.CalledProcessError):
            return self._last in subprocess.run(
                ["pactl", "list", "short", "sources"],
                check=True, capture_output=True, env=self.environment,
            ).stdout  # fmt: skip
        threading.Event().wait(0.05)
        return False

    def pactl(self, *arguments: str) -> str:
        return subprocess.run(
            ["pactl", *arguments], check=True, capture_output=True, text=True, env=self.environment
        ).stdout.strip()

    def plug_headset(self) -> str:
        return self.pactl(
            "load-module", "module-null-sink", "sink_name=headset", "rate=48000",
            "sink_properties=device.description=Headset",
        )  # fmt: skip

    def plug_microphone(self) -> str:
        """Plug the headset's microphone in; it hears what is said into ``headset_voice``."""
        if "headset_voice" not in self.pactl("list", "short", "sinks"):
            self.pactl("load-module", "module-null-sink", "sink_name=headset_voice", "channels=1")
        return self.pactl(
            "load-module", "module-remap-source", "source_name=headset_mic",
            "master=headset_voice.monitor", "source_properties=device.description=Headset_mic",
        )  # fmt: skip

    def speak(self, sink: str, hz: float) -> None:
        """Say a pitch into a sink without an end."""
        self.voices.append(Voice(self.environment, sink, hz))

    def ear(self, sink: str) -> Ear:
        self.ears.append(Ear(self.environment, f"{sink}.monitor"))
        return self.ears[-1]

    def close(self) -> None:
        for listener in (*self.ears, *self.voices):
            listener.close()
        self.process.terminate()
        self.process.wait(timeout=5)
