"""A HID system whose devices come and go, hang and flood as the test says."""

from __future__ import annotations

import queue
import threading

from softphone.audio.headset.descriptor import DescriptorInvalid, parse_descriptor
from softphone.audio.headset.devices import HidFound, HidRefused, HidUnusable
from tests.fakes.headset_models import Emulated, Model

TELEPHONY = 0x0B


class FakeHidDevice:
    def __init__(self, socket: FakeSocket) -> None:
        self._socket = socket
        self._inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._open = True
        socket.listeners.append(self._inbox)

    def descriptor(self) -> bytes:
        self._check()
        return self._socket.emulated.model.descriptor

    def read(self, within_ms: int) -> bytes:
        self._check()
        if self._socket.bursts:
            raise RuntimeError("a mistake in the library")
        self._socket.hangs.wait()
        try:
            report = self._inbox.get(timeout=within_ms / 1000)
        except queue.Empty:
            report = b""
        self._check()
        return report

    def write(self, report: bytes) -> None:
        self._check()
        if self._socket.refuses_lamps:
            raise HidUnusable("write failed")
        self._socket.emulated.took(report)

    def close(self) -> None:
        self._open = False

    def _check(self) -> None:
        if not self._open or self._socket.gone:
            raise HidUnusable("gone")


class FakeSocket:
    """Where a headset is plugged in."""

    def __init__(self, path: str, model: Model, serial: str) -> None:
        self.path, self.serial = path, serial
        self.listeners: list[queue.SimpleQueue[bytes]] = []
        self.emulated = Emulated(model, self._send)
        self.gone = self.denied = self.broken = self.refuses_lamps = self.bursts = False
        self.hangs = threading.Event()
        self.hangs.set()

    def _send(self, report: bytes) -> None:
        for inbox in self.listeners:
            inbox.put(report)


class FakeHidSystem:
    def __init__(self) -> None:
        self._sockets: dict[str, FakeSocket] = {}
        self._number = 0
        self._seen: tuple[str, ...] = ()
        self.looks = 0
        self.failing = False
        self.fails_with: Exception = HidUnusable("no")

    def plug(self, model: Model, serial: str = "") -> FakeSocket:
        self._number += 1
        made = FakeSocket(f"fake{self._number}", model, serial)
        self._sockets[made.path] = made
        return made

    def unplug(self, socket: FakeSocket) -> None:
        socket.gone = True
        del self._sockets[socket.path]

    # the port
    def may_have_changed(self) -> bool:
        return tuple(self._sockets) != self._seen

    def found(self) -> tuple[HidFound, ...]:
        self.looks += 1
        if self.failing:
            raise self.fails_with
        sockets = tuple(self._sockets.values())
        self._seen = tuple(s.path for s in sockets)
        return tuple(_found(s) for s in sockets if _is_telephone(s.emulated.model.descriptor))

    def open(self, path: str) -> FakeHidDevice:
        socket = self._sockets.get(path)
        if socket is None:
            raise HidUnusable("gone")
        if socket.denied:
            raise HidRefused("no permission")
        if socket.broken:
            raise HidUnusable("broken")
        return FakeHidDevice(socket)


def _found(socket: FakeSocket) -> HidFound:
    model = socket.emulated.model
    return HidFound(socket.path, model.vendor, model.product, socket.serial, model.name)


def _is_telephone(descriptor: bytes) -> bool:
    try:
        fields = parse_descriptor(descriptor).fields
    except DescriptorInvalid:
        return True  # as a system that only looks at the first collection
    return any(field.within and field.within[0] >> 16 == TELEPHONY for field in fields)
