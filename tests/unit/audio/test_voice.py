from __future__ import annotations

import queue
import threading

from softphone.audio.apm import BLOCK_BYTES, VoiceUnavailable
from softphone.audio.voice import VoiceChain
from softphone.audio.voice_blocks import VoiceBlocks
from softphone.domain.voice import VoicePart, VoiceProcessing, VoiceRule, VoiceRules
from tests.fakes.sound import FakeProcessing

ONE, TWO = b"\x01\x00" * 160, b"\x02\x00" * 160


class Rig:
    """The audio thread is the test's: what is posted waits until :meth:`work`."""

    def __init__(self, load=lambda: None, make=FakeProcessing) -> None:
        FakeProcessing.made.clear()
        self.posted: queue.Queue = queue.Queue()
        self.changes = 0
        self.loads = 0
        self.load = load
        self.blocks = VoiceBlocks(lambda why: self.posted.put(lambda: self.chain.give_up(why)))
        self.chain = VoiceChain(
            self.posted.put,
            self.changed,
            VoiceProcessing(),
            self.blocks.use,
            self.count_load,
            make,
        )

    def count_load(self) -> None:
        self.loads += 1
        self.load()

    def changed(self) -> None:
        self.changes += 1

    def work(self) -> None:
        self.posted.get(timeout=5)()


def refuse() -> None:
    raise VoiceUnavailable("no such library")


def test_until_the_library_is_there_the_voice_goes_on_as_it_is():
    gate = threading.Event()
    rig = Rig(load=lambda: gate.wait(5))
    rig.chain.prepare()
    rig.chain.serve(True)
    assert rig.blocks.captured(ONE) == ONE
    gate.set()
    rig.work()
    assert rig.blocks.captured(ONE) == TWO
    assert rig.loads == 1
    assert rig.chain.present().problem == ""


def test_blocks_of_any_length_are_regrouped_and_nothing_is_lost_at_the_end():
    rig = Rig()
    rig.chain.serve(True)
    rig.work()
    said = b"".join(rig.blocks.captured(b"\x01\x00" * n) for n in (100, 100, 100, 20))
    assert said == TWO * 2
    rig.blocks.played(ONE[:100])
    rig.blocks.played(ONE[100:] + ONE)
    rig.blocks.captured(ONE)
    assert FakeProcessing.made[-1].heard == ONE * 2
    assert rig.blocks.captured(ONE[:50]) == b""
    rig.chain.serve(False)
    assert rig.blocks.captured(ONE) == ONE[:50] + ONE


def test_a_missing_library_is_told_and_asked_for_once():
    rig = Rig(load=refuse)
    rig.chain.serve(True)
    rig.work()
    assert rig.chain.present().problem == "no such library"
    assert rig.changes == 1
    assert rig.blocks.captured(ONE) == ONE
    rig.chain.serve(False)
    rig.chain.serve(True)
    assert rig.loads == 1


def test_a_library_that_fails_in_a_call_is_left_out():
    rig = Rig()
    rig.chain.serve(True)
    rig.work()
    FakeProcessing.made[-1].broken = True
    rig.blocks.played(ONE)
    assert rig.blocks.captured(ONE) == ONE
    assert rig.blocks.captured(ONE) == ONE
    rig.work()
    assert rig.chain.present().problem == "RuntimeError: broken"


def test_an_instance_that_is_refused_is_told():
    def make(wanted: VoiceProcessing, delay_ms: int) -> FakeProcessing:
        raise VoiceUnavailable("refused")

    rig = Rig(make=make)
    rig.chain.serve(True)
    rig.work()
    assert rig.chain.present().problem == "refused"
    assert rig.blocks.captured(ONE) == ONE


def test_with_everything_off_the_library_is_never_loaded():
    rig = Rig()
    rig.chain.rule(VoiceRules(*(VoiceRule.OFF,) * 3))
    rig.chain.prepare()
    rig.chain.serve(True)
    assert rig.loads == 0
    assert rig.blocks.captured(ONE) == ONE
    rig.chain.rule(VoiceRules())  # in mid-call
    rig.work()
    assert rig.blocks.captured(ONE) == TWO
    for part in VoicePart:
        rig.chain.choose(part, False)
    assert rig.blocks.captured(ONE) == ONE
    assert len(ONE) == BLOCK_BYTES
