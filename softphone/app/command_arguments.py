"""Arguments of commands, taken apart with words for what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from softphone.app.desk import Desk
from softphone.domain.errors import InvalidInput

Answer = dict[str, Any]
Run = Callable[[Desk, list[str]], Answer]


def take(arguments: list[str], wanted: str, least: int, most: int | None = None) -> list[str]:
    """Return the arguments when there are as many as it takes. Raises InvalidInput."""
    if not least <= len(arguments) <= (least if most is None else most):
        raise InvalidInput(
            "Nothing was done.", "Something is missing or too much.", f"Give {wanted}."
        )
    return arguments


def one_of(kind: Any, text: str, what: str) -> Any:
    """Return the member of an enumeration. Raises InvalidInput, naming them all."""
    if text not in {member.value for member in kind}:
        names = ", ".join(member.value for member in kind)
        raise InvalidInput("Nothing was done.", f"There is no such {what}.", f"There are: {names}.")
    return kind(text)


def whole_path(text: str) -> Path:
    """Return an absolute path. Raises InvalidInput."""
    if not Path(text).is_absolute():
        raise InvalidInput(
            "Nothing was done.",
            "The running phone works in another folder.",
            "Give the whole path.",
        )
    return Path(text)


def fields_of(arguments: list[str]) -> dict[str, str]:
    """Return ``name=value`` arguments by name. Raises InvalidInput."""
    pairs = [argument.partition("=") for argument in arguments]
    if any(not equals for _, equals, _ in pairs):
        raise InvalidInput("Nothing was done.", "A field has no value.", "Give field=value.")
    return {key: value for key, _, value in pairs}


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
