"""Run inside the guest by ``test_headsets_in_guest``: the kernel's hidraw, the real library.

Not collected elsewhere, by its name: there is no /dev/uhid.
"""

from __future__ import annotations

import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from softphone.audio.headset.hidapi import HIDRAW, HidapiSystem
from tests.contract.headset_scenarios import HeadsetScenarios
from tests.contract.hid_contract import VOLUME, WITHIN_S, HidContract, found
from tests.e2e.guest.uhid import UhidDevice
from tests.fakes.headset_models import JABRA, MODELS, PLAIN, Emulated, Model
from tests.fakes.headset_rig import HeadsetRig

NOBODY = 65534
ROOT = Path(__file__).parents[3]
GUEST = ROOT / "build/guest"
RULE = ROOT / "installers/linux/70-softphone-headset.rules"


@dataclass
class Plugged:
    emulated: Emulated
    device: UhidDevice


class UhidBench:
    def __init__(self) -> None:
        self.system = HidapiSystem()
        self._plugged: list[Plugged] = []

    def plug(self, model: Model, serial: str = "") -> Plugged:
        inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        emulated = Emulated(model, inbox.put)
        numbered = model is not PLAIN

        def took(output: bytes) -> None:
            emulated.took(output if numbered else output[-2:].rjust(2, b"\0"))

        device = UhidDevice(model.name, model.vendor, model.product, serial, model.descriptor, took)
        emulated.send = device.input
        self._plugged.append(Plugged(emulated, device))
        return self._plugged[-1]

    def unplug(self, plugged: Plugged) -> None:
        self._plugged.remove(plugged)
        plugged.device.unplug()

    @contextmanager
    def as_nobody(self) -> Iterator[None]:
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)

    def close(self) -> None:
        for plugged in tuple(self._plugged):
            self.unplug(plugged)


@pytest.fixture
def bench() -> Iterator[UhidBench]:
    made = UhidBench()
    yield made
    made.close()


@pytest.fixture
def rigs(bench: UhidBench) -> Iterator[Callable[[], HeadsetRig]]:
    made: list[HeadsetRig] = []

    def make() -> HeadsetRig:
        made.append(HeadsetRig(bench.system))
        return made[-1]

    yield make
    for rig in made:
        rig.close()


class TestHidraw(HidContract):
    pass


class TestScenarios(HeadsetScenarios):
    pass


def only_node() -> Path:
    """Wait for the kernel: it adds what is plugged in when it has time."""
    end = time.monotonic() + WITHIN_S
    while time.monotonic() < end:
        nodes = list(HIDRAW.iterdir())
        if nodes:
            [node] = nodes
            return node
    raise AssertionError("the kernel added no device")


@pytest.mark.parametrize(
    ("model", "open_to_the_person"), [*((model, True) for model in MODELS), (VOLUME, False)]
)
def test_the_udev_rule_opens_headsets_and_nothing_else(
    bench: UhidBench, model: Model, open_to_the_person: bool
):
    """By udev itself, as far as the tag; what logind does with it needs somebody logged in."""
    folder = Path("/run/udev/rules.d")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RULE.name).write_bytes(RULE.read_bytes())
    bench.plug(model)
    node = only_node()
    told = subprocess.run(
        [GUEST / "bin/udevadm", "test", "--action=add", node],
        env={"LD_LIBRARY_PATH": str(GUEST / "lib")}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    tags = [line for line in told.stdout.splitlines() if line.startswith("CURRENT_TAGS=")]
    assert (":uaccess:" in "".join(tags)) is open_to_the_person, told.stdout + told.stderr


def test_waiting_for_a_report_leaves_the_other_threads_alone(bench: UhidBench):
    """A read that kept the GIL would hold up the media tick."""
    bench.plug(JABRA)
    device = bench.system.open(found(bench.system, JABRA).path)
    ended = threading.Event()
    counted = [0]

    def count() -> None:
        while not ended.wait(0.001):
            counted[0] += 1

    thread = threading.Thread(target=count)
    thread.start()
    device.read(500)
    ended.set()
    thread.join()
    device.close()
    assert counted[0] > 10
