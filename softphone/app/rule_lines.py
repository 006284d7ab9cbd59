"""Rules for calls as people type them: one a line. Parsing never guesses: a bad line is named."""

from __future__ import annotations

import shlex

from softphone.domain.call import Direction
from softphone.domain.call_policy import Colleague, RecordingRule
from softphone.domain.errors import InvalidInput
from softphone.domain.ids import UserId

_KEYS = ("direction", "account", "number", "agent")


def colleague_lines(colleagues: tuple[Colleague, ...]) -> str:
    """Return ``name, extension`` lines."""
    return "\n".join(f"{c.name}, {c.address}" for c in colleagues)


def colleagues_from(text: str) -> tuple[Colleague, ...]:
    """Read ``name, extension`` lines. Raises InvalidInput."""
    found = []
    for number, line in _lines(text):
        name, comma, address = line.rpartition(",")
        if not comma or not name.strip() or not address.strip():
            raise _bad(number, "A colleague is a name, a comma, and an extension.")
        found.append(Colleague(name.strip(), address.strip()))
    return tuple(found)


def rule_lines(rules: tuple[RecordingRule, ...]) -> str:
    """Return ``always|never key=value ...`` lines."""
    return "\n".join(_line(rule) for rule in rules)


def rules_from(text: str) -> tuple[RecordingRule, ...]:
    """Read ``always|never key=value ...`` lines. Raises InvalidInput."""
    return tuple(_rule(number, line) for number, line in _lines(text))


def words_from(text: str) -> tuple[str, ...]:
    """Split a program and its arguments as written, without a shell. Raises InvalidInput."""
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise InvalidInput(
            "The rules were not changed.", "A quotation mark is not closed.", "Close it."
        ) from error


def _lines(text: str) -> list[tuple[int, str]]:
    return [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]


def _line(rule: RecordingRule) -> str:
    parts = ["always" if rule.record else "never"]
    values = (rule.direction, rule.account, rule.number, rule.agent)
    parts += [f"{k}={v}" for k, v in zip(_KEYS, values, strict=True) if v]
    return " ".join(parts)


def _rule(number: int, line: str) -> RecordingRule:
    word, *rest = line.split()
    if word not in ("always", "never"):
        raise _bad(number, "A rule begins with “always” or “never”.")
    given = dict(part.partition("=")[::2] for part in rest)
    if set(given) - set(_KEYS) or not all(given.values()):
        raise _bad(number, f"Conditions are {', '.join(_KEYS)}, each with = and a value.")
    try:
        direction = Direction(given["direction"]) if "direction" in given else None
    except ValueError as error:
        raise _bad(number, "The direction is incoming or outgoing.") from error
    agent = UserId(given["agent"]) if "agent" in given else None
    return RecordingRule(
        word == "always", direction, given.get("account", ""), given.get("number", ""), agent
    )


def _bad(number: int, why: str) -> InvalidInput:
    return InvalidInput("The rules were not changed.", f"Line {number}: {why}", "Correct it.")
