"""From a microphone to a speaker and nothing between: what each way to the sound server costs.

A frame of 20 ms is collected and handed on, as a call does; no network, codec or processing.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from demo.hearing import speak, spoken_pcm
from softphone.app.media import Beat
from softphone.audio.backend import Backend, Lost
from softphone.audio.live import LiveDevices
from softphone.audio.portaudio import PortAudioBackend
from softphone.audio.pulse import PulseBackend
from softphone.domain.sound import AudioRole, choose, process
from softphone.domain.voice import VoicePart
from tests.bench.listening_room import ListeningRoom, lags_ms
from tests.bench.result import Figure
from tests.bench.rig import look
from tests.bench.sound import TEXT

SETTLE_S, HEARD_S = 8, 12


class Asking(PulseBackend):
    """The same server where the device asks: a queue and its block before the server's own."""

    def open_direct(self, device: str, lost: Lost) -> None:  # type: ignore[override]
        return None


@contextmanager
def _ours(backend: Backend, microphone: str, speaker: str, *, leads: bool) -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        devices = LiveDevices(backend, Path(folder) / "sound.json")
        for role, name in ((AudioRole.MICROPHONE, microphone), (AudioRole.SPEAKER, speaker)):
            devices.order(choose(role, name))
        for part in VoicePart:
            devices.order(process(part, False))
        source, sink = devices.source, devices.sink

        def beat() -> Beat:
            sink.put_frame(source.next_frame())
            return Beat.ON

        if leads:
            devices.lead(beat)
            devices.start()
            yield
        else:
            with _ticking(beat):
                devices.start()
                yield
        devices.close()


@contextmanager
def _ticking(beat: Callable[[], object]) -> Iterator[None]:
    ending = threading.Event()

    def tick() -> None:
        due = time.monotonic()
        while not ending.wait(max(0.0, due - time.monotonic())):
            due += 0.02
            beat()

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


@contextmanager
def _portaudio(room: ListeningRoom) -> Iterator[None]:
    config = room.folder / "asound.conf"
    config.write_text(
        "</usr/share/alsa/alsa.conf>\n" + (room.folder / ".asoundrc").read_text("utf-8"), "utf-8"
    )
    before = os.environ.get("ALSA_CONFIG_PATH")
    os.environ["ALSA_CONFIG_PATH"] = str(config)
    try:
        backend = PortAudioBackend()
        backend.rescan()
        with _ours(backend, "ALSA/a_mic", "ALSA/a_ear", leads=True):
            yield
    finally:
        if before is None:
            del os.environ["ALSA_CONFIG_PATH"]
        else:
            os.environ["ALSA_CONFIG_PATH"] = before


@contextmanager
def _qt(room: ListeningRoom) -> Iterator[None]:
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.qt_loop", "a_mic", "a_ear"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=room.environment, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdin is not None
    try:
        assert running.stdout.readline() == "ready\n"
        yield
    finally:
        running.stdin.close()
        running.wait(timeout=5)
        running.stdout.close()


WAYS: dict[str, Callable[[ListeningRoom], object]] = {
    "libpulse, written to, led by the microphone": lambda room: _ours(
        PulseBackend(room.server), "a_mic", "a_ear", leads=True
    ),
    "libpulse, asking, with a clock between": lambda room: _ours(
        Asking(room.server), "a_mic", "a_ear", leads=False
    ),
    "PortAudio over ALSA's plugin, led": _portaudio,
    "Qt": _qt,
}


def loop_ms(way: Callable[[ListeningRoom], object]) -> list[float]:
    """Return the delay of each second that was heard."""
    with tempfile.TemporaryDirectory() as folder:
        room = ListeningRoom(Path(folder) / "room")
        try:
            said = spoken_pcm(speak(TEXT, Path(folder) / "a.wav", "en"))
            mouth = room.say("a", np.resize(said, (SETTLE_S + HEARD_S + 8) * 16_000))
            with way(room):  # type: ignore[attr-defined]
                look(SETTLE_S + HEARD_S)
                heard = room.heard()
            mouth.terminate()
            mouth.wait(timeout=5)
        finally:
            room.close()
    keep = HEARD_S * 16_000
    return [x for x in lags_ms(heard["a_mouth"][-keep:], heard["a_ear"][-keep:]) if x is not None]


def adapter_loop_ms() -> Figure:
    """Median delay of the way that is used on Linux, beside the best of the others."""
    medians = {name: statistics.median(loop_ms(way)) for name, way in WAYS.items()}
    ours, *others = medians.values()
    return Figure(
        "adapter_loop_ms", round(ours, 1), "ms", "the best other way", round(min(others), 1),
        "lower", 1, "; ".join(f"{name} {median:.0f} ms" for name, median in medians.items()),
    )  # fmt: skip
