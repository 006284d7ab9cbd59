from __future__ import annotations

import numpy as np
import pytest

from softphone.audio.loudness import at_loudness, loudness_lufs


def sine(hz: float, rate: int, level: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(rate) / rate) * 32768 * level


def test_the_reference_of_bs_1770():
    # ITU-R BS.1770-4, annex 1: 997 Hz at 0 dBFS on one channel reads -3.01 LKFS.
    assert loudness_lufs(sine(997, 48_000), 48_000) == pytest.approx(-3.01, abs=0.02)


def test_any_sample_rate_gives_the_same():
    assert loudness_lufs(sine(425, 16_000), 16_000) == pytest.approx(
        loudness_lufs(sine(425, 48_000), 48_000), abs=0.01
    )


def test_silence_and_scaling():
    assert loudness_lufs(np.zeros(100), 16_000) == float("-inf")
    wave = sine(440, 16_000) / 32768
    assert loudness_lufs(at_loudness(wave, 16_000, -30), 16_000) == pytest.approx(-30, abs=0.05)
    assert np.abs(at_loudness(wave, 16_000, 20).astype(int)).max() <= 32767
