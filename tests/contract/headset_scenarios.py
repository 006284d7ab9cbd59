"""From the button to the call and from the call to the lamp, with each kind of headset.

The same on a fake HID system and, over uhid in a guest, on the real one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from softphone.domain.call import CallState
from softphone.domain.headset import HeadsetProblem, HeadsetsOff, Lamp
from softphone.domain.sound import use_buttons
from softphone.engine import wire
from tests.contract.hid_contract import Bench
from tests.fakes.headset_models import GIGASET, JABRA, MODELS, PLAIN, YEALINK, Model
from tests.fakes.headset_rig import FIRST, SECOND, HeadsetRig

OFF_HOOK, RING, MUTE, HOLD = Lamp.OFF_HOOK, Lamp.RING, Lamp.MUTE, Lamp.HOLD
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)


def shows(model: Model, *lamps: Lamp) -> frozenset[Lamp]:
    """What a model shows of what it is told."""
    known = {OFF_HOOK, RING} if model is PLAIN else set(Lamp)
    return frozenset(lamps) & known


class HeadsetScenarios:
    @pytest.fixture
    def rig(self, bench: Bench, rigs: Callable[[], HeadsetRig]) -> HeadsetRig:
        return rigs()

    @every_model
    def test_answered_muted_and_hung_up_by_its_buttons(self, bench, rig, model):
        headset = bench.plug(model).emulated
        rig.wait(lambda: rig.usable == 1)
        assert rig.listed.headsets[0].name == model.name
        rig.ring()
        rig.wait(lambda: headset.lit == {RING})
        headset.press_hook()
        rig.wait(lambda: rig.call().state is CallState.ESTABLISHED)
        rig.wait(lambda: headset.lit == {OFF_HOOK})
        headset.press_mute()
        rig.wait(lambda: rig.call().muted)
        rig.wait(lambda: headset.lit == shows(model, OFF_HOOK, MUTE))
        headset.press_mute()
        rig.wait(lambda: not rig.call().muted and headset.lit == {OFF_HOOK})
        rig.take_a_while()
        headset.press_hook()
        rig.wait(lambda: rig.call().state is CallState.ENDED)
        rig.wait(lambda: headset.lit == frozenset())
        assert rig.commands == [
            wire.Answer(FIRST), wire.Mute(FIRST, True), wire.Mute(FIRST, False),
            wire.HangUp(FIRST),
        ]  # fmt: skip

    @every_model
    def test_what_is_done_in_the_window_shows_and_its_echo_is_no_press(self, bench, rig, model):
        headset = bench.plug(model).emulated
        rig.wait(lambda: rig.usable == 1)
        rig.ring()
        rig.wait(lambda: headset.lit == {RING})
        rig.answer()
        rig.wait(lambda: headset.lit == {OFF_HOOK})
        rig.stack.mute(FIRST, True)
        rig.wait(lambda: headset.lit == shows(model, OFF_HOOK, MUTE))
        rig.stack.mute(FIRST, False)
        rig.hold(FIRST, True)
        rig.wait(lambda: headset.lit == shows(model, OFF_HOOK, HOLD))
        rig.hold(FIRST, False)
        rig.wait(lambda: headset.lit == {OFF_HOOK})
        headset.press_mute()  # comes after all echoes
        rig.wait(lambda: rig.call().muted)
        assert rig.commands == [wire.Mute(FIRST, True)]
        rig.take_a_while()
        headset.press_hook()
        rig.wait(lambda: rig.call().state is CallState.ENDED)

    @every_model
    def test_pulled_out_and_plugged_in_again_in_mid_call(self, bench, rig, model):
        plugged = bench.plug(model, "S1")
        rig.wait(lambda: rig.usable == 1)
        rig.ring()
        plugged.emulated.press_hook()
        rig.wait(lambda: plugged.emulated.lit == {OFF_HOOK})
        bench.unplug(plugged)
        rig.wait(lambda: rig.usable == 0)
        rig.stack.mute(FIRST, True)
        again = bench.plug(model, "S1").emulated
        rig.wait(lambda: again.lit == shows(model, OFF_HOOK, MUTE))
        assert rig.call().state is CallState.ESTABLISHED
        rig.wait(lambda: rig.usable == 1)
        again.press_hook()
        rig.wait(lambda: rig.call().state is CallState.ENDED)

    def test_all_ring_the_one_that_answers_has_the_call_and_the_others_are_idle(self, bench, rig):
        first, second = bench.plug(JABRA).emulated, bench.plug(GIGASET).emulated
        rig.wait(lambda: rig.usable == 2)
        rig.ring()
        rig.wait(lambda: first.lit == second.lit == {RING})
        second.press_hook()
        rig.wait(lambda: second.lit == {OFF_HOOK} and first.lit == frozenset())
        rig.ring(SECOND)
        rig.wait(lambda: second.lit == {OFF_HOOK, RING})
        assert first.lit == frozenset()
        first.press_hook()
        rig.wait(lambda: first.lit == {OFF_HOOK, RING} and second.lit == frozenset())
        assert rig.commands == [wire.Answer(FIRST)]

    @pytest.mark.parametrize("model", [JABRA, GIGASET, PLAIN], ids=lambda m: m.name)
    def test_a_call_is_declined(self, bench, rig, model):
        headset = bench.plug(model).emulated
        rig.wait(lambda: rig.usable == 1)
        rig.ring()
        rig.wait(lambda: headset.lit == {RING})
        headset.press("reject" if model.rejects else "drop")
        rig.wait(lambda: rig.call().state is CallState.ENDED)
        assert rig.call().established_at is None

    def test_flash_answers_what_waits_then_swaps_and_keys_are_sent(self, bench, rig):
        jabra, yealink = bench.plug(JABRA).emulated, bench.plug(YEALINK).emulated
        rig.wait(lambda: rig.usable == 2)
        rig.ring()
        jabra.press_hook()
        rig.wait(lambda: jabra.lit == {OFF_HOOK})
        rig.ring(SECOND)
        jabra.press("flash")
        rig.wait(lambda: rig.call(SECOND).state is CallState.ESTABLISHED)
        assert rig.call(FIRST).held_by_us
        jabra.press("flash")
        rig.wait(lambda: rig.call(SECOND).held_by_us)
        yealink.press("5")
        rig.wait(lambda: rig.stack.tones == [(FIRST, "5")])

    def test_a_headset_that_describes_itself_wrongly_costs_no_other_anything(self, bench, rig):
        lying = replace(PLAIN, name="Liar", product=0x66, descriptor=PLAIN.descriptor + b"\xc0")
        bench.plug(lying)
        headset = bench.plug(PLAIN).emulated
        rig.wait(lambda: rig.usable == 1)
        problems = {h.name: h.problem for h in rig.listed.headsets}
        # A kernel may refuse such a device itself; then it is not even listed.
        assert problems.get("Liar", HeadsetProblem.BAD_DESCRIPTOR) is HeadsetProblem.BAD_DESCRIPTOR
        rig.ring()
        headset.press_hook()
        rig.wait(lambda: rig.call().state is CallState.ESTABLISHED)

    def test_switched_off_every_headset_is_let_go_and_its_lamps_are_out(self, bench, rig):
        headset = bench.plug(JABRA).emulated
        rig.wait(lambda: rig.usable == 1)
        rig.ring()
        rig.wait(lambda: headset.lit == {RING})
        rig.desk.order(use_buttons(False))
        rig.wait(lambda: rig.listed.off is HeadsetsOff.SWITCHED_OFF and headset.lit == frozenset())
        assert rig.listed.headsets == ()
        rig.desk.order(use_buttons(True))
        rig.wait(lambda: headset.lit == {RING})
        rig.desk.permit(False)
        rig.wait(lambda: rig.listed.off is HeadsetsOff.POLICY and headset.lit == frozenset())
        rig.desk.permit(True)
        rig.wait(lambda: rig.usable == 1)
        headset.press_hook()
        rig.wait(lambda: rig.call().state is CallState.ESTABLISHED)
