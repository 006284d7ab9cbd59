"""The read model the window shows: one frozen value, replaced by each event."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from softphone.domain.account import Registration
from softphone.domain.agent import AgentStatus, LineState
from softphone.domain.call import Call
from softphone.domain.events import (
    AgentStateChanged,
    AudioDevicesChanged,
    CallChanged,
    CallForgotten,
    EngineEnded,
    EngineStarted,
    Event,
    FleetSeen,
    HeadsetsListed,
    LineWatched,
    MessagesWaiting,
    MicrophoneChanged,
    PhoneBuilt,
    RecordingFailed,
    RegistrationChanged,
    RingtonesChanged,
    SignedIn,
    SignedOut,
    SoundCounted,
    SoundDevicesListed,
    SyncChanged,
    VoiceProcessingChanged,
    WorkstationLeft,
)
from softphone.domain.fleet import DeviceSeen
from softphone.domain.ids import AccountId, CallId, UserId
from softphone.domain.phone_build import PLAIN_BUILD, PhoneBuild
from softphone.domain.sound import NO_TROUBLE, SoundHealth
from softphone.domain.voice import VoiceProcessing, VoiceRules


@dataclass(frozen=True, slots=True)
class SignedInUser:
    """Who is signed in, as the window shows them."""

    id: UserId
    name: str
    role: str
    team: str


NEW_AGENT = AgentStatus()
NO_DEVICES = SoundDevicesListed((), ())
NO_HEADSETS = HeadsetsListed()
AS_IT_COMES = MicrophoneChanged()
USUAL_RING = RingtonesChanged()
USUAL_VOICE = VoiceProcessingChanged(VoiceProcessing(), VoiceRules())


@dataclass(frozen=True, slots=True)
class PhoneState:
    """Everything that the shell, the status bar and the call panel show."""

    user: SignedInUser | None = None
    engine_running: bool = False
    engine_problem: str = ""
    registrations: dict[AccountId, Registration] = field(default_factory=dict)
    calls: dict[CallId, Call] = field(default_factory=dict)
    recording_problems: dict[CallId, str] = field(default_factory=dict)
    microphone: str = ""
    speaker: str = ""
    ringer: str = ""
    second_ringer: str = ""
    agent: AgentStatus = NEW_AGENT
    lines: dict[str, LineState] = field(default_factory=dict)
    """Watched lines by address."""
    mail: dict[AccountId, MessagesWaiting] = field(default_factory=dict)
    devices: SoundDevicesListed = NO_DEVICES
    headsets: HeadsetsListed = NO_HEADSETS
    voice: VoiceProcessingChanged = USUAL_VOICE
    sound: SoundHealth = NO_TROUBLE
    set_microphone: MicrophoneChanged = AS_IT_COMES
    ringtones: RingtonesChanged = USUAL_RING
    build: PhoneBuild = PLAIN_BUILD
    sync_confirmed_at: datetime | None = None
    sync_waiting: int = 0
    sync_problem: str = ""
    fleet: tuple[DeviceSeen, ...] = ()

    @property
    def live_calls(self) -> tuple[Call, ...]:
        """Calls that go on, oldest first."""
        return tuple(call for call in self.calls.values() if call.live)


def reduce(state: PhoneState, event: Event) -> PhoneState:  # noqa: C901 - one arm an event
    """Return the state after an event; events that change nothing here return the same object."""
    match event:
        case SignedIn():
            return replace(state, user=SignedInUser(event.user, event.name, event.role, event.team))
        case SignedOut():
            # Calls, lines and devices are the engine's, which goes on and tells only changes.
            return replace(
                state,
                user=None,
                sync_confirmed_at=None,
                sync_waiting=0,
                sync_problem="",
                fleet=(),
            )
        case WorkstationLeft():
            return PhoneState(
                engine_running=state.engine_running,
                devices=state.devices,
                headsets=state.headsets,
                voice=state.voice,
                sound=state.sound,
                set_microphone=state.set_microphone,
                ringtones=state.ringtones,
                build=state.build,
            )
        case EngineStarted():
            return replace(state, engine_running=True, engine_problem="")
        case EngineEnded():
            return replace(
                state,
                engine_running=False,
                engine_problem=event.why,
                calls={},
                registrations={},
                lines={},
                mail={},
                headsets=NO_HEADSETS,
            )
        case RegistrationChanged():
            known = {**state.registrations, event.registration.account: event.registration}
            return replace(state, registrations=known)
        case CallChanged():
            return replace(state, calls={**state.calls, event.call.id: event.call})
        case CallForgotten():
            calls = {k: v for k, v in state.calls.items() if k != event.call}
            problems = {k: v for k, v in state.recording_problems.items() if k != event.call}
            return replace(state, calls=calls, recording_problems=problems)
        case AgentStateChanged():
            return replace(state, agent=event.status)
        case LineWatched():
            return replace(state, lines={**state.lines, event.address: event.state})
        case MessagesWaiting():
            return replace(state, mail={**state.mail, event.account: event})
        case RecordingFailed():
            text = " ".join(part for part in (event.what, event.why, event.do) if part)
            return replace(state, recording_problems={**state.recording_problems, event.call: text})
        case AudioDevicesChanged():
            return replace(
                state,
                microphone=event.microphone,
                speaker=event.speaker,
                ringer=event.ringer,
                second_ringer=event.second_ringer,
            )
        case SoundDevicesListed():
            return replace(state, devices=event)
        case HeadsetsListed():
            return replace(state, headsets=event)
        case VoiceProcessingChanged():
            return replace(state, voice=event)
        case MicrophoneChanged():
            return replace(state, set_microphone=event)
        case RingtonesChanged():
            return replace(state, ringtones=event)
        case SoundCounted():
            return replace(state, sound=event.health)
        case PhoneBuilt():
            return replace(state, build=event.build)
        case SyncChanged():
            return replace(
                state,
                sync_confirmed_at=event.confirmed_at or state.sync_confirmed_at,
                sync_waiting=event.waiting,
                sync_problem=event.problem,
            )
        case FleetSeen():
            return replace(state, fleet=event.devices)
        case _:
            return state
