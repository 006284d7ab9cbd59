from __future__ import annotations

import numpy as np
import pytest

from softphone.audio.loudness import loudness_lufs
from softphone.audio.tones import (
    COUNTRIES,
    EAR_LUFS,
    RING_LUFS,
    cadence,
    key_pcm,
    loops,
    render,
    ringtone,
    tone_pcm,
    trial_pcm,
)
from softphone.domain.sound import Tone

RATE = 16_000
NETWORK = (Tone.RINGBACK, Tone.BUSY, Tone.CONGESTION, Tone.CALL_WAITING)


def loudest(pcm: np.ndarray, count: int) -> set[int]:
    spectrum = np.abs(np.fft.rfft(pcm.astype(float)))
    hz = np.fft.rfftfreq(len(pcm), 1 / RATE)
    found: set[int] = set()
    while len(found) < count:
        top = hz[np.argmax(spectrum)]
        found.add(round(top))
        spectrum[np.abs(hz - top) < 15] = 0
    return found


def bursts(pcm: np.ndarray) -> list[float]:
    """Lengths of sound in seconds, read from the envelope."""
    loud = np.abs(pcm.reshape(-1, 80).astype(int)).max(axis=1) > 100
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.view(np.int8), [0]])))
    return [float(e - b) * 80 / RATE for b, e in zip(edges[::2], edges[1::2], strict=True)]


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_warning_is_call_waiting_and_ends_by_itself(country):
    waiting, warning = (cadence(t, country) for t in (Tone.CALL_WAITING, Tone.ANSWERED_BY_ITSELF))
    assert (warning.hz, warning.on_off) == (waiting.hz, waiting.on_off)
    assert loops(Tone.CALL_WAITING, country)
    assert not loops(Tone.ANSWERED_BY_ITSELF, country)


def test_the_countries_that_are_promised():
    assert set(COUNTRIES) >= {"GB", "DE", "FR", "ES", "SK", "PL", "US"}


@pytest.mark.parametrize("country", [*COUNTRIES, "ZZ"])
@pytest.mark.parametrize("tone", NETWORK)
def test_each_sounds_as_its_cadence_says_at_one_loudness(country, tone):
    what = cadence(tone, country)
    pcm = render(what)
    on = [s for s in what.on_off[::2] if s]
    assert bursts(pcm) == pytest.approx(on, abs=0.02)
    begin = 0
    for number, seconds in enumerate(what.on_off):
        part = pcm[begin : begin + round(seconds * RATE)]
        begin += len(part)
        if number % 2 == 0 and seconds:
            assert loudness_lufs(part, RATE) == pytest.approx(EAR_LUFS, abs=0.1)
            if seconds >= 0.3:
                expected = set(map(round, what.hz))
                for hz in loudest(part, len(expected)):
                    assert min(abs(hz - e) for e in expected) <= 3


@pytest.mark.parametrize(
    ("country", "hz", "on_off"),
    [
        ("GB", (400, 450), (0.4, 0.2, 0.4, 2.0)),
        ("DE", (425,), (1.0, 4.0)),
        ("FR", (440,), (1.5, 3.5)),
        ("ES", (425,), (1.5, 3.0)),
        ("SK", (425,), (1.0, 4.0)),
        ("PL", (425,), (1.0, 4.0)),
        ("US", (440, 480), (2.0, 4.0)),
    ],
)
def test_ringback_of_e180(country, hz, on_off):
    found = cadence(Tone.RINGBACK, country)
    assert (found.hz, found.on_off) == (hz, on_off)


def test_what_ends_and_what_goes_on():
    assert loops(Tone.RINGBACK, "DE")
    assert loops(Tone.MUTE_REMINDER, "DE")
    assert not loops(Tone.BUSY, "DE")
    assert len(tone_pcm(Tone.BUSY, "DE")) == 6 * len(render(cadence(Tone.BUSY, "DE"))) * 2


def test_the_ring_is_louder_than_the_ear_and_pauses():
    pcm = ringtone()
    assert len(pcm) == 3 * RATE
    assert loudness_lufs(pcm[: round(1.9 * RATE)], RATE) == pytest.approx(RING_LUFS, abs=0.2)
    assert not pcm[2 * RATE :].any()


@pytest.mark.parametrize(
    ("key", "pair"), [("1", {697, 1209}), ("#", {941, 1477}), ("D", {941, 1633})]
)
def test_keys_sound_as_dtmf(key, pair):
    found = loudest(np.frombuffer(key_pcm(key), np.int16)[: round(0.12 * RATE)], 2)
    assert all(min(abs(f - p) for p in pair) <= 9 for f in found)


def test_no_key_no_sound():
    assert key_pcm("x") == key_pcm("") == b""
    assert len(trial_pcm()) == round(1.2 * RATE) * 2


def test_nothing_begins_or_ends_with_a_click():
    for tone in NETWORK:
        pcm = render(cadence(tone, "GB")).astype(int)
        steps = np.abs(np.diff(pcm))
        assert steps.max() < 32768 * 0.06
