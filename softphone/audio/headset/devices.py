"""What a HID system must offer: which devices are there, and raw reports to and from one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class HidRefused(Exception):  # never leaves softphone.audio
    """The system does not let this person open the device."""


class HidUnusable(Exception):  # never leaves softphone.audio
    """The device cannot be opened, or failed, or is gone."""


@dataclass(frozen=True, slots=True)
class HidFound:
    """A device that describes itself as a telephone (application collection of page 0x0B)."""

    path: str
    """How the system names it now."""
    vendor: int
    product: int
    serial: str
    name: str
    """What it calls itself; comes from the device, so it is shown as plain text only."""


class HidDevice(Protocol):
    """An open device; used by one thread."""

    def descriptor(self) -> bytes:
        """Return the report descriptor. Raises HidUnusable."""
        ...

    def read(self, within_ms: int) -> bytes:
        """Return the next input report, id first where there are ids; empty when none came in
        time. Raises HidUnusable."""
        ...

    def write(self, report: bytes) -> None:
        """Send an output report, id first, 0 where there are no ids. Raises HidUnusable."""
        ...

    def close(self) -> None:
        """Let it go; closing twice is no error."""
        ...


class HidSystem(Protocol):
    """The computer's HID devices."""

    def may_have_changed(self) -> bool:
        """Whether :meth:`found` could answer otherwise than the last time; cheap."""
        ...

    def found(self) -> Sequence[HidFound]:
        """Return the telephones among the devices. Raises HidUnusable."""
        ...

    def open(self, path: str) -> HidDevice:
        """Open a device for reading and writing. Raises HidRefused, HidUnusable."""
        ...
