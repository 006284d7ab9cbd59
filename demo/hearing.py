"""Whether somebody was heard: correlation of what arrived with what was spoken."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np

from softphone.audio.sources import load_pcm

STRETCH = 12_000
HEARD = 0.6
"""Likeness from which speech counts as heard; through G.722 and Opus it is above 0.9."""


def speak(text: str, path: Path, voice: str = "en") -> Path:
    """Speak a sentence into a WAV file with espeak-ng (a tone melody where it is missing)."""
    if shutil.which("espeak-ng"):
        subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "-w", str(path), text], check=True)
        return path
    seed = np.random.default_rng(sum(text.encode()))
    pitches = seed.integers(200, 1200, size=max(8, len(text) // 2))
    t = np.arange(2400) / 16_000
    pcm = np.concatenate([np.sin(2 * np.pi * p * t) * 9000 for p in pitches]).astype(np.int16)
    write_wav(path, pcm)
    return path


def write_wav(path: Path, pcm: np.ndarray) -> None:
    """Write 16 kHz mono 16-bit PCM."""
    data = pcm.astype("<i2").tobytes()
    head = b"RIFF" + (36 + len(data)).to_bytes(4, "little") + b"WAVEfmt "
    head += (16).to_bytes(4, "little") + (1).to_bytes(2, "little") * 2
    head += (16_000).to_bytes(4, "little") + (32_000).to_bytes(4, "little")
    head += (2).to_bytes(2, "little") + (16).to_bytes(2, "little")
    path.write_bytes(head + b"data" + len(data).to_bytes(4, "little") + data)


def spoken_pcm(path: Path) -> np.ndarray:
    """Return a sound file as 16 kHz mono samples."""
    return np.frombuffer(load_pcm(path), dtype=np.int16)


def likeness(heard: np.ndarray, spoken: np.ndarray) -> float:
    """Return how much of a sentence is anywhere in the heard (0..1).

    The median over stretches of 0.75 s: a jitter buffer on a busy machine shifts speech by some ms
    here and there, which a person does not notice and a correlation over seconds does.
    """
    voice = np.abs(spoken) > 300
    if not voice.any():
        return 0.0
    spoken = spoken[int(np.argmax(voice)) : len(spoken) - int(np.argmax(voice[::-1]))]
    starts = range(0, max(1, len(spoken) - STRETCH + 1), STRETCH)
    return float(np.median([_match(heard, spoken[s : s + STRETCH]) for s in starts]))


def _match(heard: np.ndarray, spoken: np.ndarray) -> float:
    """Return the best normalised correlation of a stretch anywhere in the heard."""
    if len(heard) < len(spoken) or not len(spoken):
        return 0.0
    x, y = heard.astype(float), spoken.astype(float)
    size = 1 << int(np.ceil(np.log2(len(x) + len(y))))
    product = np.fft.irfft(np.fft.rfft(x, size) * np.conj(np.fft.rfft(y, size)), size)
    places = len(x) - len(y) + 1
    energy = np.concatenate([[0.0], np.cumsum(x * x)])
    there = energy[len(y) :][:places] - energy[:places]
    scale = np.sqrt(np.maximum(there, 1.0) * float((y * y).sum()))
    return float(np.max(np.abs(product[:places]) / scale))
