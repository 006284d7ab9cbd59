"""Sound devices by role, what is to sound where, and what the window may ask of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from softphone.domain.ids import AccountId
from softphone.domain.voice import VoicePart

FOR_ALL = AccountId("")
"""Every account without a ring of its own."""


class AudioRole(StrEnum):
    """What a device is for."""

    MICROPHONE = "microphone"
    SPEAKER = "speaker"
    RINGER = "ringer"
    SECOND_RINGER = "second_ringer"
    """Rings as well, where one is chosen; its absence changes nothing."""


class Tone(StrEnum):
    """What the phone says without words (ITU-T E.180 for those of the network)."""

    RING = "ring"
    RINGBACK = "ringback"
    BUSY = "busy"
    CONGESTION = "congestion"
    CALL_WAITING = "call_waiting"
    ANSWERED_BY_ITSELF = "answered_by_itself"
    MUTE_REMINDER = "mute_reminder"


@dataclass(frozen=True, slots=True)
class Sounding:
    """Which tone sounds on which device; None is silence."""

    ringer: Tone | None = None
    speaker: Tone | None = None
    account: AccountId = FOR_ALL
    """Whose call rings: an account may have a ring of its own."""


SILENT = Sounding()


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """A device as the system names it. ``id`` survives unplugging and a restart."""

    id: str
    name: str


NOT_CHOSEN = SoundDevice("", "")
"""The system's own choice."""


RING_VOLUMES = (100, 75, 50, 25, 10)
"""Per cent; there is no 0: a phone that rings without a sound loses calls."""
GAINS_DB = (-12, -9, -6, -3, 0, 3, 6, 9, 12, 15, 18, 21, 24)


def ring_gain(percent: float) -> float:
    """Return the factor of amplitude of a volume: its cube, as PulseAudio's volumes."""
    return (min(max(percent, min(RING_VOLUMES)), 100) / 100) ** 3


class Silenced(StrEnum):
    """Why the system lets nothing of a microphone through."""

    NO = ""
    MUTED = "muted"
    VOLUME_ZERO = "volume_zero"


class RingtoneProblem(StrEnum):
    """Why a sound file does not ring."""

    NONE = ""
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    NO_SOUND_FILE = "no_sound_file"
    SILENT = "silent"
    NOT_KEPT = "not_kept"


@dataclass(frozen=True, slots=True)
class Ringtone:
    """A person's own ring, by the name of the file that was chosen."""

    name: str
    account: AccountId = FOR_ALL
    problem: RingtoneProblem = RingtoneProblem.NONE
    """Why the built-in ring sounds instead."""


class SoundDeed(StrEnum):
    """What may be asked of the sound."""

    CHOOSE = "choose"
    WATCH_LEVELS = "watch_levels"
    TEST = "test"
    RESCAN = "rescan"
    REGION = "region"
    BUTTONS = "buttons"
    PROCESS = "process"
    RINGTONE = "ringtone"
    RING_VOLUME = "ring_volume"
    GAIN = "gain"


@dataclass(frozen=True, slots=True)
class SoundOrder:
    """One request. Made by the functions below."""

    deed: SoundDeed
    role: AudioRole = AudioRole.SPEAKER
    value: str = ""
    on: bool = False
    amount: float = 0.0
    account: AccountId = FOR_ALL


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


def use_ringtone(file: str, account: AccountId = FOR_ALL) -> SoundOrder:
    """Ring with a copy of this sound file; empty is the built-in ring, or for an account that of
    all accounts."""
    return SoundOrder(SoundDeed.RINGTONE, value=file, account=account)


def ring_at(percent: int) -> SoundOrder:
    """Ring this loud; 100 is -18 LUFS, see :func:`ring_gain`."""
    return SoundOrder(SoundDeed.RING_VOLUME, amount=percent)


def amplify(decibels: float) -> SoundOrder:
    """Raise or lower the microphone that is in use, now and whenever it is used."""
    return SoundOrder(SoundDeed.GAIN, amount=decibels)


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
