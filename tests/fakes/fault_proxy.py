"""A small proxy on loopback that drops, delays, cuts and repeats what goes through it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

_BLOCK = 65_536


class FaultProxy:
    """Listens on a port of its own and passes bytes to another one; TLS goes through untouched.

    ``refuse`` closes at once; ``cut_after`` ends each connection after so many bytes of answers;
    ``hold`` keeps answers back until :meth:`let_go`; ``repeat`` sends the last block of an answer
    twice, which no TLS peer takes for its own.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.refuse = False
        self.cut_after: int | None = None
        self.repeat = False
        self._open = threading.Event()
        self._open.set()
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, name="proxy", daemon=True)
        self._thread.start()

    def hold(self) -> None:
        self._open.clear()

    def let_go(self) -> None:
        self._open.set()

    def close(self) -> None:
        self._open.set()
        # A listener that is only closed goes on waiting in accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for one in sockets:
            _end(one)
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.refuse:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._target))
            with self._lock:
                self._sockets += [near, far]
            for pump in (
                lambda n=near, f=far: self._up(n, f),
                lambda n=near, f=far: self._down(f, n),
            ):
                threading.Thread(target=pump, name="proxy", daemon=True).start()

    def _up(self, near: socket.socket, far: socket.socket) -> None:
        _pump(near, far, lambda data: data)

    def _down(self, far: socket.socket, near: socket.socket) -> None:
        sent = 0

        def pass_on(data: bytes) -> bytes | None:
            nonlocal sent
            self._open.wait(20)
            if self.cut_after is not None:
                data = data[: max(0, self.cut_after - sent)]
                sent += len(data)
                return data or None
            return data + data if self.repeat and sent else data

        _pump(far, near, pass_on)


def _pump(
    source: socket.socket, target: socket.socket, pass_on: Callable[[bytes], bytes | None]
) -> None:
    try:
        while data := source.recv(_BLOCK):
            out = pass_on(data)
            if out is None:
                break
            target.sendall(out)
    except OSError:
        return
    finally:
        _end(source)
        _end(target)


def _end(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
    finally:
        one.close()
