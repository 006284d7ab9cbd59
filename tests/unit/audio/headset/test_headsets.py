from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from softphone.audio.headset.devices import HidUnusable
from softphone.audio.headset.memory import HeadsetMemory
from softphone.audio.headset.reader import MOST_A_SECOND
from softphone.domain.call import CallState
from softphone.domain.headset import HeadsetProblem, HeadsetsOff, Lamp
from softphone.domain.ids import HeadsetId
from softphone.domain.sound import rescan, use_buttons
from tests.contract.headset_scenarios import HeadsetScenarios
from tests.contract.hid_contract import HidContract
from tests.fakes.headset_models import GIGASET, JABRA, PLAIN, Model
from tests.fakes.headset_rig import HeadsetRig
from tests.fakes.hid import FakeHidSystem, FakeSocket


class FakeBench:
    def __init__(self) -> None:
        self.system = FakeHidSystem()
        self.sockets: list[FakeSocket] = []

    def plug(self, model: Model, serial: str = "") -> FakeSocket:
        self.sockets.append(self.system.plug(model, serial))
        return self.sockets[-1]

    def unplug(self, plugged: FakeSocket) -> None:
        self.system.unplug(plugged)

    @contextmanager
    def as_nobody(self) -> Iterator[None]:
        for socket in self.sockets:
            socket.denied = True
        yield
        for socket in self.sockets:
            socket.denied = False


@pytest.fixture
def bench() -> FakeBench:
    return FakeBench()


@pytest.fixture
def rigs(bench: FakeBench) -> Iterator[Callable[..., HeadsetRig]]:
    made: list[HeadsetRig] = []

    def make(preference: Path | None = None) -> HeadsetRig:
        made.append(HeadsetRig(bench.system, preference))
        return made[-1]

    yield make
    for rig in made:
        rig.close()


class TestHidFake(HidContract):
    pass


class TestScenarios(HeadsetScenarios):
    pass


def test_a_headset_that_floods_is_let_go_and_says_so(bench, rigs):
    rig = rigs()
    socket, good = bench.plug(JABRA), bench.plug(PLAIN).emulated
    rig.wait(lambda: rig.usable == 2)
    for _ in range(MOST_A_SECOND * 3):
        socket.emulated.tell()
    rig.wait(lambda: rig.usable == 1)
    assert {h.problem for h in rig.listed.headsets} == {"", HeadsetProblem.MISBEHAVED}
    rig.ring()
    good.press_hook()
    rig.wait(lambda: rig.call().state is CallState.ESTABLISHED)


def test_a_headset_that_hangs_holds_nobody_up(bench, rigs):
    rig = rigs()
    hanging, good = bench.plug(JABRA), bench.plug(GIGASET).emulated
    rig.wait(lambda: rig.usable == 2)
    hanging.hangs.clear()
    rig.ring()
    rig.wait(lambda: good.lit == {Lamp.RING})
    good.press_hook()
    rig.wait(lambda: rig.call().state is CallState.ESTABLISHED)
    hanging.hangs.set()


def test_one_that_takes_no_lamps_keeps_its_buttons(bench, rigs):
    socket = bench.plug(GIGASET)
    socket.refuses_lamps = True
    rig = rigs()
    rig.wait(lambda: rig.usable == 1)
    rig.ring()
    socket.emulated.press_hook()
    rig.wait(lambda: rig.call().state is CallState.ESTABLISHED)
    rig.take_a_while()
    socket.emulated.press_hook()
    rig.wait(lambda: rig.call().state is CallState.ENDED)
    assert rig.usable == 1


def test_without_permission_it_is_named_and_tried_until_the_rule_works(bench, rigs):
    socket = bench.plug(JABRA)
    socket.denied = True
    rig = rigs()
    rig.wait(lambda: len(rig.listed.headsets) == 1)
    assert rig.listed.headsets[0].problem is HeadsetProblem.NO_PERMISSION
    assert rig.listed.headsets[0].name == JABRA.name
    socket.denied = False
    rig.desk.order(rescan())
    rig.wait(lambda: rig.usable == 1)


def test_one_that_cannot_be_opened_is_named(bench, rigs):
    bench.plug(JABRA).broken = True
    rig = rigs()
    rig.wait(lambda: len(rig.listed.headsets) == 1)
    assert rig.listed.headsets[0].problem is HeadsetProblem.UNUSABLE


def test_two_of_a_kind_without_serial_numbers_are_told_apart(bench, rigs):
    first, second = bench.plug(PLAIN).emulated, bench.plug(PLAIN).emulated
    rig = rigs()
    rig.wait(lambda: rig.usable == 2)
    rig.ring()
    second.press_hook()
    rig.wait(lambda: second.lit == {Lamp.OFF_HOOK} and first.lit == frozenset())


