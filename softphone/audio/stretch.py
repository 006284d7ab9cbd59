"""Shortens or stretches a block of PCM by a few samples, without a step anywhere in it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

CONTEXT = 4
"""Samples that are needed on each side of a block."""


@lru_cache(maxsize=64)
def _filter(samples: int, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which input samples make each output sample, and how much of each.

    Windowed sinc of 8 taps (Smith, Digital Audio Resampling): flat beyond 6 kHz at 16 kHz.
    """
    places = np.arange(samples) * ((samples + step) / samples)
    whole = np.floor(places).astype(np.intp)
    taps = np.arange(-CONTEXT + 1, CONTEXT + 1)
    distance = taps[None, :] - (places - whole)[:, None]
    weights = np.sinc(distance) * np.cos(np.pi * distance / (2 * CONTEXT + 1)) ** 2
    weights /= weights.sum(axis=1, keepdims=True)
    return whole[:, None] + taps[None, :] + CONTEXT, weights.astype(np.float32)


def stretched(pcm: bytes, samples: int, step: int) -> bytes:
    """Return ``samples`` samples made of ``samples + step``.

    ``pcm`` holds CONTEXT samples before those and CONTEXT after them.
    """
    index, weights = _filter(samples, step)
    block = np.frombuffer(pcm, np.int16).astype(np.float32)
    made = np.einsum("ij,ij->i", block[index], weights)
    return bytes(np.clip(np.rint(made), -32768, 32767).astype(np.int16).tobytes())


def faded(pcm: bytes, *, out: bool) -> bytes:
    """Return PCM that fades in or out over its length."""
    block = np.frombuffer(pcm, np.int16)
    slope = np.linspace(1.0, 0.0, len(block)) if out else np.linspace(0.0, 1.0, len(block))
    return (block * slope).astype(np.int16).tobytes()
