"""A sound system whose devices come and go as the test says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

import numpy as np

from softphone.audio.apm import BLOCK_BYTES
from softphone.audio.backend import DeviceList, DeviceUnusable, Fill, Lost, Take
from softphone.domain.sound import Silenced, SoundDevice
from softphone.domain.voice import VoiceProcessing


class FakeStream:
    def __init__(self, device: str, pump: Callable, lost: Lost) -> None:
        self.device, self.pump, self.lost = device, pump, lost
        self.closed = False

    def close(self) -> None:
        self.closed = True


class FakeBackend:
    closes_for_rescan = False

    def __init__(self, microphones: tuple[str, ...], speakers: tuple[str, ...]) -> None:
        self.set(microphones, speakers)
        self.broken: set[str] = set()
        self.outputs: list[FakeStream] = []
        self.inputs: list[FakeStream] = []
        self.rescans = 0
        self.open_at_rescan = 0
        self._changed: Callable[[], None] = lambda: None

    def set(self, microphones: tuple[str, ...], speakers: tuple[str, ...]) -> None:
        self._list = DeviceList(
            tuple(SoundDevice(i, i.title()) for i in microphones),
            tuple(SoundDevice(i, i.title()) for i in speakers),
        )

    def plug(self, microphones: tuple[str, ...], speakers: tuple[str, ...]) -> None:
        self.set(microphones, speakers)
        self._changed()

    def silence(self, microphone: str, why: Silenced) -> None:
        others = tuple(pair for pair in self._list.silenced if pair[0] != microphone)
        self._list = replace(self._list, silenced=(*others, (microphone, why)))
        self._changed()

    def live(self, streams: list[FakeStream]) -> list[str]:
        return [s.device for s in streams if not s.closed]

    # the port
    def watch(self, changed: Callable[[], None]) -> None:
        self._changed = changed

    def rescan(self) -> None:
        self.rescans += 1
        self.open_at_rescan = len(self.live(self.outputs) + self.live(self.inputs))

    def devices(self) -> DeviceList:
        return self._list

    def open_output(self, device: str, fill: Fill, lost: Lost) -> FakeStream:
        return self._open(self.outputs, self._list.speakers, device, fill, lost)

    def open_input(self, device: str, take: Take, lost: Lost) -> FakeStream:
        return self._open(self.inputs, self._list.microphones, device, take, lost)

    def _open(
        self,
        into: list[FakeStream],
        present: tuple[SoundDevice, ...],
        device: str,
        pump: Callable,
        lost: Lost,
    ) -> FakeStream:
        if device in self.broken:
            raise DeviceUnusable("broken")
        if device not in [d.id for d in present]:
            raise DeviceUnusable("gone")
        into.append(FakeStream(device, pump, lost))
        return into[-1]

    def close(self) -> None:
        pass


class FakeProcessing:
    """Doubles what is said and keeps what was heard."""

    made: ClassVar[list[FakeProcessing]] = []

    def __init__(self, wanted: VoiceProcessing, delay_ms: int) -> None:
        self.wanted, self.delay_ms = wanted, delay_ms
        self.heard = b""
        self.broken = False
        self.made.append(self)

    def played(self, block: bytes) -> None:
        if self.broken:
            raise RuntimeError("broken")
        assert len(block) == BLOCK_BYTES
        self.heard += block

    def captured(self, block: bytes) -> bytes:
        if self.broken:
            raise RuntimeError("broken")
        assert len(block) == BLOCK_BYTES
        return (np.frombuffer(block, np.int16) * 2).tobytes()


def settled(devices) -> None:
    """Wait until the audio thread has done what was asked before, and what that led to."""
    for _ in range(3):
        done = threading.Event()
        devices.post(done.set)
        assert done.wait(5)
