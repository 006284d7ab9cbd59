"""What is made of the library's answers; the library itself is held in the guest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from softphone.audio.headset import hidapi
from softphone.audio.headset.devices import HidRefused, HidUnusable
from softphone.audio.headset.hidapi import LONGEST_NAME, HidapiSystem


class LibraryDevice:
    """As ``hidraw.device``: failures are OSError, or -1 for a write."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def open_path(self, path: bytes) -> None:
        if path not in self._library.openable:
            raise OSError("open failed")

    def get_report_descriptor(self) -> list[int]:
        return [5, 11]

    def read(self, _most: int, _within_ms: int) -> list[int]:
        if self._library.gone:
            raise OSError("read error")
        return [2, 1]

    def write(self, report: bytes) -> int:
        return -1 if self._library.gone else len(report)

    def close(self) -> None:
        self._library.closed += 1


class Library:
    """As the module ``hidraw``."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] = []
        self.openable: set[bytes] = set()
        self.gone = self.failing = False
        self.closed = 0

    def enumerate(self) -> list[dict[str, Any]]:
        if self.failing:
            raise OSError("no")
        return self.listed

    def device(self) -> LibraryDevice:
        return LibraryDevice(self)


def entry(path: bytes, page: int, name: str | None = "Headset") -> dict[str, Any]:
    return {
        "path": path, "vendor_id": 1, "product_id": 2, "serial_number": None,
        "product_string": name, "usage_page": page, "usage": 5,
    }  # fmt: skip


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    made = Library()
    monkeypatch.setattr(hidapi, "hid", made)
    return made


def test_a_device_with_several_telephones_in_it_is_one_and_others_are_left_out(library):
    library.listed = [entry(b"a", 0x0B), entry(b"a", 0x0B), entry(b"b", 0x0C), entry(b"a", 0x0C)]
    [one] = HidapiSystem().found()
    assert (one.path, one.vendor, one.product, one.serial, one.name) == ("a", 1, 2, "", "Headset")


def test_a_name_is_one_short_printable_line(library):
    library.listed = [entry(b"a", 0x0B, "Bad\n\x1b[31m\u202eName " + "x" * 200)]
    [one] = HidapiSystem().found()
    assert one.name.isprintable()
    assert one.name.startswith("Bad [31m Name")
    assert len(one.name) == LONGEST_NAME


def test_reports_go_through_and_failures_have_one_name(library):
    library.openable = {b"a"}
    device = HidapiSystem().open("a")
    assert device.descriptor() == b"\x05\x0b"
    assert device.read(10) == b"\x02\x01"
    device.write(b"\x02\x01")
    library.gone = True
    with pytest.raises(HidUnusable):
        device.read(10)
    with pytest.raises(HidUnusable):
        device.write(b"\x02\x01")
    device.close()
    device.close()
    assert library.closed == 1
    with pytest.raises(HidUnusable):
        device.read(10)


def test_why_a_device_cannot_be_opened(library, tmp_path: Path, monkeypatch):
    system = HidapiSystem()
    node = tmp_path / "hidraw0"
    with pytest.raises(HidUnusable, match="gone"):
        system.open(str(node))
    node.touch()
    with pytest.raises(HidUnusable, match="could not"):
        system.open(str(node))
    monkeypatch.setattr(hidapi, "_may_open", lambda _path: False)
    with pytest.raises(HidRefused):
        system.open(str(node))


def test_a_library_that_fails_is_not_usable_now(library):
    library.failing = True
    with pytest.raises(HidUnusable):
        HidapiSystem().found()


def test_where_the_list_cannot_be_had_cheaply_it_may_have_changed(library, monkeypatch, tmp_path):
    monkeypatch.setattr(hidapi, "HIDRAW", tmp_path / "none")
    system = HidapiSystem()
    system.found()
    assert not system.may_have_changed()
    monkeypatch.setattr(hidapi.sys, "platform", "win32")
    assert system.may_have_changed()
