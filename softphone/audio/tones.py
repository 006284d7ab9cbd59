"""Ringtone and network tones, generated; every sounding part has the same loudness.

Frequencies and cadences: ITU-T E.180 Supplement 2 (various tones used in national networks);
DTMF: ITU-T Q.23. Tones in the ear are set to -26 LUFS, the ring to -18 LUFS (BS.1770-4, measured
over the sounding part, see :mod:`softphone.audio.loudness`).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.audio.loudness import at_loudness
from softphone.domain.sound import Tone

EAR_LUFS = -26.0
RING_LUFS = -18.0
RAMP_S = 0.008
"""Each part fades in and out, so that nothing clicks."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """Frequencies that sound together, and seconds of sound and silence in turn."""

    hz: tuple[float, ...]
    on_off: tuple[float, ...]
    times: int = 0
    """How often it repeats; 0 is until stopped."""


_E180 = (425.0,)
# country: frequencies, ringback, busy, congestion, call waiting (with its own frequencies)
_NETWORKS: dict[str, dict[Tone, Cadence]] = {
    country: {
        Tone.RINGBACK: Cadence(ring_hz, ringback),
        Tone.BUSY: Cadence(busy_hz, busy, times=6),
        Tone.CONGESTION: Cadence(busy_hz, congestion, times=8),
        Tone.CALL_WAITING: Cadence(waiting_hz, waiting),
    }
    for country, ring_hz, ringback, busy_hz, busy, congestion, waiting_hz, waiting in (
        ("GB", (400.0, 450.0), (0.4, 0.2, 0.4, 2.0), (400.0,), (0.375, 0.375),
         (0.4, 0.35, 0.225, 0.525), (400.0,), (0.1, 4.0)),
        ("DE", _E180, (1.0, 4.0), _E180, (0.48, 0.48), (0.24, 0.24), _E180, (0.2, 0.2, 0.2, 5.0)),
        ("FR", (440.0,), (1.5, 3.5), (440.0,), (0.5, 0.5), (0.25, 0.25), (440.0,), (0.3, 10.0)),
        ("ES", _E180, (1.5, 3.0), _E180, (0.2, 0.2), (0.2, 0.2, 0.2, 0.2, 0.2, 0.6), _E180,
         (0.175, 0.175, 0.175, 3.5)),
        ("SK", _E180, (1.0, 4.0), _E180, (0.33, 0.33), (0.165, 0.165), _E180, (0.33, 9.0)),
        ("PL", _E180, (1.0, 4.0), _E180, (0.5, 0.5), (0.5, 0.5), _E180, (0.15, 0.15, 0.15, 4.0)),
        ("US", (440.0, 480.0), (2.0, 4.0), (480.0, 620.0), (0.5, 0.5), (0.25, 0.25), (440.0,),
         (0.3, 10.0)),
        # What E.180 recommends where a country says nothing else.
        ("", _E180, (1.0, 4.0), _E180, (0.5, 0.5), (0.25, 0.25), _E180, (0.2, 0.6, 0.2, 5.0)),
    )
}  # fmt: skip
COUNTRIES = tuple(sorted(country for country in _NETWORKS if country))

_MUTE_REMINDER = Cadence((880.0,), (0.0, 30.0, 0.09, 0.06, 0.09, 0.0))
_DTMF_ROWS = {"123A": 697, "456B": 770, "789C": 852, "*0#D": 941}
_DTMF_COLUMNS = (1209, 1336, 1477, 1633)


def cadence(tone: Tone, region: str) -> Cadence:
    """Return the cadence of a tone in a country (ISO 3166); E.180's own where it is unknown."""
    if tone is Tone.MUTE_REMINDER:
        return _MUTE_REMINDER
    network = _NETWORKS.get(region.upper(), _NETWORKS[""])
    if tone is Tone.ANSWERED_BY_ITSELF:
        return replace(network[Tone.CALL_WAITING], times=1)
    return network[tone]


def _wave(hz: tuple[float, ...], seconds: float) -> np.ndarray:
    t = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    wave = sum((np.sin(2 * np.pi * f * t) for f in hz), start=np.zeros(len(t)))
    ramp = min(round(RAMP_S * SAMPLE_RATE_HZ), len(t) // 2)
    rise = (1 - np.cos(np.pi * np.arange(ramp) / max(ramp, 1))) / 2
    if ramp:
        wave[:ramp] *= rise
        wave[-ramp:] *= rise[::-1]
    return np.asarray(wave)


def render(what: Cadence) -> np.ndarray:
    """Return one period as mono int16 PCM, 16 kHz."""
    parts: list[np.ndarray] = []
    for number, seconds in enumerate(what.on_off):
        if number % 2 or not seconds:
            parts.append(np.zeros(round(seconds * SAMPLE_RATE_HZ), np.int16))
        else:
            parts.append(at_loudness(_wave(what.hz, seconds), SAMPLE_RATE_HZ, EAR_LUFS))
    return np.concatenate(parts)


@functools.cache
def tone_pcm(tone: Tone, region: str) -> bytes:
    """Return a network tone: one period to be looped, or all of it where it ends by itself."""
    found = cadence(tone, region)
    return np.tile(render(found), max(found.times, 1)).tobytes()


def loops(tone: Tone, region: str) -> bool:
    """Whether a network tone goes on until stopped."""
    return cadence(tone, region).times == 0


@functools.cache
def ringtone() -> np.ndarray:
    """Return our ring, one period of 3 s: two rising bell figures, then silence."""
    notes = ((0.0, 659.26), (0.16, 880.0), (0.32, 1108.73), (0.80, 659.26), (0.96, 880.0),
             (1.12, 1318.51))  # fmt: skip
    length = round(1.9 * SAMPLE_RATE_HZ)
    wave = np.zeros(length)
    for begin, hz in notes:
        at = round(begin * SAMPLE_RATE_HZ)
        t = np.arange(length - at) / SAMPLE_RATE_HZ
        bell = sum(
            (a * np.exp(-t * d) * np.sin(2 * np.pi * hz * m * t) for m, a, d in
             ((1, 1.0, 5.0), (2, 0.35, 8.0), (3, 0.12, 12.0))), start=np.zeros(len(t)),
        )  # fmt: skip
        wave[at:] += bell * np.minimum(t / 0.004, 1)
    wave[-400:] *= np.linspace(1, 0, 400)
    silence = np.zeros(3 * SAMPLE_RATE_HZ - length, np.int16)
    return np.concatenate([at_loudness(wave, SAMPLE_RATE_HZ, RING_LUFS), silence])


@functools.cache
def key_pcm(digit: str) -> bytes:
    """Return the feedback of one key, 120 ms; empty for what is no key."""
    for row, low in _DTMF_ROWS.items():
        if digit and digit in row:
            pair = (float(low), float(_DTMF_COLUMNS[row.index(digit)]))
            wave = at_loudness(_wave(pair, 0.12), SAMPLE_RATE_HZ, EAR_LUFS)
            return np.concatenate([wave, np.zeros(800, np.int16)]).tobytes()
    return b""


def tone_of(hz: tuple[float, ...], seconds: float) -> np.ndarray:
    """Return a tone at the loudness of tones in the ear, mono int16 PCM."""
    return at_loudness(_wave(hz, seconds), SAMPLE_RATE_HZ, EAR_LUFS)


@functools.cache
def trial_pcm() -> bytes:
    """Return the test tone: 1.2 s of 440 Hz."""
    return at_loudness(_wave((440.0,), 1.2), SAMPLE_RATE_HZ, EAR_LUFS).tobytes()
