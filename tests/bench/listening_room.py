"""A private PulseAudio in which two phones sit: mouths, ears and microphones on one clock.

One sink of four channels holds everything, so that one recording of its monitor has both mouths and
both ears aligned to the sample, whatever the recorder's own delay is.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil

RATE = 16_000
PLACES = {
    "a_mouth": "front-left", "b_mouth": "front-right", "a_ear": "rear-left", "b_ear": "rear-right",
}  # fmt: skip
ORDER = tuple(PLACES)
BAND_HZ = (600, 3500)
QUIET = 100
"""A second with less between these frequencies (amplitude, of 32,767) has no speech."""
BLOCK = 640
BLOCKS_A_SECOND = RATE * len(PLACES) * 2 // BLOCK


def _script(socket: Path) -> str:
    channels = ",".join(PLACES.values())
    lines = [
        f"load-module module-native-protocol-unix auth-anonymous=1 socket={socket}",
        f"load-module module-null-sink sink_name=room rate={RATE} channels=4 "
        f"channel_map={channels}",
    ]
    for name, channel in PLACES.items():
        lines.append(
            f"load-module module-remap-sink sink_name={name} master=room channels=1 "
            f"channel_map={channel} master_channel_map={channel} remix=no"
        )
    for who in ("a", "b"):
        channel = PLACES[f"{who}_mouth"]
        lines.append(
            f"load-module module-remap-source source_name={who}_mic master=room.monitor "
            f"channels=1 channel_map={channel} master_channel_map={channel} remix=no"
        )
    return "\n".join(lines) + "\n"


class ListeningRoom:
    """The server and its recorder, which runs from the start: else streams begin seconds late."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self.folder = folder
        self.server = f"unix:{folder / 'native'}"
        self.environment = {
            **os.environ, "PULSE_SERVER": self.server, "PULSE_RUNTIME_PATH": str(folder),
            "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder),
        }  # fmt: skip
        script = folder / "room.pa"
        script.write_text(_script(folder / "native"))
        self.process = subprocess.Popen(
            ["pulseaudio", "-n", "-F", str(script), "--exit-idle-time=-1", "--daemonize=no",
             "--log-level=error", "--use-pid-file=no"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment,
        )  # fmt: skip
        deadline = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < deadline, "PulseAudio did not start"
        self._blocks: list[bytes] = []
        self._taken_ms: list[float] = []
        """What the host had taken away at the begin of each second recorded (ms of all cores)."""
        self._recorder = subprocess.Popen(
            ["parec", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=4",
             f"--channel-map={','.join(PLACES.values())}", "--latency-msec=10",
             "--no-remix", "--no-remap", "--device=room.monitor"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.environment,
        )  # fmt: skip
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        (folder / ".asoundrc").write_text(
            "".join(
                f"pcm.{name} {{ type pulse device {name} server \"{self.server}\" }}\n"
                for name in (*ORDER, "a_mic", "b_mic")
            )
        )  # fmt: skip

    def _answers(self) -> bool:
        with contextlib.suppress(subprocess.CalledProcessError):
            listed = subprocess.run(
                ["pactl", "list", "short", "sources"],
                check=True, capture_output=True, env=self.environment,
            )  # fmt: skip
            return b"b_mic" in listed.stdout
        threading.Event().wait(0.05)
        return False

    def _listen(self) -> None:
        assert self._recorder.stdout is not None
        with self._recorder.stdout as out:
            while block := out.read(BLOCK):
                if len(self._blocks) % BLOCKS_A_SECOND == 0:
                    self._taken_ms.append(psutil.cpu_times().steal * 1000)
                self._blocks.append(block)

    def say(self, who: str, pcm: np.ndarray) -> subprocess.Popen[bytes]:
        """Let a mouth speak 16 kHz mono PCM."""
        speaking = subprocess.Popen(
            ["pacat", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1",
             "--latency-msec=100", f"--device={who}_mouth"],
            stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.environment,
        )  # fmt: skip
        threading.Thread(target=_feed, args=(speaking, pcm.tobytes()), daemon=True).start()
        return speaking

    def heard(self) -> dict[str, np.ndarray]:
        """Return what there was at each place since the beginning, aligned."""
        data = b"".join(self._blocks)
        whole = np.frombuffer(data[: len(data) // 8 * 8], "<i2").reshape(-1, 4)
        return {name: whole[:, i].astype(float) for i, name in enumerate(ORDER)}

    def taken_ms(self, seconds: int) -> list[float]:
        """Return, for each of the last seconds, how long the host kept the machine from running in
        the worst second near it: of five before, as queues need those to become short again, that
        one, and the next.
        """
        at = [*self._taken_ms, psutil.cpu_times().steal * 1000]
        each = [after - before for before, after in pairwise(at)]
        first = len(each) - seconds
        return [max(each[max(i - 5, 0) : i + 2]) for i in range(first, len(each))]

    def close(self) -> None:
        for process in (self._recorder, self.process):
            process.terminate()
            process.wait(timeout=5)
        self._thread.join(timeout=5)


def _band(sound: np.ndarray) -> np.ndarray:
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum[(hertz < BAND_HZ[0]) | (hertz > BAND_HZ[1])] = 0
    return np.fft.irfft(spectrum, len(sound))


def _feed(speaking: subprocess.Popen[bytes], pcm: bytes) -> None:
    assert speaking.stdin is not None
    with contextlib.suppress(BrokenPipeError, ValueError):
        speaking.stdin.write(pcm)
        speaking.stdin.close()


def lags_ms(said: np.ndarray, heard: np.ndarray, most_ms: int = 600) -> dict[int, float | None]:
    """Return how late each second with speech is heard; None for a second that is not heard.

    Compared is what lies between ``BAND_HZ``: a high-pass filter shifts the phases below, and
    harmonics of a low voice look alike a period of it later, which is no delay.
    """
    found: dict[int, float | None] = {}
    said, heard = _band(said), _band(heard)
    most = most_ms * RATE // 1000
    for begin in range(0, len(said) - RATE - most, RATE):
        window = said[begin : begin + RATE]
        if np.sqrt(np.mean(window**2)) < QUIET:
            continue
        stretch = heard[begin : begin + RATE + most]
        size = 1 << (RATE + most + RATE - 1).bit_length()
        product = np.fft.rfft(stretch, size) * np.conj(np.fft.rfft(window, size))
        match = np.fft.irfft(product, size)[: most + 1]
        energy = np.cumsum(np.concatenate([[0.0], stretch**2]))
        norm = np.sqrt((energy[RATE:] - energy[:-RATE])[: most + 1] * np.sum(window**2)) + 1
        likeness = match / norm
        best = int(np.argmax(likeness))
        found[begin // RATE] = best * 1000 / RATE if likeness[best] > 0.35 else None
    return found
