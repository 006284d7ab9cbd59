"""The engine's door: one window at a time over a private local socket, with a one-time token."""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection

import msgspec

from softphone.domain.events import EngineEvent
from softphone.domain.recording import SealedRecording
from softphone.engine import wire
from softphone.engine.door import Door
from softphone.engine.phone_engine import PhoneEngine
from softphone.paths import Profile

log = logging.getLogger(__name__)


class EngineServer:
    """Serves one :class:`PhoneEngine`; a window that attaches replaces the one before."""

    def __init__(self, profile: Profile, engine: PhoneEngine) -> None:
        self._engine = engine
        self._client: Connection | None = None
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._closing = False
        self.ever_attached = threading.Event()
        self.shut_down = threading.Event()
        self._door = Door(profile, "engine")

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
        self._door.close()
        if self._client is not None:
            self._client.close()

    def tell(self, event: EngineEvent) -> None:
        """Send an event to the window, if there is one; never blocks."""
        if self._client is not None:
            self._outgoing.put(wire.encode_event(event))

    # --- inside ---------------------------------------------------------------------------------

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection = self._door.accept()
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
        admitted = isinstance(first, wire.Attach) and self._door.fits(first.token)
        if not admitted:
            log.warning("a connection without the token was refused")
            connection.close()
            return False
        self._door.renew_token()
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
