"""What every HID system keeps: the real one over uhid in a guest, and the fake.

A ``bench`` fixture gives ``system``, ``plug(model, serial) -> Plugged``, ``unplug(plugged)``, and
``as_nobody()``, within which devices may not be opened.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

import pytest

from softphone.audio.headset.devices import HidDevice, HidFound, HidRefused, HidSystem, HidUnusable
from softphone.domain.headset import Lamp
from tests.fakes.headset_models import (
    CONSUMER,
    END,
    GIGASET,
    INPUT,
    MODELS,
    MOMENTARY,
    PLAIN,
    Emulated,
    Model,
    begin,
    bits,
    items,
    padding,
)

VOLUME = replace(
    PLAIN,
    name="Volume keys",
    product=0x55,
    descriptor=begin(CONSUMER, 0x01)
    + items((0x14, 0), (0x24, 1))
    + bits(INPUT, MOMENTARY, 0xE9, 0xEA)
    + padding(INPUT, 6)
    + END,
)
WITHIN_S = 10.0


class Plugged(Protocol):
    emulated: Emulated


class Bench(Protocol):
    system: HidSystem

    def plug(self, model: Model, serial: str = "") -> Plugged: ...

    def unplug(self, plugged: Plugged) -> None: ...

    def as_nobody(self) -> AbstractContextManager[None]: ...


def find(system: HidSystem, model: Model, *, there: bool = True) -> HidFound | None:
    """Wait until a model is listed, or is not."""
    end = time.monotonic() + WITHIN_S
    while time.monotonic() < end:
        found = [one for one in system.found() if one.product == model.product]
        if bool(found) is there:
            return found[0] if found else None
    raise AssertionError(f"{model.name} is {'not ' if there else ''}listed")


def found(system: HidSystem, model: Model) -> HidFound:
    one = find(system, model)
    assert one is not None
    return one


def read_on(device: HidDevice) -> None:
    """Read for a while, whatever comes."""
    for _ in range(100):
        device.read(100)


class HidContract:
    def test_telephones_are_found_by_name_and_numbers_and_nothing_else(self, bench: Bench):
        bench.plug(VOLUME)
        bench.plug(GIGASET, "S1")
        one = found(bench.system, GIGASET)
        assert (one.vendor, one.product, one.serial) == (GIGASET.vendor, GIGASET.product, "S1")
        assert one.name == GIGASET.name
        assert [other.product for other in bench.system.found()] == [GIGASET.product]

    def test_the_list_may_have_changed_only_when_something_was_plugged(self, bench: Bench):
        bench.system.found()
        assert not bench.system.may_have_changed()
        plugged = bench.plug(GIGASET)
        found(bench.system, GIGASET)
        assert not bench.system.may_have_changed()
        bench.unplug(plugged)
        find(bench.system, GIGASET, there=False)

    @pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
    def test_reports_go_both_ways_as_they_are(self, bench: Bench, model: Model):
        emulated = bench.plug(model).emulated
        device = bench.system.open(found(bench.system, model).path)
        assert device.descriptor() == model.descriptor
        assert device.read(10) == b""
        emulated.hook = True
        emulated.tell()
        assert device.read(5000) == model.report(emulated)
        number = 7 if model.name.startswith("Yealink") else 2 if model is not PLAIN else 0
        output = bytes([number, 0xFF] + [0] * (number == 2))
        device.write(output)
        end = time.monotonic() + WITHIN_S
        while not emulated.written and time.monotonic() < end:
            device.read(10)
        assert emulated.written == [output]
        assert Lamp.OFF_HOOK in emulated.lit
        device.close()
        device.close()

    def test_a_device_that_is_pulled_out_says_so(self, bench: Bench):
        plugged = bench.plug(GIGASET)
        path = found(bench.system, GIGASET).path
        device = bench.system.open(path)
        bench.unplug(plugged)
        with pytest.raises(HidUnusable):
            read_on(device)
        device.close()
        with pytest.raises(HidUnusable):
            bench.system.open(path)

    def test_a_closed_device_is_of_no_use(self, bench: Bench):
        bench.plug(GIGASET)
        device = bench.system.open(found(bench.system, GIGASET).path)
        device.close()
        with pytest.raises(HidUnusable):
            device.read(10)

    def test_without_permission_it_is_found_but_not_opened(self, bench: Bench):
        bench.plug(GIGASET)
        with bench.as_nobody():
            one = found(bench.system, GIGASET)
            with pytest.raises(HidRefused):
                bench.system.open(one.path)
        bench.system.open(one.path).close()