def test_the_choice_is_remembered_and_a_damaged_file_means_on(bench, rigs, tmp_path):
    file = tmp_path / "headset.json"
    bench.plug(JABRA)
    rig = rigs(file)
    rig.wait(lambda: rig.usable == 1)
    rig.desk.order(use_buttons(False))
    rig.wait(lambda: rig.listed.off is HeadsetsOff.SWITCHED_OFF)
    again = rigs(file)
    again.wait(lambda: again.listed.off is HeadsetsOff.SWITCHED_OFF)
    assert again.listed.headsets == ()
    file.write_text("{")
    third = rigs(file)
    third.wait(lambda: third.usable == 1)


def test_a_headset_that_ends_the_phone_is_left_alone_until_it_is_asked_for_again(
    bench, rigs, tmp_path
):
    file = tmp_path / "headset.json"
    HeadsetMemory(file).opening(HeadsetId("1111:0001:S1"))  # and there it ended
    bench.plug(JABRA, "S1")
    good = bench.plug(PLAIN).emulated
    rig = rigs(file)
    rig.wait(lambda: rig.usable == 1)
    problems = {h.name: h.problem for h in rig.listed.headsets}
    assert problems[JABRA.name] is HeadsetProblem.CRASHED
    assert not good.written or good.lit == frozenset()
    for on in (False, True):
        rig.desk.order(use_buttons(on))
    rig.wait(lambda: rig.usable == 2)


def test_one_that_works_or_fails_without_harm_is_not_suspected(bench, rigs, tmp_path):
    file = tmp_path / "headset.json"
    bench.plug(JABRA, "S1")
    bench.plug(GIGASET, "S2").broken = True
    rig = rigs(file)
    rig.wait(lambda: rig.usable == 1 and len(rig.listed.headsets) == 2)
    memory = HeadsetMemory(file)
    assert not memory.suspects(HeadsetId("1111:0001:S1"))
    rig.close()
    assert b"S1" not in file.read_bytes()


def test_an_end_in_good_order_suspects_nobody(bench, rigs, tmp_path):
    file = tmp_path / "headset.json"
    socket = bench.plug(JABRA, "S1")
    socket.hangs.clear()  # before it could be read once
    rig = rigs(file)
    rig.wait(lambda: file.exists())
    assert HeadsetMemory(file).suspects(HeadsetId("1111:0001:S1"))
    rig.close()
    assert not HeadsetMemory(file).suspects(HeadsetId("1111:0001:S1"))
    socket.hangs.set()


def test_a_choice_that_cannot_be_kept_holds_all_the_same(bench, rigs, tmp_path):
    rig = rigs(tmp_path / "missing" / "headset.json")
    rig.desk.order(use_buttons(False))
    rig.wait(lambda: rig.listed.off is HeadsetsOff.SWITCHED_OFF)


def test_a_mistake_in_the_library_costs_one_headset(bench, rigs):
    socket, _ = bench.plug(JABRA), bench.plug(PLAIN)
    rig = rigs()
    rig.wait(lambda: rig.usable == 2)
    socket.bursts = True
    rig.wait(lambda: rig.usable == 1)
    assert HeadsetProblem.MISBEHAVED in {h.problem for h in rig.listed.headsets}


def test_one_that_hangs_is_left_behind_at_the_end(bench, rigs):
    socket = bench.plug(JABRA)
    rig = rigs()
    rig.wait(lambda: rig.usable == 1)
    socket.hangs.clear()
    rig.take_a_while()
    rig.close()
    assert not rig.headsets._thread.is_alive()
    socket.hangs.set()


@pytest.mark.parametrize("error", [HidUnusable("no"), RuntimeError("a mistake")])
def test_a_system_that_cannot_list_is_asked_again(bench, rigs, error):
    bench.system.fails_with = error
    bench.system.failing = True
    rig = rigs()
    rig.wait(lambda: bench.system.looks > 0)
    bench.system.failing = False
    bench.plug(JABRA)
    rig.wait(lambda: rig.usable == 1)


def test_nothing_is_listed_again_and_again_while_nothing_changes(bench, rigs):
    bench.plug(JABRA)
    rig = rigs()
    rig.wait(lambda: rig.usable == 1)
    looks = bench.system.looks
    rig.headsets.rescan()
    rig.wait(lambda: bench.system.looks > looks)
    assert bench.system.looks == looks + 1


def test_at_the_end_all_lamps_are_put_out(bench, rigs):
    headset = bench.plug(JABRA).emulated
    rig = rigs()
    rig.wait(lambda: rig.usable == 1)
    rig.ring()
    rig.wait(lambda: headset.lit == {Lamp.RING})
    rig.close()
    assert headset.lit == frozenset()
