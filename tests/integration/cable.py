"""A connection that the tests listen to, cut or silence."""

from __future__ import annotations

import socket
import threading


class Cable:
    """A TCP relay that can be cut, and plugged in again; ``swallow`` lets nothing through."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.said = bytearray()
        """What went towards the target."""
        self.swallow = False
        self._open: list[socket.socket] = []
        self._forgotten: frozenset[socket.socket] = frozenset()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._target))
            self._open += [near, far]
            for source, sink, kept in ((near, far, self.said), (far, near, bytearray())):
                threading.Thread(target=self._copy, args=(source, sink, kept), daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket, kept: bytearray) -> None:
        try:
            while data := source.recv(65536):
                kept += data
                if not self.swallow and source not in self._forgotten:
                    sink.sendall(data)
        except OSError:
            return

    def cut(self) -> None:
        """Cut what goes through; a new connection may be made."""
        for one in self._open:
            _end(one)
        self._open.clear()

    def forget(self) -> None:
        """Carry nothing more of what is open and tell nobody, as a NAT does."""
        self._forgotten |= frozenset(self._open)

    def close(self) -> None:
        _end(self._listener)
        self.cut()


def _end(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        one.close()
    one.close()
