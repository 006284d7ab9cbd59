"""RFC 4475 through the edge into a live engine: nothing ends it, and it registers again."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from pathlib import Path

import pytest

from demo.peers.authority import Authority
from softphone.domain.account import RegistrationState
from softphone.domain.events import RegistrationChanged
from softphone.sip.message import Framer, Message
from tests.integration.conftest import Phone
from tests.integration.ipv6_torture import MESSAGES

USUAL = Path(__file__).parents[2].parent / "shared/vectors/rfc4475"
FOLDER = Path(os.environ.get("RFC4475", USUAL))
pytestmark = [pytest.mark.timeout(180)]


class RudeRegistrar:
    """Accepts every REGISTER, then says the next rude things until the phone cuts the line."""

    def __init__(self, authority: Authority, rude: list[bytes]) -> None:
        files = authority.issue("localhost", label="rude")
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(files.certificate, files.key)
        self._rude = rude
        self.said = 0
        self.answers = 0
        self.done = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(60)
        self.server = f"localhost:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self.done.is_set():
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            try:
                with self._context.wrap_socket(plain, server_side=True) as line:
                    line.settimeout(0.4)
                    self._talk(line)
            except OSError:
                continue

    def _talk(self, line: ssl.SSLSocket) -> None:
        framer = Framer()
        self._listen(line, framer, until_register=True)
        while self.said < len(self._rude):
            self.said += 1
            line.sendall(self._rude[self.said - 1])
            if not self._listen(line, framer):
                return
        self.done.set()
        self._listener.settimeout(1)

    def _listen(self, line: ssl.SSLSocket, framer: Framer, *, until_register: bool = False) -> bool:
        """Answer REGISTERs until silence; False when the phone cut the line."""
        while True:
            try:
                data = line.recv(65536)
            except TimeoutError:
                if until_register:
                    continue
                return True
            if not data:
                return False
            for item in framer.feed(data):
                if isinstance(item, Message) and item.is_request and item.method == "REGISTER":
                    line.sendall(_ok(item))
                    until_register = False
                elif isinstance(item, Message) and not item.is_request:
                    self.answers += 1

    def close(self) -> None:
        self._listener.close()
        self._thread.join(timeout=5)


def _ok(request: Message) -> bytes:
    kept = [h for h in request.headers if h[0].lower() in ("via", "from", "call-id", "cseq")]
    contacts = [("Contact", f"{c};expires=300") for c in request.values("Contact")]
    to = [("To", f"{request.first('To')};tag=rude")]
    return Message("SIP/2.0 200 OK", [*kept, *to, *contacts]).encode()


def rfc4475() -> list[bytes]:
    return [path.read_bytes() for path in sorted(FOLDER.glob("*.dat"))]


def rfc5118() -> list[bytes]:
    return [data for data, _ in MESSAGES.values()]


@pytest.mark.parametrize(
    "collection",
    [
        pytest.param(
            rfc4475,
            marks=pytest.mark.skipif(
                not FOLDER.is_dir(), reason="the folder of outside vectors is absent"
            ),
        ),
        rfc5118,
    ],
)
def test_nothing_ends_the_engine(phone: Phone, authority: Authority, collection):
    rude = collection()
    registrar = RudeRegistrar(authority, rude)
    pid = phone.client.pid
    phone.register(registrar.server, authority.ca_file)
    phone.wait(
        lambda e: (
            isinstance(e, RegistrationChanged)
            and e.registration.state is RegistrationState.REGISTERED
        )
    )
    assert registrar.done.wait(150), f"only {registrar.said} of {len(rude)} were said"
    os.kill(pid, 0)  # raises when the engine is gone
    assert phone.client.attached
    assert registrar.answers > 0
    registrar.close()
