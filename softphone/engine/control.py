"""The door for the command line: JSON requests to the running phone over a private local socket.

Also what makes a profile single-instance: whoever holds the door's lock is the running phone.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from softphone.domain.errors import EngineLost
from softphone.engine.door import Door, knock
from softphone.paths import Profile

log = logging.getLogger(__name__)

Handler = Callable[[str, list[str]], dict[str, Any]]
LARGEST = 1 << 20


class ControlServer:
    """Answers the command line; one request a connection."""

    def __init__(self, profile: Profile, handler: Handler) -> None:
        profile.prepare()
        self._handler = handler
        self._door = Door(profile, "control")
        threading.Thread(target=self._accept, name="control", daemon=True).start()

    def close(self) -> None:
        """Close the door and remove its files."""
        self._door.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._door.accept()
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
            if not self._door.fits(str(request.get("token", ""))):
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
        connection, token = knock(profile, "control")
        with connection:
            request = {"token": token, "command": command, "arguments": arguments}
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
