"""Canonical JSON (RFC 8785) of the small subset that is signed or hashed here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

Json = str | int | bool | None | Sequence["Json"] | Mapping[str, "Json"]
_MAX_INTEGER = 2**53 - 1


def canonical_json(value: Json) -> bytes:
    """Return the RFC 8785 bytes of strings, integers, booleans, null, lists and objects.

    Keys must be ASCII, so that sorting by code point is sorting by UTF-16 unit; integers must be
    exact in a double; there are no floats. Raises ValueError for anything else.
    """
    _check(value)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8")


def _check(value: object) -> None:
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) > _MAX_INTEGER:
            raise ValueError("integer is not exact in canonical JSON")
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError("keys of canonical JSON are ASCII here")
            _check(inner)
        return
    if isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
        return
    raise ValueError("only text, integers, lists and objects are canonical here")
