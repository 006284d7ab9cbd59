"""Trying out devices: a tone, the ring, or three seconds of one's own voice, kept in memory."""

from __future__ import annotations

from collections.abc import Callable

from softphone.app.media import SAMPLE_RATE_HZ
from softphone.audio.tones import trial_pcm
from softphone.domain.events import EngineEvent, SoundTested
from softphone.domain.sound import AudioRole

RECORD_BYTES = 3 * SAMPLE_RATE_HZ * 2
RING_BYTES = 6 * SAMPLE_RATE_HZ * 2
"""An own ring may be long: so much of it is tried."""


class SoundCheck:
    """One test at a time; runs on the audio thread but for :meth:`captured`."""

    def __init__(
        self,
        tell: Callable[[EngineEvent], None],
        post: Callable[[Callable[[], None]], None],
        settle: Callable[[], None],
        ring: Callable[[], bytes],
    ) -> None:
        self._tell, self._post, self._settle, self._ring = tell, post, settle, ring
        self._slot = "once:speaker"
        self._role: AudioRole | None = None
        self._heard = bytearray()
        self._play: Callable[[bytes, str], None] = lambda pcm, slot: None
        self.recording = False

    def begin(self, role: AudioRole, play: Callable[[bytes, str], None]) -> None:
        """Begin a test; one that is on goes on."""
        if self._role is not None:
            return
        self._role, self._play = role, play
        self._slot = "once:ringer" if role is AudioRole.RINGER else "once:speaker"
        if role is AudioRole.MICROPHONE:
            self._heard.clear()
            self.recording = True
            self._step("recording")
            self._settle()
        elif role is AudioRole.RINGER:
            self._step("playing")
            ring = self._ring()[:RING_BYTES]
            play(ring, self._slot)
            play(ring, "once:second_ringer")
        else:
            self._step("playing")
            play(trial_pcm(), self._slot)

    def captured(self, pcm: bytes) -> None:
        """Take what the microphone heard (the stream's thread)."""
        if self.recording:
            self._heard += pcm
            if len(self._heard) >= RECORD_BYTES:
                self.recording = False
                self._post(self._play_back)

    def cancel(self) -> None:
        """There is no microphone (any more)."""
        self.recording = False
        self._heard.clear()
        self._step("")
        self._role = None

    def played(self, slot: str) -> None:
        """What was played has ended."""
        if self._role is not None and slot == self._slot:
            self._step("")
            self._role = None

    def _play_back(self) -> None:
        heard = bytes(self._heard)
        self._heard[:] = bytes(len(self._heard))  # overwritten, then dropped
        self._heard.clear()
        self._settle()
        self._step("playing")
        self._play(heard, self._slot)

    def _step(self, step: str) -> None:
        if self._role is not None:
            self._tell(SoundTested(self._role.value, step))
