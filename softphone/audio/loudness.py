"""Loudness by ITU-R BS.1770-4, as EBU R128 measures it, of short sounds.

The K-weighting is applied in the frequency domain (Parseval): the filters' published coefficients
for 48 kHz are evaluated at each bin's frequency, so any sample rate gives the same figure. Tones
are not gated: only their sounding part is measured. Speech and music are (:func:`gated_lufs`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_SHELF = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (1.0, -1.69065929318241, 0.73248077421585),
)
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
_COEFFICIENTS_HZ = 48_000
FULL_SCALE = 32768.0
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = 10.0


def _response(filter_: tuple[tuple[float, ...], tuple[float, ...]], hz: np.ndarray) -> np.ndarray:
    z = np.exp(-2j * np.pi * hz / _COEFFICIENTS_HZ)
    above, below = (c[0] + c[1] * z + c[2] * z**2 for c in filter_)
    return np.asarray(np.abs(above / below) ** 2)


def loudness_lufs(pcm: np.ndarray, sample_rate_hz: int) -> float:
    """Return the loudness of mono PCM, int16 or float in units of int16; -inf for silence."""
    samples = np.asarray(pcm, dtype=np.float64) / FULL_SCALE
    if not len(samples) or not samples.any():
        return float("-inf")
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / sample_rate_hz)
    weighted = spectrum * _response(_SHELF, hz) * _response(_HIGH_PASS, hz)
    # Every bin but the first (and, for even lengths, the last) stands for two.
    power = (2 * weighted.sum() - weighted[0]) / len(samples) ** 2
    return float(-0.691 + 10 * np.log10(power))


def gated_lufs(pcm: np.ndarray, sample_rate_hz: int) -> float:
    """Return the integrated loudness of BS.1770-4: blocks of 400 ms, three quarters overlapping;
    those under -70 LUFS, and those 10 LU under the mean of the others, do not count."""
    block, step = round(0.4 * sample_rate_hz), round(0.1 * sample_rate_hz)
    starts = range(0, max(len(pcm) - block, 0) + 1, step)
    blocks = np.array([loudness_lufs(pcm[at : at + block], sample_rate_hz) for at in starts])
    loud = blocks[blocks > ABSOLUTE_GATE_LUFS]
    if not len(loud):
        return float("-inf")
    return _mean(loud[loud > _mean(loud) - RELATIVE_GATE_LU])


def _mean(lufs: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(10 ** (lufs / 10))))


def at_loudness(
    wave: np.ndarray,
    sample_rate_hz: int,
    lufs: float,
    measure: Callable[[np.ndarray, int], float] = loudness_lufs,
) -> np.ndarray:
    """Return float samples scaled to a loudness as int16; never clips."""
    scaled = wave * FULL_SCALE / 4
    gain = 10 ** ((lufs - measure(scaled, sample_rate_hz)) / 20)
    peak = float(np.max(np.abs(scaled))) * gain
    if peak > FULL_SCALE - 1:
        gain *= (FULL_SCALE - 1) / peak
    return np.asarray(np.round(scaled * gain), dtype=np.int16)
