"""How the sound devices keep up in a call: counters of both queues and of lost devices."""

from __future__ import annotations

from softphone.audio.microphone import Microphone
from softphone.audio.speaker import Speaker
from softphone.domain.sound import NO_TROUBLE, SoundHealth

TOLD_EVERY_S = 1.0


class HealthCounter:
    """Counts from the beginning of a call. Used on the audio thread; the queues count elsewhere."""

    def __init__(self, capture: Microphone, playback: Speaker) -> None:
        self._capture, self._playback = capture, playback
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
        capture, playback, base = self._capture, self._playback, self._base
        return SoundHealth(
            capture.underruns - base.microphone_gaps,
            capture.overruns - base.microphone_floods,
            playback.underruns - base.speaker_gaps,
            playback.overruns - base.speaker_floods,
            self._lost,
        )

    def news(self) -> SoundHealth | None:
        """Return the counters if they are others than those returned last."""
        found = self.now()
        if found == self._told:
            return None
        self._told = found
        return found
