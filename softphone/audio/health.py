"""How the sound devices keep up in a call: counters of its path and of lost devices."""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.sound import NO_TROUBLE, SoundHealth

TOLD_EVERY_S = 1.0


class HealthCounter:
    """Counts from the beginning of a call. Used on the audio thread; the path counts elsewhere."""

    def __init__(self, counts: Callable[[], SoundHealth]) -> None:
        self._counts = counts
        self._lost = 0
        self._base = NO_TROUBLE
        self._told = NO_TROUBLE

    def begin(self) -> None:
        """A call begins."""
        self._lost = 0
        self._base = NO_TROUBLE
        self._base = self.now()

    def lost_device(self) -> None:
        """A device went away in use."""
        self._lost += 1

    def now(self) -> SoundHealth:
        """Return the counters since the call began."""
        found, base = self._counts(), self._base
        return SoundHealth(
            found.microphone_gaps - base.microphone_gaps,
            found.microphone_floods - base.microphone_floods,
            found.speaker_gaps - base.speaker_gaps,
            found.speaker_floods - base.speaker_floods,
            self._lost,
        )

    def news(self) -> SoundHealth | None:
        """Return the counters if they are others than those returned last."""
        found = self.now()
        if found == self._told:
            return None
        self._told = found
        return found
