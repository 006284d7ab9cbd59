"""HID devices through hidapi: hidraw on Linux, the system's own interface elsewhere.

The Linux wheel has two modules: ``hid`` goes through libusb and would take the device away from the
kernel, ``hidraw`` shares it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from softphone.audio.headset.devices import HidFound, HidRefused, HidUnusable

if sys.platform == "linux":
    import hidraw as hid
else:
    import hid

TELEPHONY = 0x0B
MOST_REPORT = 4096
LONGEST_NAME = 60
HIDRAW = Path("/sys/class/hidraw")


class HidapiDevice:
    """One open device, used by one thread. The library lets go of the GIL while it waits."""

    def __init__(self, device: Any) -> None:
        self._device = device
        self._open = True

    def descriptor(self) -> bytes:
        """Return the report descriptor. Raises HidUnusable."""
        return bytes(self._do("get_report_descriptor"))

    def read(self, within_ms: int) -> bytes:
        """Return the next input report, or nothing. Raises HidUnusable."""
        return bytes(self._do("read", MOST_REPORT, within_ms))

    def write(self, report: bytes) -> None:
        """Send an output report. Raises HidUnusable."""
        if self._do("write", report) < 0:
            raise HidUnusable("an output report was not taken")

    def close(self) -> None:
        """Let it go."""
        if self._open:
            self._open = False
            self._device.close()

    def _do(self, what: str, *arguments: object) -> Any:
        if not self._open:
            raise HidUnusable("it is closed")
        try:
            return getattr(self._device, what)(*arguments)
        except (OSError, ValueError) as error:
            # Not the library's words: they may hold paths.
            raise HidUnusable(f"{what} failed") from error


class HidapiSystem:
    """The computer's HID devices."""

    def __init__(self) -> None:
        self._seen: tuple[str, ...] | None = None
        # Neither enumeration nor opening is promised to be safe from several threads.
        self._lock = threading.Lock()

    def may_have_changed(self) -> bool:
        """Look at the kernel's list on Linux (microseconds); elsewhere nobody knows."""
        now = self._nodes()
        return now is None or now != self._seen

    def found(self) -> Sequence[HidFound]:
        """Return the telephones. On Linux this reads descriptors in sysfs and opens nothing."""
        self._seen = self._nodes()
        try:
            with self._lock:
                listed = hid.enumerate()
        except OSError as error:
            raise HidUnusable("the devices could not be listed") from error
        phones: dict[str, HidFound] = {}
        for one in listed:
            if one["usage_page"] == TELEPHONY:
                made = _found(one)
                phones.setdefault(made.path, made)
        return tuple(phones.values())

    def open(self, path: str) -> HidapiDevice:
        """Open a device. Raises HidRefused, HidUnusable."""
        device = hid.device()
        try:
            with self._lock:
                device.open_path(os.fsencode(path))
        except OSError as error:
            if path.startswith("/") and not Path(path).exists():
                raise HidUnusable("it is gone") from error
            if path.startswith("/") and not _may_open(path):
                raise HidRefused("no permission") from error
            raise HidUnusable("it could not be opened") from error
        return HidapiDevice(device)

    def _nodes(self) -> tuple[str, ...] | None:
        """Return the names of all devices, or None where they cannot be had cheaply."""
        if sys.platform != "linux":
            return None
        try:
            return tuple(sorted(node.name for node in HIDRAW.iterdir()))
        except FileNotFoundError:
            return ()


def _may_open(path: str) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(path, os.R_OK | os.W_OK, effective_ids=effective)


def _found(one: dict[str, Any]) -> HidFound:
    return HidFound(
        os.fsdecode(one["path"]),
        int(one["vendor_id"]),
        int(one["product_id"]),
        _plain(one["serial_number"]),
        _plain(one["product_string"]),
    )


def _plain(text: str | None) -> str:
    """Return one printable line: the words come from whatever was plugged in."""
    shown = "".join(c if c.isprintable() else " " for c in text or "")
    return " ".join(shown.split())[:LONGEST_NAME]
