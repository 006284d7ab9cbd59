"""How the last calls sounded, kept for a diagnosis: counters only, nothing of who or when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from softphone.domain.quality import Quality
from softphone.domain.sound import NO_TROUBLE, SoundHealth

KEPT = 100
"""Calls that are remembered."""


@dataclass(frozen=True, slots=True)
class CallSound:
    """One call: its length in whole minutes, and the quality of the whole of it where measured."""

    minutes: int
    codec: str
    health: SoundHealth = NO_TROUBLE
    quality: Quality | None = None


def added(kept: Sequence[CallSound], one: CallSound) -> tuple[CallSound, ...]:
    """Return the newest calls with one more."""
    return (*kept, one)[-KEPT:]
