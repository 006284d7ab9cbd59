"""A player without sound: position moves only when told."""

from __future__ import annotations

import math
from collections.abc import Sequence

from softphone.app.ports import RecordingReader


class FakePlayer:
    def __init__(self) -> None:
        self.reader: RecordingReader | None = None
        self.audio_ms = 0
        self.playing = False
        self.position = 0
        self.speed = 1.0
        self.skips = False
        self.balance = 0.0

    def set_speed(self, speed: float) -> None:
        self.speed = speed

    def skip_silence(self, on: bool) -> None:
        self.skips = on

    def set_balance(self, balance: float) -> None:
        self.balance = balance

    def load(self, reader: RecordingReader, audio_ms: int) -> None:
        self.unload()
        self.reader = reader
        self.audio_ms = audio_ms
        self.position = 0

    def play(self) -> None:
        self.playing = self.reader is not None

    def pause(self) -> None:
        self.playing = False

    def seek(self, position_ms: int) -> None:
        self.position = min(max(0, position_ms), self.audio_ms)

    def position_ms(self) -> int:
        return self.position

    def waveform(self, bins: int) -> tuple[Sequence[float], Sequence[float]]:
        return (
            tuple(_voice(i / bins * 60, 0.0) for i in range(bins)),
            tuple(_voice(i / bins * 60, 2.6) for i in range(bins)),
        )

    def unload(self) -> None:
        if self.reader is not None:
            self.reader.close()
        self.reader = None
        self.playing = False


def _voice(t: float, shift: float) -> float:
    speaking = math.sin(t * 1.1 + shift) + 0.6 * math.sin(t * 0.37 + shift * 2)
    if speaking < 0.45:
        return 0.0
    return min(1.0, 0.25 + 0.7 * abs(math.sin(t * 13.7 + shift) * math.cos(t * 5.1)))
