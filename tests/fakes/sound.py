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


class FakeDirect(FakeStream):
    """A queue in samples that the test plays away; ``played`` holds what was played."""

    def __init__(self, device: str, lost: Lost) -> None:
        super().__init__(device, self.play, lost)
        self.queue = bytearray()
        self.played = b""
        self.silent = 0
        self.placed: list[int] = []
        self.tended = 0

    def tend(self) -> None:
        self.tended += 1

    def ahead(self) -> int:
        return len(self.queue) // 2 - self.silent

    def write(self, pcm: bytes, at: int | None = None) -> None:
        if at is not None:
            self.placed.append(at)
            self.silent = 0
            self.queue[at * 2 :] = b""
            self.queue += bytes(at * 2 - len(self.queue))
        self.queue += pcm

    def play(self, length: int) -> bytes:
        pcm = bytes(self.queue[:length])
        del self.queue[:length]
        self.silent += (length - len(pcm)) // 2
        self.played += pcm
        return pcm + bytes(length - len(pcm))


class FakeBackend:
    closes_for_rescan = False

    def __init__(
        self, microphones: tuple[str, ...], speakers: tuple[str, ...], *, direct: bool = False
    ) -> None:
        self.direct = direct
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

    def open_direct(self, device: str, lost: Lost) -> FakeDirect | None:
        if not self.direct:
            return None
        self._check(self._list.speakers, device)
        self.outputs.append(made := FakeDirect(device, lost))
        return made

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
        self._check(present, device)
        into.append(FakeStream(device, pump, lost))
        return into[-1]

    def _check(self, present: tuple[SoundDevice, ...], device: str) -> None:
        if device in self.broken:
            raise DeviceUnusable("broken")
        if device not in [d.id for d in present]:
            raise DeviceUnusable("gone")

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
