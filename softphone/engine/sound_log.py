"""Keeps how the last calls sounded, for ``softphone doctor``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from softphone.domain.call import Call
from softphone.domain.call_sound import CallSound, added
from softphone.domain.events import CallChanged, EngineEvent, SoundCounted
from softphone.domain.ids import CallId
from softphone.domain.sound import NO_TROUBLE, SoundHealth
from softphone.paths import write_private

log = logging.getLogger(__name__)


class SoundLog:
    """Follows the events of the engine (any thread that tells them, one at a time)."""

    def __init__(
        self,
        kept: Sequence[CallSound],
        keep: Callable[[Sequence[CallSound]], None],
    ) -> None:
        """``keep`` writes what is remembered, oldest first."""
        self._kept = tuple(kept)
        self._keep = keep
        self._health: SoundHealth = NO_TROUBLE
        self._on: set[CallId] = set()

    def follow(self, event: EngineEvent) -> None:
        """Take an event."""
        if isinstance(event, SoundCounted):
            self._health = event.health
        elif isinstance(event, CallChanged):
            self._changed(event.call)

    def _changed(self, call: Call) -> None:
        if call.live:
            if call.established_at is not None:
                self._on.add(call.id)
            return
        if call.id in self._on:
            self._on.discard(call.id)
            self._kept = added(self._kept, sound_of(call, self._health))
            self._keep(self._kept)
        if not self._on:
            self._health = NO_TROUBLE


def sound_of(call: Call, health: SoundHealth) -> CallSound:
    """Return what is remembered of a call that has ended."""
    minutes = 0
    if call.established_at is not None and call.ended_at is not None:
        minutes = max(0, round((call.ended_at - call.established_at).total_seconds() / 60))
    return CallSound(minutes, call.codec, health, call.quality)


def read_sounds(file: Path) -> tuple[CallSound, ...]:
    """Return what was kept; nothing where the file is missing or damaged."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=tuple[CallSound, ...])
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.MsgspecError) as error:
        log.warning("how the last calls sounded cannot be read: %s", type(error).__name__)
        return ()


def write_sounds(file: Path, kept: Sequence[CallSound]) -> None:
    """Keep it. A full disk costs the diagnosis, never the call."""
    try:
        write_private(file, msgspec.json.encode(tuple(kept)))
    except OSError as error:
        log.warning("how the last calls sounded was not kept: %s", type(error).__name__)
