"""What the engine needs of the SIP side, as a Protocol (the adapter is ``softphone.sip.agent``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from softphone.app.media import FrameSink
from softphone.domain.account import Account
from softphone.domain.ids import AccountId, CallId


class SipStack(Protocol):
    """Commands run on the stack's own thread: wrap them in :meth:`post`."""

    def post(self, work: Callable[[], None]) -> None:
        """Run work on the stack's thread."""
        ...

    def run(self) -> None:
        """Run until stopped; called once, on the thread that constructed it."""
        ...

    def stop(self) -> None:
        """Ask :meth:`run` to end."""
        ...

    def set_account(self, account: Account, password: str) -> None:
        """Register."""
        ...

    def remove_account(self, account: AccountId) -> None:
        """Unregister."""
        ...

    def dial(self, account: AccountId, call_id: CallId, target: str) -> None:
        """Place a call."""
        ...

    def answer(self, call: CallId) -> None:
        """Answer."""
        ...

    def hang_up(self, call: CallId) -> None:
        """End."""
        ...

    def hold(self, call: CallId, on: bool) -> None:
        """Hold or resume."""
        ...

    def mute(self, call: CallId, on: bool) -> None:
        """Mute or unmute."""
        ...

    def send_dtmf(self, call: CallId, digits: str) -> None:
        """Send digits."""
        ...

    def attach_recording(self, call: CallId, agent: FrameSink, customer: FrameSink) -> None:
        """Let two sinks hear both sides."""
        ...

    def detach_recording(self, call: CallId) -> None:
        """Take the sinks away."""
        ...
