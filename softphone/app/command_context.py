"""What commands of the command line work on, and how they read what was given to them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from softphone.app.desk import Desk
from softphone.app.ports import Phone
from softphone.app.state import PhoneState
from softphone.domain.call import Call, CallState
from softphone.domain.errors import InvalidInput

Answer = dict[str, Any]


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


def exactly(arguments: list[str], wanted: str, count: int) -> list[str]:
    """Return the arguments if there are ``count``. Raises InvalidInput."""
    if len(arguments) != count:
        raise InvalidInput(
            "Nothing was done.", "Something is missing or too much.", f"Give {wanted}."
        )
    return arguments


def whole_path(text: str) -> Path:
    """Return a path from the root. Raises InvalidInput: the phone works in another folder."""
    if not Path(text).is_absolute():
        raise InvalidInput(
            "Nothing was done.",
            "The running phone works in another folder.",
            "Give the whole path.",
        )
    return Path(text)


def options(arguments: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return ``--name=value`` parts as a table (``--name`` alone is ``yes``), then the rest."""
    table: dict[str, str] = {}
    rest: list[str] = []
    for argument in arguments:
        if argument.startswith("--") and len(argument) > 2:
            name, _, value = argument[2:].partition("=")
            table[name] = value or "yes"
        else:
            rest.append(argument)
    return table, rest
