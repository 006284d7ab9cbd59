"""The engine's door: one window at a time over a private local socket, with a one-time token."""

from __future__ import annotations

import contextlib
import hmac
import json
import logging
import os
import queue
import secrets
import tempfile
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection, Listener
from pathlib import Path

import msgspec

from softphone.domain.events import EngineEvent
from softphone.domain.recording import SealedRecording
from softphone.engine import wire
from softphone.engine.phone_engine import PhoneEngine
from softphone.paths import Profile, write_private

log = logging.getLogger(__name__)

LONGEST_SOCKET_PATH = 100


def door_file(profile: Profile) -> Path:
    """Where address, token and process id of the running engine stand (0600)."""
    return profile.runtime / "engine.json"


def private_address(profile: Profile, name: str) -> str:
    """Return a local address: a socket in the runtime folder, or a named pipe on Windows."""
    if os.name == "nt":
        return rf"\\.\pipe\softphone-{name}-{secrets.token_hex(8)}"
    path = profile.runtime.resolve() / f"{name}.sock"
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        # AF_UNIX paths hold 107 bytes: a deep profile gets a private folder of its own (0700).
        path = Path(tempfile.mkdtemp(prefix="softphone-")) / f"{name}.sock"
    return str(path)


class EngineServer:
    """Serves one :class:`PhoneEngine`; a window that attaches replaces the one before."""

    def __init__(self, profile: Profile, engine: PhoneEngine) -> None:
        self._profile = profile
        self._engine = engine
        self._token = ""
        self._client: Connection | None = None
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._closing = False
        self.ever_attached = threading.Event()
        self.shut_down = threading.Event()
        self._address = private_address(profile, "engine")
        with contextlib.suppress(FileNotFoundError):
            if os.name != "nt":
                Path(self._address).unlink()
        self._listener = Listener(self._address, family="AF_PIPE" if os.name == "nt" else "AF_UNIX")
        if os.name != "nt":
            Path(self._address).chmod(0o600)
        self._new_token()

    @property
    def attached(self) -> bool:
        """Whether a window is connected."""
        return self._client is not None

    def start(self) -> None:
        """Accept windows on a thread."""
        threading.Thread(target=self._accept, name="door", daemon=True).start()

    def close(self) -> None:
        """Close the door and remove its files."""
        self._closing = True
        self._outgoing.put(None)
        with contextlib.suppress(OSError):
            self._listener.close()
        if self._client is not None:
            self._client.close()
        door_file(self._profile).unlink(missing_ok=True)
        if os.name != "nt":
            Path(self._address).unlink(missing_ok=True)
            if Path(self._address).parent != self._profile.runtime.resolve():
                Path(self._address).parent.rmdir()

    def tell(self, event: EngineEvent) -> None:
        """Send an event to the window, if there is one; never blocks."""
        if self._client is not None:
            self._outgoing.put(wire.encode_event(event))

    # --- inside ---------------------------------------------------------------------------------

    def _new_token(self) -> None:
        self._token = secrets.token_urlsafe(32)
        door = {"address": self._address, "token": self._token, "pid": os.getpid()}
        write_private(door_file(self._profile), json.dumps(door).encode())

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection = self._listener.accept()
            except OSError:
                return
            if self._admits(connection):
                self._serve(connection)

    def _admits(self, connection: Connection) -> bool:
        """Whether the first message, within 5 s, carries the token."""
        try:
            first = wire.decode_command(connection.recv_bytes(4096) if connection.poll(5) else b"")
        except (OSError, EOFError, msgspec.MsgspecError):
            first = None
        admitted = isinstance(first, wire.Attach) and hmac.compare_digest(
            first.token.encode(), self._token.encode()
        )
        if not admitted:
            log.warning("a connection without the token was refused")
            connection.close()
            return False
        self._new_token()
        return True

    def _serve(self, connection: Connection) -> None:
        before, self._client = self._client, None
        if before is not None:
            self._outgoing.put(None)
            before.close()
        self._outgoing = queue.SimpleQueue()
        self._outgoing.put(wire.encode(wire.Attached(os.getpid())))
        threading.Thread(
            target=self._write, args=(connection, self._outgoing), name="door-out", daemon=True
        ).start()
        threading.Thread(target=self._read, args=(connection,), name="door-in", daemon=True).start()
        self.ever_attached.set()

        def attached() -> None:
            # On the SIP thread, so that no change can fall between state and events.
            self._client = connection
            for event in self._engine.present():
                self.tell(event)

        self._engine.stack.post(attached)

    def _write(self, connection: Connection, outgoing: queue.SimpleQueue[bytes | None]) -> None:
        while (data := outgoing.get()) is not None:
            try:
                connection.send_bytes(data)
            except OSError:
                return

    def _read(self, connection: Connection) -> None:
        try:
            while True:
                self._take(connection.recv_bytes(wire.MAX_FRAME))
        except (OSError, EOFError):
            log.info("the window is gone")
        finally:
            if self._client is connection:
                self._client = None
                self._outgoing.put(None)
                self._engine.stack.post(self._engine.window_gone)
            connection.close()

    def _take(self, data: bytes) -> None:
        try:
            command = wire.decode_command(data)
        except msgspec.MsgspecError:
            log.error("a message that is no command was dropped")
            return
        if isinstance(command, wire.ShutDown):
            self.shut_down.set()
        elif isinstance(command, wire.ListSealed):
            outgoing, request = self._outgoing, command.request

            def answer(found: Sequence[SealedRecording], problem: str) -> None:
                outgoing.put(wire.encode(wire.Sealed(request, tuple(found), problem)))

            self._engine.list_sealed(answer)
        else:
            self._engine.stack.post(lambda: self._engine.apply(command))
