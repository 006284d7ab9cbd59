"""The phone process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from softphone.domain.account import Account
from softphone.domain.agent import AgentState
from softphone.domain.call import Availability
from softphone.domain.call_policy import USUAL, CallPolicy
from softphone.domain.consent import Announcement
from softphone.domain.events import EngineEvent
from softphone.domain.ids import (
    AccountId,
    CallId,
    RecordingId,
    UserId,
)
from softphone.domain.permissions import RecordingMode
from softphone.domain.recording import (
    GapReason,
    SealedRecording,
    SealTarget,
)
from softphone.domain.sound import SoundOrder


@dataclass(frozen=True, slots=True)
class RecordingPlan:
    """How the engine is to record this person's calls."""

    mode: RecordingMode
    codec: str
    agent: UserId
    team: str
    targets: tuple[SealTarget, ...]
    calls: CallPolicy = USUAL
    """What the policy says of calls; in force for all of them, recorded or not."""
    announcements: tuple[Announcement, ...] = ()
    """What may be played when a recording begins, the usual one first."""


class Phone(Protocol):
    """The engine as the window process sees it. Commands return at once; events tell outcomes."""

    def set_account(self, account: Account, password: str) -> None:
        """Register this account (RFC 3261 section 10); the password is not kept by the caller."""
        ...

    def remove_account(self, account: AccountId) -> None:
        """Unregister and forget an account."""
        ...

    def set_recording_plan(self, plan: RecordingPlan, journal_key: bytes) -> None:
        """Tell how to record; ``journal_key`` (32 bytes) opens the engine's journal."""
        ...

    def use_language(self, call: CallId, language: str) -> None:
        """Announce in this language (BCP 47) in a call."""
        ...

    def dial(self, account: AccountId, target: str) -> CallId:
        """Start a call to a number or SIP address; outcome arrives as CallChanged."""
        ...

    def answer(self, call: CallId) -> None:
        """Answer an incoming call (200)."""
        ...

    def hang_up(self, call: CallId, status: int = 0) -> None:
        """End, cancel or reject a call (603, or a SIP status that says why)."""
        ...

    def transfer(self, call: CallId, target: str) -> None:
        """Blind transfer (RFC 3515); progress arrives in the call's ``transfer``."""
        ...

    def transfer_to_call(self, call: CallId, other: CallId) -> None:
        """Attended transfer (RFC 3891): nobody has to answer again."""
        ...

    def conference(self, call: CallId, other: CallId) -> None:
        """Mix two calls into a conference of three."""
        ...

    def set_availability(self, availability: Availability) -> None:
        """Set what happens to incoming calls."""
        ...

    def set_agent_state(self, state: AgentState, reason: str = "") -> None:
        """Let calls through, or not; the outcome arrives as AgentStateChanged."""
        ...

    def hold(self, call: CallId, on: bool) -> None:
        """Hold or resume by re-INVITE."""
        ...

    def mute(self, call: CallId, on: bool) -> None:
        """Stop or resume sending the microphone."""
        ...

    def send_dtmf(self, call: CallId, digits: str) -> None:
        """Send digits (0-9 * # A-D) by RFC 4733."""
        ...

    def sound(self, order: SoundOrder) -> None:
        """Ask something of the sound devices; outcomes arrive as events."""
        ...

    def start_recording(self, call: CallId) -> None:
        """Start capture where the plan permits."""
        ...

    def pause_recording(self, call: CallId, reason: GapReason) -> None:
        """Capture nothing until resumed."""
        ...

    def resume_recording(self, call: CallId) -> None:
        """Go on capturing."""
        ...

    def stop_recording(self, call: CallId) -> None:
        """End the recording of a call for good; what there is is sealed. It cannot be begun again
        until :meth:`permit_recording`."""
        ...

    def permit_recording(self, call: CallId) -> None:
        """Let a call be recorded again, and begin where the plan records by itself."""
        ...

    def sealed_recordings(self) -> Sequence[SealedRecording]:
        """Return finished recordings that wait in the journal (blocking, at most seconds)."""
        ...

    def forget_recording(self, recording: RecordingId) -> None:
        """Drop a recording from the journal once the vault has it."""
        ...

    def forget_call(self, call: CallId) -> None:
        """Drop an ended call once the history has it."""
        ...

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> None:
        """Call ``listener`` from the phone's reader thread for each event."""
        ...
