"""The door for the command line: JSON requests to the running phone over a private local socket.

Also what makes a profile single-instance: whoever holds the door's lock is the running phone.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import logging
import os
import secrets
import threading
from collections.abc import Callable
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

from softphone.domain.errors import EngineLost
from softphone.engine.server import private_address
from softphone.paths import Profile, write_private

log = logging.getLogger(__name__)

Handler = Callable[[str, list[str]], dict[str, Any]]
LARGEST = 1 << 20


def control_file(profile: Profile) -> Path:
    """Where address and token of the running window stand (0600)."""
    return profile.runtime / "control.json"


class ControlServer:
    """Answers the command line; one request a connection."""

    def __init__(self, profile: Profile, handler: Handler) -> None:
        profile.prepare()
        self._profile = profile
        self._handler = handler
        self._token = secrets.token_urlsafe(32)
        self._address = private_address(profile, "control")
        if os.name != "nt":
            Path(self._address).unlink(missing_ok=True)
        self._listener = Listener(self._address, family="AF_PIPE" if os.name == "nt" else "AF_UNIX")
        if os.name != "nt":
            Path(self._address).chmod(0o600)
        door = {"address": self._address, "token": self._token, "pid": os.getpid()}
        write_private(control_file(profile), json.dumps(door).encode())
        threading.Thread(target=self._accept, name="control", daemon=True).start()

    def close(self) -> None:
        """Close the door and remove its files."""
        control_file(self._profile).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._listener.close()
        if os.name != "nt":
            Path(self._address).unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError:
                return
            threading.Thread(
                target=self._serve, args=(connection,), name="control-one", daemon=True
            ).start()

    def _serve(self, connection: Connection) -> None:
        try:
            if not connection.poll(5):
                return
            request = json.loads(connection.recv_bytes(LARGEST))
            if not hmac.compare_digest(str(request.get("token", "")), self._token):
                log.warning("a command without the token was refused")
                return
            answer = self._handler(str(request["command"]), [str(a) for a in request["arguments"]])
            connection.send_bytes(json.dumps(answer).encode())
        except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("a command was dropped: %s", type(error).__name__)
        finally:
            connection.close()


def send_command(
    profile: Profile, command: str, arguments: list[str], within_s: float = 30.0
) -> dict[str, Any]:
    """Send a command to the running phone and return its answer. Raises EngineLost."""
    try:
        door = json.loads(control_file(profile).read_text("utf-8"))
        family = "AF_PIPE" if str(door["address"]).startswith("\\\\") else "AF_UNIX"
        with Client(door["address"], family=family) as connection:
            request = {"token": door["token"], "command": command, "arguments": arguments}
            connection.send_bytes(json.dumps(request).encode())
            if not connection.poll(within_s):
                raise OSError("no answer")
            answer = json.loads(connection.recv_bytes(LARGEST))
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise EngineLost(
            "The phone is not running.",
            "Nothing answers for this profile.",
            "Start it with “softphone run”.",
        ) from error
    return dict(answer)
