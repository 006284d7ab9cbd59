"""What commands of the command line work on."""

from __future__ import annotations

from dataclasses import dataclass

from softphone.app.desk import Desk
from softphone.app.ports import Phone
from softphone.app.state import PhoneState
from softphone.domain.call import Call, CallState
from softphone.domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Context:
    """What a command works on; commands run on the vault's lane."""

    desk: Desk | None
    phone: Phone
    state: PhoneState

    def signed_in(self) -> Desk:
        """Return the desk. Raises InvalidInput when nobody is signed in."""
        if self.desk is None:
            raise InvalidInput("Nothing was done.", "Nobody is signed in.", "Sign in first.")
        return self.desk

    def call(self, *states: CallState, named: list[str] | None = None) -> Call:
        """Return the named live call, else the newest, in one of these states if any are given."""
        fitting = [c for c in self.state.live_calls if not states or c.state in states]
        if named:
            fitting = [c for c in fitting if c.id == named[0]]
        if not fitting:
            raise InvalidInput(
                "Nothing was done.", "There is no such call.", "Ask “state” which calls there are."
            )
        return fitting[-1]
