"""Sound devices by role, what is to sound where, and what the window may ask of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from softphone.domain.voice import VoicePart


class AudioRole(StrEnum):
    """What a device is for."""

    MICROPHONE = "microphone"
    SPEAKER = "speaker"
    RINGER = "ringer"


class Tone(StrEnum):
    """What the phone says without words (ITU-T E.180 for those of the network)."""

    RING = "ring"
    RINGBACK = "ringback"
    BUSY = "busy"
    CONGESTION = "congestion"
    CALL_WAITING = "call_waiting"
    MUTE_REMINDER = "mute_reminder"


@dataclass(frozen=True, slots=True)
class Sounding:
    """Which tone sounds on which device; None is silence."""

    ringer: Tone | None = None
    speaker: Tone | None = None


SILENT = Sounding()


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """A device as the system names it. ``id`` survives unplugging and a restart."""

    id: str
    name: str


NOT_CHOSEN = SoundDevice("", "")
"""The system's own choice."""


class SoundDeed(StrEnum):
    """What may be asked of the sound."""

    CHOOSE = "choose"
    WATCH_LEVELS = "watch_levels"
    TEST = "test"
    RESCAN = "rescan"
    REGION = "region"
    BUTTONS = "buttons"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class SoundOrder:
    """One request. Made by the functions below."""

    deed: SoundDeed
    role: AudioRole = AudioRole.SPEAKER
    value: str = ""
    on: bool = False


def choose(role: AudioRole, device: str) -> SoundOrder:
    """Prefer a device (by id) for a role from now on; empty follows the system."""
    return SoundOrder(SoundDeed.CHOOSE, role, device)


def watch_levels(on: bool) -> SoundOrder:
    """Tell levels, at most ten times a second, until switched off."""
    return SoundOrder(SoundDeed.WATCH_LEVELS, on=on)


def try_out(role: AudioRole) -> SoundOrder:
    """Play a tone or the ring; for the microphone: record 3 s in memory and play them back."""
    return SoundOrder(SoundDeed.TEST, role)


def use_buttons(on: bool) -> SoundOrder:
    """Use the buttons of headsets from now on, or do not."""
    return SoundOrder(SoundDeed.BUTTONS, on=on)


def rescan() -> SoundOrder:
    """Look at the list of devices again: something was plugged in or out."""
    return SoundOrder(SoundDeed.RESCAN)


def use_region(region: str) -> SoundOrder:
    """Use the network tones of a country (ISO 3166)."""
    return SoundOrder(SoundDeed.REGION, value=region)


def process(part: VoicePart, on: bool) -> SoundOrder:
    """Switch a kind of processing of the voice, where the policy leaves it to the person."""
    return SoundOrder(SoundDeed.PROCESS, value=part.value, on=on)


@dataclass(frozen=True, slots=True)
class SoundHealth:
    """Counters since the call began: how often sound was late, too much, or without a device."""

    microphone_gaps: int = 0
    """The microphone delivered nothing in time (underruns)."""
    microphone_floods: int = 0
    """It delivered too much at once (overruns)."""
    speaker_gaps: int = 0
    speaker_floods: int = 0
    devices_lost: int = 0

    @property
    def trouble(self) -> int:
        """All of them."""
        return (
            self.microphone_gaps + self.microphone_floods + self.speaker_gaps
            + self.speaker_floods + self.devices_lost
        )  # fmt: skip


NO_TROUBLE = SoundHealth()


SILENCE_DBFS = -90.0
"""What counts as nothing at all."""


class LevelWord(StrEnum):
    """A level in a word."""

    SILENT = "silent"
    QUIET = "quiet"
    GOOD = "good"
    TOO_LOUD = "too loud"


def level_word(dbfs: float) -> LevelWord:
    """Return a level in a word; speech at a headset sits between -36 and -6 dBFS."""
    if dbfs < -60:
        return LevelWord.SILENT
    if dbfs < -36:
        return LevelWord.QUIET
    return LevelWord.GOOD if dbfs <= -6 else LevelWord.TOO_LOUD
