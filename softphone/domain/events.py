"""What happened: frozen values in the past tense, posted on the bus."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from softphone.domain.account import Registration
from softphone.domain.agent import AgentStatus, LineState
from softphone.domain.call import Call
from softphone.domain.fleet import DeviceSeen
from softphone.domain.headset import Headset, HeadsetButton, HeadsetsOff
from softphone.domain.ids import AccountId, CallId, RecordingId, UserId
from softphone.domain.phone_build import PhoneBuild
from softphone.domain.recording import GapReason
from softphone.domain.sound import (
    NOT_CHOSEN,
    Ringtone,
    Silenced,
    SoundDevice,
    SoundHealth,
)
from softphone.domain.voice import VoiceProcessing, VoiceRules


@dataclass(frozen=True, slots=True)
class RegistrationChanged:
    """The binding to a registrar changed."""

    registration: Registration


@dataclass(frozen=True, slots=True)
class CallChanged:
    """A call changed; carries the whole snapshot."""

    call: Call


@dataclass(frozen=True, slots=True)
class CallForgotten:
    """An ended call was taken into the history; the engine dropped it."""

    call: CallId


@dataclass(frozen=True, slots=True)
class AgentStateChanged:
    """The agent takes calls, or does not and why."""

    status: AgentStatus


@dataclass(frozen=True, slots=True)
class LineWatched:
    """A watched line (RFC 4235) is free, rings, or is busy; ``address`` as the policy names it."""

    address: str
    state: LineState


@dataclass(frozen=True, slots=True)
class MessagesWaiting:
    """The mailbox of an account (RFC 3842): new and old voice messages."""

    account: AccountId
    new: int
    old: int


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    """Capture began for a call."""

    call: CallId
    recording: RecordingId
    sealed_for: str


@dataclass(frozen=True, slots=True)
class NoticeHeard:
    """Both sides of a recorded call heard the announcement to its end, or the first beep."""

    call: CallId
    number: str
    beep: bool
    language: str = ""
    """Of the text that was played; empty where it was none of the kept ones."""
    version: int = 0


@dataclass(frozen=True, slots=True)
class RecordingPaused:
    """Nothing is captured until resumed."""

    call: CallId
    recording: RecordingId
    reason: GapReason


@dataclass(frozen=True, slots=True)
class RecordingResumed:
    """Capture went on."""

    call: CallId
    recording: RecordingId


@dataclass(frozen=True, slots=True)
class RecordingStopped:
    """Capture ended and the journal holds a sealed recording to be taken into the vault."""

    call: CallId
    recording: RecordingId


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    """Capture cannot go on; what was recorded is kept and the call goes on."""

    call: CallId
    recording: RecordingId
    what: str
    why: str
    do: str


@dataclass(frozen=True, slots=True)
class AudioDevicesChanged:
    """Which devices are in use; empty names mean none."""

    microphone: str
    speaker: str
    ringer: str = ""
    second_ringer: str = ""


@dataclass(frozen=True, slots=True)
class SoundDevicesListed:
    """Which devices are there, the system's choice first, and which ones the person chose."""

    microphones: tuple[SoundDevice, ...]
    speakers: tuple[SoundDevice, ...]
    chosen_microphone: SoundDevice = NOT_CHOSEN
    chosen_speaker: SoundDevice = NOT_CHOSEN
    chosen_ringer: SoundDevice = NOT_CHOSEN
    chosen_second_ringer: SoundDevice = NOT_CHOSEN


@dataclass(frozen=True, slots=True)
class MicrophoneChanged:
    """How the microphone in use is set here, and whether the system lets it through."""

    gain_db: float = 0.0
    silenced: Silenced = Silenced.NO


@dataclass(frozen=True, slots=True)
class RingtonesChanged:
    """How calls ring: the volume, who has a ring of their own, and what was not taken."""

    volume_percent: int = 100
    chosen: tuple[Ringtone, ...] = ()
    refused: Ringtone | None = None
    """The last file that was not taken; what rang before still rings."""


@dataclass(frozen=True, slots=True)
class SoundLevels:
    """Levels of the last tenth of a second in dBFS (a full-scale sine is 0, AES17)."""

    microphone: float
    speaker: float
    ringer: float
    clipped: bool = False
    """Whether the microphone reached full scale."""


@dataclass(frozen=True, slots=True)
class SoundTested:
    """A step of a test: ``recording``, ``playing``, or empty when it is over."""

    role: str
    step: str


@dataclass(frozen=True, slots=True)
class HeadsetsListed:
    """Which headsets with buttons are there, or why none is used."""

    headsets: tuple[Headset, ...] = ()
    off: HeadsetsOff = HeadsetsOff.NO


@dataclass(frozen=True, slots=True)
class HeadsetPressed:
    """Somebody pressed a button of a headset."""

    headset: str
    """Its name."""
    button: HeadsetButton
    digit: str = ""
    """Of a key."""


@dataclass(frozen=True, slots=True)
class VoiceProcessingChanged:
    """What the person chose for their voice, what the policy says, and why nothing is done."""

    chosen: VoiceProcessing
    rules: VoiceRules
    problem: str = ""
    """Why the voice goes on as the microphone gives it; empty while the library works."""


@dataclass(frozen=True, slots=True)
class SoundCounted:
    """How the sound devices kept up in the present or last call; told when it changed."""

    health: SoundHealth


@dataclass(frozen=True, slots=True)
class PhoneBuilt:
    """What the phone can do; told to each window that attaches."""

    build: PhoneBuild


@dataclass(frozen=True, slots=True)
class EngineStarted:
    """The phone process is up."""

    pid: int
    attached_to_running: bool


@dataclass(frozen=True, slots=True)
class EngineEnded:
    """The phone process is gone; it is restarted."""

    why: str


@dataclass(frozen=True, slots=True)
class SyncChanged:
    """State of synchronisation: last confirmation (UTC) and how many rows wait."""

    confirmed_at: datetime | None
    waiting: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FleetSeen:
    """What the server said of the workstations of the fleet, when it changed."""

    devices: tuple[DeviceSeen, ...]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person unlocked the vault."""

    user: UserId
    name: str
    role: str
    team: str


@dataclass(frozen=True, slots=True)
class SignedOut:
    """The vault was locked; keys are gone from memory."""


@dataclass(frozen=True, slots=True)
class WorkstationLeft:
    """Everything the workstation held is destroyed; whoever comes now starts empty."""


@dataclass(frozen=True, slots=True)
class HistoryChanged:
    """Rows of history, recordings or contacts changed."""

    kinds: frozenset[str]
    """Of ``calls``, ``recordings``, ``contacts``, ``notes``, ``audit``, ``policy``, ``consents``,
    ``texts``, ``informed``, ``do_not_call``, ``packages``."""


EngineEvent = (
    RegistrationChanged
    | CallChanged
    | CallForgotten
    | AgentStateChanged
    | LineWatched
    | MessagesWaiting
    | RecordingStarted
    | NoticeHeard
    | RecordingPaused
    | RecordingResumed
    | RecordingStopped
    | RecordingFailed
    | AudioDevicesChanged
    | SoundDevicesListed
    | MicrophoneChanged
    | RingtonesChanged
    | SoundLevels
    | SoundTested
    | HeadsetsListed
    | HeadsetPressed
    | VoiceProcessingChanged
    | SoundCounted
    | PhoneBuilt
)
Event = (
    EngineEvent
    | EngineStarted
    | EngineEnded
    | SyncChanged
    | SignedIn
    | SignedOut
    | WorkstationLeft
    | FleetSeen
    | HistoryChanged
)
