"""Real speech in a simulated room: what comes from the speaker, its echo, noise, a second voice.

Everything is computed; no sound device and no real time is involved.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

from demo.hearing import speak, spoken_pcm
from softphone.app.media import SAMPLE_RATE_HZ
from softphone.audio.apm import BLOCK_BYTES, BLOCK_SAMPLES, WebRtcProcessing
from softphone.domain.voice import VoiceProcessing

DELAY_MS = 60
FULL = 32767 / np.sqrt(2)
FAR = (
    "The delivery will arrive on Friday morning between eight and ten, "
    "and the driver will call before."
)
NEAR = "No, that is too late for us. We need it on Thursday, please ask the warehouse again."
NOTHING = VoiceProcessing(False, False, False)


def voice(text: str, folder: Path, name: str, level_dbfs: float) -> np.ndarray:
    """Return a sentence by espeak-ng at a level (of what is not a pause)."""
    pcm = spoken_pcm(speak(text, folder / f"{name.replace('+', '-')}.wav", name)).astype(float)
    loud = pcm[np.abs(pcm) > 50]
    return pcm / np.sqrt(np.mean(loud**2)) * FULL * 10 ** (level_dbfs / 20)


def again(pcm: np.ndarray, times: int) -> np.ndarray:
    """Return a sentence several times, with a pause of a quarter of a second between."""
    return np.tile(np.concatenate([pcm, np.zeros(SAMPLE_RATE_HZ // 4)]), times)


def echo_of(pcm: np.ndarray, gain_db: float = -10.0) -> np.ndarray:
    """Return what a microphone hears of a speaker in an office: 350 ms of reverberation (RT60)."""
    dice = np.random.default_rng(7)
    t = np.arange(SAMPLE_RATE_HZ // 4)
    response = dice.standard_normal(len(t)) * np.exp(-t / (0.05 * SAMPLE_RATE_HZ))
    direct = SAMPLE_RATE_HZ * 3 // 1000  # a metre
    response[:direct], response[direct] = 0, 3
    response *= 10 ** (gain_db / 20) / np.sqrt(np.sum(response**2))
    late = np.zeros(DELAY_MS * SAMPLE_RATE_HZ // 1000)
    return np.concatenate([late, np.convolve(pcm, response)])[: len(pcm)]


def hiss(samples: int, rms: float = 10.0) -> np.ndarray:
    return np.random.default_rng(11).normal(0, rms, samples)


def processed(wanted: VoiceProcessing, played: np.ndarray, heard: np.ndarray) -> np.ndarray:
    """Return the microphone after processing, block by block as in a call."""
    processing = WebRtcProcessing(wanted, DELAY_MS)
    speaker, microphone = _pcm(played), _pcm(heard)
    made = b""
    for at in range(0, len(microphone) - BLOCK_BYTES + 1, BLOCK_BYTES):
        processing.played(speaker[at : at + BLOCK_BYTES])
        made += processing.captured(microphone[at : at + BLOCK_BYTES])
    return np.frombuffer(made, np.int16).astype(float)


def db(pcm: np.ndarray) -> float:
    """Return the power of samples in dB."""
    return 10 * float(np.log10(np.mean(pcm**2) + 1e-3))


def envelope_likeness(heard: np.ndarray, said: np.ndarray) -> float:
    """Return the correlation (0..1) of both loudnesses, in four bands and steps of 20 ms.

    Loudness is power to the 0.3 (Stevens).
    """
    length = min(len(heard), len(said)) // (2 * BLOCK_SAMPLES) * (2 * BLOCK_SAMPLES)
    found = [_bands(x[:length]) for x in (heard, said)]
    likes = [np.corrcoef(a, b)[0, 1] for a, b in zip(*found, strict=True)]
    return float(np.mean(likes))


def _bands(pcm: np.ndarray) -> np.ndarray:
    blocks = pcm.reshape(-1, 2 * BLOCK_SAMPLES) * np.hanning(2 * BLOCK_SAMPLES)
    power = np.abs(np.fft.rfft(blocks, axis=1)) ** 2
    edges = [4, 12, 24, 48, 100]  # bins of 50 Hz: 200, 600, 1200, 2400, 5000 Hz
    return np.array([
        power[:, a:b].sum(axis=1) ** 0.3 for a, b in itertools.pairwise(edges)
    ])  # fmt: skip


def _pcm(samples: np.ndarray) -> bytes:
    return bytes(np.clip(samples, -32768, 32767).astype(np.int16).tobytes())
