from __future__ import annotations

import numpy as np
import pytest

from softphone.audio.stretch import CONTEXT, faded, stretched


@pytest.mark.parametrize("step", [-3, -1, 0, 1, 3])
@pytest.mark.parametrize("hz", [300, 3400, 6000])
def test_a_sine_keeps_its_shape(step, hz):
    samples = 320
    t = np.arange(-CONTEXT, samples + step + CONTEXT)
    pcm = (np.sin(2 * np.pi * hz * t / 16_000) * 10_000).astype(np.int16).tobytes()
    made = np.frombuffer(stretched(pcm, samples, step), np.int16).astype(float)
    places = np.arange(samples) * (samples + step) / samples
    wanted = np.sin(2 * np.pi * hz * places / 16_000) * 10_000
    error = np.sqrt(np.mean((made - wanted) ** 2)) / (10_000 / np.sqrt(2))
    assert 20 * np.log10(error) < (-60 if hz < 1000 else -40 if hz < 4000 else -15)


def test_fading_begins_or_ends_in_silence():
    pcm = np.full(32, 1000, np.int16).tobytes()
    assert np.frombuffer(faded(pcm, out=True), np.int16)[[0, -1]].tolist() == [1000, 0]
    assert np.frombuffer(faded(pcm, out=False), np.int16)[[0, -1]].tolist() == [0, 1000]
