"""The door for the command line: JSON requests to the running phone over a private local socket.

Also what makes a profile single-instance: whoever holds the door's lock is the running phone.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

from softphone.domain.errors import EngineLost
from softphone.engine.door import Door, knock
from softphone.paths import Profile

log = logging.getLogger(__name__)

Handler = Callable[[str, list[str]], dict[str, Any]]
Unsubscribe = Callable[[], None]
Feed = Callable[[Callable[[dict[str, Any]], None]], Unsubscribe]
"""Calls its argument from any thread for each event, until unsubscribed."""
EVENTS = "events"
LARGEST = 1 << 20
LOOK_EVERY_S = 2.0


class ControlServer:
    """Answers the command line; one request a connection."""

    def __init__(self, profile: Profile, handler: Handler, feed: Feed | None = None) -> None:
        """``feed`` is what the command ``events`` prints."""
        profile.prepare()
        self._handler = handler
        self._feed = feed
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
            if request["command"] == EVENTS and self._feed is not None:
                self._stream(connection, self._feed)
                return
            answer = self._handler(str(request["command"]), [str(a) for a in request["arguments"]])
            connection.send_bytes(json.dumps(answer).encode())
        except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("a command was dropped: %s", type(error).__name__)
        finally:
            connection.close()

    @staticmethod
    def _stream(connection: Connection, feed: Feed) -> None:
        """Send events until the other side is gone."""
        waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        unsubscribe = feed(waiting.put)
        try:
            connection.send_bytes(b'{"event": "listening"}')
            while True:
                try:
                    line = waiting.get(timeout=LOOK_EVERY_S)
                except queue.Empty:
                    if connection.poll(0):  # it never speaks: readable means that it is gone
                        return
                    continue
                connection.send_bytes(json.dumps(line).encode())
        finally:
            unsubscribe()


def stream_events(profile: Profile) -> Iterator[dict[str, Any]]:
    """Yield what happens in the running phone until it ends. Raises EngineLost."""
    try:
        connection, token = knock(profile, "control")
        with connection:
            request = {"token": token, "command": EVENTS, "arguments": []}
            connection.send_bytes(json.dumps(request).encode())
            while True:
                try:
                    line = connection.recv_bytes(LARGEST)
                except EOFError:
                    return
                yield json.loads(line)
    except (OSError, ValueError, KeyError) as error:
        raise _not_running() from error


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
        raise _not_running() from error
    return dict(answer)


def _not_running() -> EngineLost:
    return EngineLost(
        "The phone is not running.",
        "Nothing answers for this profile.",
        "Start it with “softphone run”.",
    )
