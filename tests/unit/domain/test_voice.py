from __future__ import annotations

import pytest

from softphone.domain.call_policy import CallPolicy
from softphone.domain.voice import VoicePart, VoiceProcessing, VoiceRule, VoiceRules


@pytest.mark.parametrize("part", VoicePart)
def test_the_policy_decides_where_it_says_something(part):
    off, on = VoiceProcessing(False, False, False), VoiceProcessing()
    forced = VoiceRules(**{part.value: VoiceRule.ON})
    assert forced.decide(off) == off.switched(part, True)
    assert VoiceRules(**{part.value: VoiceRule.OFF}).decide(on) == on.switched(part, False)
    assert VoiceRules().decide(off) == off
    assert (off.any, off.switched(part, True).any) == (False, True)
    assert off.switched(part, True).has(part)


def test_without_a_word_in_the_policy_everybody_chooses():
    assert CallPolicy().voice == VoiceRules()
    assert CallPolicy(automatic_gain=VoiceRule.OFF).voice.of(VoicePart.GAIN) is VoiceRule.OFF
