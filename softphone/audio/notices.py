"""What tells both sides that a call is recorded.

The beep is that of the FCC's rules (47 CFR 64.501: 1,400 Hz, heard at regular intervals); the
announcement is one of the organisation's texts on recording, in the language of the call: its own
sound file; else the file that IT put in the profile; else a machine's voice; else two rising tones.
"""

from __future__ import annotations

import logging
import threading
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from softphone.app.media import SAMPLE_RATE_HZ, Spoken
from softphone.audio.loudness import FULL_SCALE, at_loudness, gated_lufs
from softphone.audio.sound_file import NoSound, decode
from softphone.audio.speech import speak
from softphone.audio.tones import tone_of
from softphone.domain.consent import Announcement

log = logging.getLogger(__name__)

LONGEST_S = 60
ANNOUNCED_LUFS = -23.0
"""EBU R128's level of programmes."""

HOLD_EVERY_S = 10


def hold_pcm() -> bytes:
    """Return what somebody on hold hears every ten seconds: two soft tones, 16 kHz mono int16."""
    pip, pause = tone_of((425.0,), 0.2), np.zeros(SAMPLE_RATE_HZ // 5, np.int16)
    return np.concatenate([pip, pause, pip]).tobytes()


def said(text: Announcement) -> bytes:
    """Return an announcement at ANNOUNCED_LUFS, 16 kHz mono PCM; empty where it cannot be had."""
    pcm: np.ndarray | None = None
    if text.audio:
        try:
            pcm = decode(text.audio, LONGEST_S)
        except NoSound:
            log.error("the sound file of an announcement is damaged: a machine speaks it")
    if pcm is None:
        pcm = speak(text.text, text.language, LONGEST_S)
    if pcm is None or gated_lufs(pcm, SAMPLE_RATE_HZ) == float("-inf"):
        return b""
    return at_loudness(pcm / FULL_SCALE, SAMPLE_RATE_HZ, ANNOUNCED_LUFS, gated_lufs).tobytes()


class RecordingNotices:
    """Implements ``media.NoticeSounds``."""

    def __init__(self, announcement: Path) -> None:
        """``announcement`` is a WAV file, 16 kHz mono 16 bit; it need not exist."""
        self._announcement = announcement
        self._texts: tuple[Announcement, ...] = ()
        self._ready: dict[Announcement, bytes] = {}

    def prepare(self, announcements: Sequence[Announcement]) -> None:
        """Have them decoded and spoken on a thread beside; what is ready already stays."""
        self._texts = texts = tuple(announcements)
        self._ready = {text: pcm for text, pcm in self._ready.items() if text in texts}
        if any(text not in self._ready for text in texts):
            threading.Thread(
                target=self._make, args=(texts,), name="announcements", daemon=True
            ).start()

    def beep(self) -> bytes:
        """Return the tone that is repeated."""
        return tone_of((1400.0,), 0.2).tobytes()

    def announcement(self, language: str = "") -> Spoken:
        """Return the organisation's words, in this language if they are ready, or tones."""
        ready = self._ready
        found = [text for text in self._in_order(language) if ready.get(text)]
        recorded = next((text for text in found if text.audio), None)
        if recorded is None or recorded is not found[0]:
            from_it = self._spoken()
            if from_it:
                return Spoken(from_it)
        if found:
            return Spoken(ready[found[0]], found[0].language, found[0].version)
        rising = [tone_of((660.0,), 0.25), tone_of((880.0,), 0.4)]
        return Spoken(np.concatenate(rising).tobytes())

    def _in_order(self, language: str) -> list[Announcement]:
        """Return the texts, those in the language first, then in its main one, the usual one."""
        wanted, main = language.casefold(), language.casefold().split("-")[0]
        ranks = {wanted: 0, main: 1} if language else {}
        return sorted(self._texts, key=lambda text: ranks.get(text.language.casefold(), 2))

    def _make(self, texts: tuple[Announcement, ...]) -> None:
        for text in texts:
            if text not in self._ready and self._texts is texts:
                pcm = said(text)
                self._ready = {**self._ready, text: pcm}

    def _spoken(self) -> bytes:
        if not self._announcement.is_file():
            return b""
        try:
            with wave.open(str(self._announcement), "rb") as file:
                form = (file.getframerate(), file.getnchannels(), file.getsampwidth())
                if form == (SAMPLE_RATE_HZ, 1, 2):
                    return file.readframes(LONGEST_S * SAMPLE_RATE_HZ)
        except (OSError, wave.Error, EOFError):
            form = (0, 0, 0)
        log.error("the announcement is not a WAV file of 16 kHz, mono, 16 bit: tones are played")
        return b""
