"""A private local door: a socket (0600) or named pipe, and a file that says where it is.

The file holds address, token and process id (0600). Engine and window each have one.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import tempfile
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

from softphone.paths import Profile, write_private

LONGEST_SOCKET_PATH = 100
PIPES = os.name == "nt"


def door_file(profile: Profile, name: str = "engine") -> Path:
    """Where address, token and process id of the running program stand."""
    return profile.runtime / f"{name}.json"


def _address(profile: Profile, name: str) -> str:
    if PIPES:
        return rf"\\.\pipe\softphone-{name}-{secrets.token_hex(8)}"
    path = profile.runtime.resolve() / f"{name}.sock"
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        # AF_UNIX paths hold 107 bytes: a deep profile gets a private folder of its own (0700).
        path = Path(tempfile.mkdtemp(prefix="softphone-")) / f"{name}.sock"
    return str(path)


class Door:
    """The listening side."""

    def __init__(self, profile: Profile, name: str) -> None:
        self._profile = profile
        self._name = name
        self._address = _address(profile, name)
        if not PIPES:
            Path(self._address).unlink(missing_ok=True)
        self._listener = Listener(self._address, family="AF_PIPE" if PIPES else "AF_UNIX")
        if not PIPES:
            Path(self._address).chmod(0o600)
        self._token = ""
        self.renew_token()

    def renew_token(self) -> None:
        """Make the token known so far worthless."""
        self._token = secrets.token_urlsafe(32)
        said = {"address": self._address, "token": self._token, "pid": os.getpid()}
        write_private(door_file(self._profile, self._name), json.dumps(said).encode())

    def fits(self, token: str) -> bool:
        """Whether a token is the right one (constant time)."""
        return hmac.compare_digest(token.encode(), self._token.encode())

    def accept(self) -> Connection:
        """Wait for a connection. Raises OSError once closed."""
        return self._listener.accept()

    def close(self) -> None:
        """Close the door and remove its files."""
        door_file(self._profile, self._name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._listener.close()
        if not PIPES:
            path = Path(self._address)
            path.unlink(missing_ok=True)
            if path.parent != self._profile.runtime.resolve():
                path.parent.rmdir()


def knock(profile: Profile, name: str = "engine") -> tuple[Connection, str]:
    """Connect to a door and return the token to show. Raises OSError, ValueError, KeyError."""
    said = json.loads(door_file(profile, name).read_text("utf-8"))
    address = str(said["address"])
    family = "AF_PIPE" if address.startswith("\\\\") else "AF_UNIX"
    return Client(address, family=family), str(said["token"])
