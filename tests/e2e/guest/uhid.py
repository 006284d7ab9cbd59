"""HID devices made by this process (Linux, ``linux/uhid.h``): the kernel takes them for real."""

from __future__ import annotations

import os
import select
import struct
import threading
from collections.abc import Callable

UHID = "/dev/uhid"
DESTROY, OUTPUT, GET_REPORT, GET_REPLY, CREATE2, INPUT2, SET_REPORT, SET_REPLY = (
    1, 6, 9, 10, 11, 12, 13, 14,
)  # fmt: skip
BUS_USB = 3
EVENT_BYTES = 4 + 4376


class UhidDevice:
    """One device; ``took`` gets output reports as the host sent them, from a thread."""

    def __init__(
        self,
        name: str,
        vendor: int,
        product: int,
        serial: str,
        descriptor: bytes,
        took: Callable[[bytes], None],
    ) -> None:
        self._file = os.open(UHID, os.O_RDWR)
        self._took = took
        self._ending = threading.Event()
        head = struct.pack("<I128s64s64s", CREATE2, name.encode(), b"guest", serial.encode())
        numbers = struct.pack("<HHIIII", len(descriptor), BUS_USB, vendor, product, 0, 0)
        self._send(head + numbers + descriptor)
        self._thread = threading.Thread(target=self._run, name="uhid", daemon=True)
        self._thread.start()

    def input(self, report: bytes) -> None:
        self._send(struct.pack("<IH", INPUT2, len(report)) + report)

    def unplug(self) -> None:
        self._ending.set()
        self._thread.join(5)
        self._send(struct.pack("<I", DESTROY))
        os.close(self._file)

    def _send(self, event: bytes) -> None:
        os.write(self._file, event.ljust(EVENT_BYTES, b"\0"))

    def _run(self) -> None:
        while not self._ending.is_set():
            if not select.select([self._file], [], [], 0.05)[0]:
                continue
            event = os.read(self._file, EVENT_BYTES)
            [kind] = struct.unpack_from("<I", event)
            if kind == OUTPUT:
                [size] = struct.unpack_from("<H", event, 4 + 4096)
                self._took(bytes(event[4 : 4 + size]))
            elif kind == GET_REPORT:
                [number] = struct.unpack_from("<I", event, 4)
                self._send(struct.pack("<IIHH", GET_REPLY, number, 5, 0))  # EIO
            elif kind == SET_REPORT:
                [number] = struct.unpack_from("<I", event, 4)
                self._send(struct.pack("<IIH", SET_REPLY, number, 5))
