"""Brings the database to the newest version by numbered SQL files."""

from __future__ import annotations

import re
from importlib import resources

from softphone.domain.errors import Damaged
from softphone.vault.database import Connection

_NAME = re.compile(r"([0-9]{4})\.sql")
_PACKAGE = "softphone.vault.migrations"


def newest_version() -> int:
    """Return the version of the newest migration."""
    return max(_scripts())


def migrate(connection: Connection) -> int:
    """Run what is missing, each file in a transaction of its own; returns the version.

    Raises Damaged for a vault made by a newer program.
    """
    scripts = _scripts()
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > max(scripts):
        raise Damaged(
            "The vault cannot be opened.",
            "A newer version of the program made it.",
            "Install the newest version.",
        )
    for number in sorted(scripts):
        if number > version:
            connection.executescript(
                f"BEGIN IMMEDIATE;\n{scripts[number]}\nPRAGMA user_version={number};\nCOMMIT;"
            )
    return max(scripts)


def _scripts() -> dict[int, str]:
    found: dict[int, str] = {}
    for entry in resources.files(_PACKAGE).iterdir():
        match = _NAME.fullmatch(entry.name)
        if match:
            found[int(match[1])] = entry.read_text(encoding="utf-8")
    return found
