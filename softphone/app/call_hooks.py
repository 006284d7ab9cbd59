"""What other programs are told of calls: an address to open, a program to start.

Values from the network are data, never syntax: in the address they are percent-encoded, and the
program gets each as one argument, without a shell in between.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol
from urllib.parse import quote

from softphone.domain.call import Call, CallState
from softphone.domain.call_policy import CallPolicy
from softphone.domain.ids import CallId

_CONTROL = {c: None for c in (*range(32), 127)}


class CallMoment(StrEnum):
    """When something is told."""

    RING = "ring"
    ANSWER = "answer"
    END = "end"


class HookRunner(Protocol):
    """Opens and starts; returns at once and never raises."""

    def open(self, url: str) -> None:
        """Show an address in the person's browser."""
        ...

    def start(self, arguments: tuple[str, ...]) -> None:
        """Start a program with these arguments, without a shell."""
        ...


class CallHooks:
    """Follows calls and tells each moment of a call once."""

    def __init__(self, runner: HookRunner) -> None:
        self._runner = runner
        self._told: dict[CallId, CallMoment] = {}

    def follow(self, call: Call, rules: CallPolicy, name: str) -> None:
        """Take a snapshot of a call; ``name`` is the contact's, or what the far side says."""
        moment = _moment(call)
        if moment is None or self._told.get(call.id) is moment:
            return
        self._told[call.id] = moment
        if moment is CallMoment.END:
            del self._told[call.id]
        values = _values(call, moment, name)
        if rules.url_template and moment.value == rules.url_when:
            self._runner.open(fill_url(rules.url_template, values))
        if rules.hook:
            self._runner.start(fill_arguments(rules.hook, values))


def _moment(call: Call) -> CallMoment | None:
    if not call.live:
        return CallMoment.END
    if call.established_at is not None:
        return CallMoment.ANSWER
    if call.state in (CallState.INCOMING, CallState.RINGING):
        return CallMoment.RING
    return None


def _values(call: Call, moment: CallMoment, name: str) -> dict[str, str]:
    given = {
        "event": moment.value,
        "call": call.id,
        "direction": call.direction.value,
        "number": call.number,
        "name": name,
        "status": str(call.status),
        "disposition": call.disposition.value if call.disposition else "",
    }
    return {key: value.translate(_CONTROL) for key, value in given.items()}


def fill_url(template: str, values: dict[str, str]) -> str:
    """Return the address with every value percent-encoded (RFC 3986)."""
    for key, value in values.items():
        template = template.replace("{" + key + "}", quote(value, safe=""))
    return template


def fill_arguments(template: tuple[str, ...], values: dict[str, str]) -> tuple[str, ...]:
    """Return the arguments; a value stays one argument whatever is in it.

    A value never becomes an option: where it begins an argument, a leading ``-`` is taken away.
    """
    program, *rest = template
    filled = []
    for part in rest:
        done = part
        for key, value in values.items():
            blank = "{" + key + "}"
            done = done.replace(blank, value.lstrip("-") if part.startswith(blank) else value)
        filled.append(done)
    return (program, *filled)
