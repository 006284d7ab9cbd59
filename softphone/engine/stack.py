"""What the engine needs of the SIP side, as Protocols (the adapter is ``softphone.sip.agent``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from softphone.app.media import FrameSource, RecordingSink
from softphone.domain.account import Account
from softphone.domain.call import Availability
from softphone.domain.call_policy import CallPolicy
from softphone.domain.ids import AccountId, CallId
from softphone.domain.phone_build import PhoneBuild


class StackLines(Protocol):
    """Accounts."""

    def set_account(self, account: Account, password: str) -> None:
        """Register."""
        ...

    def remove_account(self, account: AccountId) -> None:
        """Unregister."""
        ...


class StackCalls(Protocol):
    """Calls."""

    def dial(self, account: AccountId, call_id: CallId, target: str) -> None:
        """Place a call; others are held."""
        ...

    def answer(self, call: CallId) -> None:
        """Answer; others are held."""
        ...

    def hang_up(self, call: CallId, status: int = 0) -> None:
        """End, cancel or decline."""
        ...

    def hold(self, call: CallId, on: bool) -> None:
        """Hold or resume."""
        ...

    def mute(self, call: CallId, on: bool) -> None:
        """Mute or unmute."""
        ...

    def send_dtmf(self, call: CallId, digits: str, *, by_info: bool = False) -> None:
        """Send digits."""
        ...

    def transfer(self, call: CallId, target: str) -> None:
        """Blind transfer."""
        ...

    def transfer_to_call(self, call: CallId, other: CallId) -> None:
        """Attended transfer."""
        ...

    def conference(self, call: CallId, other: CallId) -> None:
        """Mix two calls."""
        ...

    def set_availability(self, availability: Availability) -> None:
        """Set what happens to incoming calls."""
        ...


class StackTaps(Protocol):
    """What listens to calls, and speaks into them, besides their two sides."""

    def attach_recording(self, call: CallId, agent: RecordingSink, customer: RecordingSink) -> None:
        """Let two sinks hear both sides."""
        ...

    def detach_recording(self, call: CallId) -> None:
        """Take the sinks away."""
        ...

    def attach_notice(self, call: CallId, notice: FrameSource) -> None:
        """Let both sides and the recording hear a source."""
        ...

    def detach_notice(self, call: CallId) -> None:
        """Take the source away."""
        ...


class SipStack(Protocol):
    """``calls``, ``lines``, ``taps``: on the stack's own thread only, wrapped in :meth:`post`."""

    @property
    def build(self) -> PhoneBuild:
        """What the library can do (any thread)."""
        ...

    @property
    def calls(self) -> StackCalls:
        """All calls."""
        ...

    @property
    def lines(self) -> StackLines:
        """All accounts."""
        ...

    @property
    def taps(self) -> StackTaps:
        """Recording's ears and notices."""
        ...

    def set_policy(self, policy: CallPolicy) -> None:
        """Use these rules for all lines and calls."""
        ...

    def post(self, work: Callable[[], None]) -> None:
        """Run work on the stack's thread."""
        ...

    def run(self) -> None:
        """Run until stopped; called once, on the thread that constructed it."""
        ...

    def stop(self) -> None:
        """Ask :meth:`run` to end."""
        ...
