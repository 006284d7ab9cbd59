"""Messages between the window process and the engine: frozen typed structs as MessagePack.

Commands are imperatives; events are the domain's own frozen values. Never pickle. Frames are cut by
``multiprocessing.connection`` (AF_UNIX, or a named pipe on Windows) with ``send_bytes``.
"""

from __future__ import annotations

from typing import Final, get_args

import msgspec

from softphone.app.ports import RecordingPlan
from softphone.domain.account import Account
from softphone.domain.agent import AgentState
from softphone.domain.call import Availability
from softphone.domain.events import EngineEvent
from softphone.domain.ids import AccountId, CallId, RecordingId
from softphone.domain.recording import GapReason, SealedRecording
from softphone.domain.sound import SoundOrder

MAX_FRAME = 32 * 1024 * 1024


class Command(msgspec.Struct, frozen=True, tag=True):
    """Base of what the window asks of the engine."""


class Attach(Command, frozen=True, tag=True):
    """First message; the token is used once."""

    token: str


class SetAccount(Command, frozen=True, tag=True):
    """Register an account."""

    account: Account
    password: str


class RemoveAccount(Command, frozen=True, tag=True):
    """Unregister and forget."""

    account: AccountId


class SetRecordingPlan(Command, frozen=True, tag=True):
    """How to record, and the key of the journal."""

    plan: RecordingPlan
    journal_key: bytes


class UseLanguage(Command, frozen=True, tag=True):
    """Announce in this language in a call."""

    call: CallId
    language: str


class Dial(Command, frozen=True, tag=True):
    """Place a call."""

    account: AccountId
    call: CallId
    target: str


class Answer(Command, frozen=True, tag=True):
    """Answer a call."""

    call: CallId


class HangUp(Command, frozen=True, tag=True):
    """End a call; ``status`` says why a ringing one is declined."""

    call: CallId
    status: int = 0


class Hold(Command, frozen=True, tag=True):
    """Hold or resume."""

    call: CallId
    on: bool


class Mute(Command, frozen=True, tag=True):
    """Mute or unmute."""

    call: CallId
    on: bool


class SendDtmf(Command, frozen=True, tag=True):
    """Send digits."""

    call: CallId
    digits: str
    by_info: bool = False


class Transfer(Command, frozen=True, tag=True):
    """Blind transfer."""

    call: CallId
    target: str


class TransferToCall(Command, frozen=True, tag=True):
    """Attended transfer."""

    call: CallId
    other: CallId


class Conference(Command, frozen=True, tag=True):
    """Mix two calls."""

    call: CallId
    other: CallId


class SetAvailability(Command, frozen=True, tag=True):
    """What happens to incoming calls."""

    availability: Availability


class SetAgentState(Command, frozen=True, tag=True):
    """Whether calls are put through, and why not."""

    state: AgentState
    reason: str = ""


class StartRecording(Command, frozen=True, tag=True):
    """Begin capture."""

    call: CallId


class PauseRecording(Command, frozen=True, tag=True):
    """Capture nothing."""

    call: CallId
    reason: GapReason


class ResumeRecording(Command, frozen=True, tag=True):
    """Capture again."""

    call: CallId


class StopRecording(Command, frozen=True, tag=True):
    """Capture no more in this call."""

    call: CallId


class PermitRecording(Command, frozen=True, tag=True):
    """Capture may begin again."""

    call: CallId


class ListSealed(Command, frozen=True, tag=True):
    """Ask for recordings that wait in the journal."""

    request: int


class ForgetRecording(Command, frozen=True, tag=True):
    """The vault has it."""

    recording: RecordingId


class ForgetCall(Command, frozen=True, tag=True):
    """The history has it."""

    call: CallId


class Sound(Command, frozen=True, tag=True):
    """Devices, levels, tests."""

    order: SoundOrder


class ShutDown(Command, frozen=True, tag=True):
    """End the engine; calls that are on are ended."""


AnyCommand = (
    Attach
    | SetAccount
    | RemoveAccount
    | SetRecordingPlan
    | UseLanguage
    | Dial
    | Answer
    | HangUp
    | Hold
    | Mute
    | SendDtmf
    | Transfer
    | TransferToCall
    | Conference
    | SetAvailability
    | SetAgentState
    | StartRecording
    | PauseRecording
    | ResumeRecording
    | StopRecording
    | PermitRecording
    | ListSealed
    | ForgetRecording
    | ForgetCall
    | Sound
    | ShutDown
)


class Report(msgspec.Struct, frozen=True, tag=True):
    """Base of what the engine tells."""


class Attached(Report, frozen=True, tag=True):
    """The token was right; events with the present state follow."""

    pid: int


class Happened(Report, frozen=True, tag=True):
    """An event; ``kind`` names its class in ``domain.events``."""

    kind: str
    body: msgspec.Raw


class Sealed(Report, frozen=True, tag=True):
    """The answer to ListSealed."""

    request: int
    recordings: tuple[SealedRecording, ...]
    problem: str = ""


AnyReport = Attached | Happened | Sealed

EVENTS: Final[dict[str, type[EngineEvent]]] = {
    kind.__name__: kind for kind in get_args(EngineEvent)
}

_encoder = msgspec.msgpack.Encoder()
_commands: msgspec.msgpack.Decoder[AnyCommand] = msgspec.msgpack.Decoder(AnyCommand)
_reports: msgspec.msgpack.Decoder[AnyReport] = msgspec.msgpack.Decoder(AnyReport)


def encode(message: AnyCommand | AnyReport) -> bytes:
    """Return a message as bytes."""
    return _encoder.encode(message)


def encode_event(event: EngineEvent) -> bytes:
    """Return an event as a report."""
    return _encoder.encode(Happened(type(event).__name__, msgspec.Raw(_encoder.encode(event))))


def decode_command(data: bytes) -> AnyCommand:
    """Return a command. Raises ``msgspec.DecodeError``."""
    return _commands.decode(data)


def decode_report(data: bytes) -> AnyReport:
    """Return a report. Raises ``msgspec.DecodeError``."""
    return _reports.decode(data)


def decode_event(happened: Happened) -> EngineEvent:
    """Return the event inside a report. Raises ``msgspec.DecodeError``."""
    kind = EVENTS.get(happened.kind)
    if kind is None:
        raise msgspec.DecodeError(f"unknown event {happened.kind}")
    return msgspec.msgpack.decode(happened.body, type=kind)
