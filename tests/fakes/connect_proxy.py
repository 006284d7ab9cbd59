"""An HTTP proxy that knows CONNECT only (RFC 9110 section 9.3.6)."""

from __future__ import annotations

import socket
import threading

from tests.fakes.fault_proxy import _end, _pump


class ConnectProxy:
    """Notes whom it was asked for, and passes the bytes on."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.asked: list[str] = []
        self._thread = threading.Thread(target=self._serve, name="proxy", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            head = b""
            while b"\r\n\r\n" not in head:
                head += near.recv(4096)
            method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
            if method != "CONNECT":
                _end(near)
                continue
            self.asked.append(target)
            host, _, port = target.rpartition(":")
            far = socket.create_connection((host, int(port)))
            near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            for ends in ((near, far), (far, near)):
                threading.Thread(
                    target=_pump, args=(*ends, lambda data: data), name="proxy", daemon=True
                ).start()
