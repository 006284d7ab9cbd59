from __future__ import annotations

import numpy as np
import pytest

from softphone.audio.gain import InputGain

PCM = np.array([0, 1000, -1000, 20_000, -20_000], np.int16).tobytes()


def test_without_a_gain_the_block_is_the_same():
    assert InputGain().apply(PCM) is PCM


@pytest.mark.parametrize(("decibels", "factor"), [(-6, 0.501), (6, 1.995), (12, 3.981)])
def test_it_raises_and_lowers_and_clips_without_turning_over(decibels, factor):
    gain = InputGain()
    gain.set(decibels)
    made = np.frombuffer(gain.apply(PCM), np.int16)
    assert made[1] == pytest.approx(1000 * factor, abs=2)
    assert made[3] == min(round(20_000 * factor), 32767) or made[3] == pytest.approx(
        20_000 * factor, abs=30
    )
    assert made[3] > 0 > made[4]
