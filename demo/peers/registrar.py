"""A tiny TLS registrar and stateless proxy for the demo, where Kamailio is not installed.

Digest for REGISTER, one binding a user, requests passed to the connection their URI names
(RFC 3261 sections 10.3, 16.11). Run as a process: ``python -m demo.peers.registrar``.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
import ssl
import sys
from pathlib import Path
from typing import Self

from demo.peers.authority import ServerFiles
from demo.peers.processes import Process, RegistrarProcess, free_port, wait_for_port
from softphone.sip.message import PING, PONG, Framer, MalformedMessage, Message
from softphone.sip.uri import parse_name_addr, parse_uri


class Registrar:
    """The server side; state is one event loop's."""

    def __init__(self, domain: str, accounts: dict[str, str], numbers: dict[str, str]) -> None:
        self._domain = domain
        self._accounts = accounts
        self._numbers = numbers
        self._nonces: set[str] = set()
        self._users: dict[str, asyncio.StreamWriter] = {}
        self._contacts: dict[str, str] = {}
        self._places: dict[str, asyncio.StreamWriter] = {}
        self._origins: dict[str, asyncio.StreamWriter] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = writer.get_extra_info("peername")[:2]
        place = f"{host}:{port}"
        self._places[place] = writer
        framer = Framer()
        try:
            while data := await reader.read(65536):
                for item in framer.feed(data):
                    if isinstance(item, Message):
                        self._take(item, writer)
                    elif item == PING:
                        writer.write(PONG)
        except (OSError, MalformedMessage):
            writer.transport.abort()
        finally:
            self._places.pop(place, None)

    def _take(self, message: Message, origin: asyncio.StreamWriter) -> None:
        if not message.is_request:
            self._respond(message)
        elif message.method == "REGISTER":
            self._register(message, origin)
        else:
            self._forward(message, origin)

    def _respond(self, message: Message) -> None:
        vias = message.values("Via")
        branch = _branch(vias[0]) if vias else ""
        origin = self._origins.get(branch)
        if origin is not None and len(vias) > 1:
            message.set_values("Via", vias[1:])
            origin.write(message.encode())

    def _forward(self, message: Message, origin: asyncio.StreamWriter) -> None:
        uri = parse_uri(message.uri)
        if uri is None:
            return
        user = self._numbers.get(uri.user, uri.user)
        if uri.host == self._domain:
            target = self._users.get(user)
            if user in self._contacts:
                message.start = f"{message.method} {self._contacts[user]} SIP/2.0"
        else:
            target = self._places.get(f"{uri.host}:{uri.port}")
        if target is None:
            if message.method != "ACK":
                _answer(origin, message, 404, "Not Found")
            return
        vias = message.values("Via")
        branch = "z9hG4bK" + hashlib.sha256(_branch(vias[0]).encode()).hexdigest()[:24]
        self._origins[branch] = origin
        message.set_values("Via", [f"SIP/2.0/TLS 127.0.0.1;branch={branch}", *vias])
        target.write(message.encode())

    def _register(self, message: Message, origin: asyncio.StreamWriter) -> None:
        address = parse_uri(parse_name_addr(message.first("To")).uri)
        user = address.user if address else ""
        if not self._authentic(user, message):
            nonce = secrets.token_hex(16)
            self._nonces.add(nonce)
            challenge = f'Digest realm="{self._domain}", nonce="{nonce}", algorithm=MD5'
            _answer(origin, message, 401, "Unauthorized", [("WWW-Authenticate", challenge)])
            return
        contacts = message.values("Contact")
        self._users[user] = origin
        self._contacts[user] = parse_name_addr(contacts[0]).uri if contacts else ""
        expires = message.first("Expires") or "300"
        if expires == "0":
            self._users.pop(user, None)
        bound = [("Contact", f"{c};expires={expires}") for c in contacts]
        _answer(origin, message, 200, "OK", bound)

    def _authentic(self, user: str, message: Message) -> bool:
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', message.first("Authorization")))
        password = self._accounts.get(user)
        if password is None or given.get("nonce") not in self._nonces:
            return False
        one = _md5(f"{user}:{self._domain}:{password}")
        two = _md5(f"REGISTER:{given.get('uri', '')}")
        return secrets.compare_digest(
            given.get("response", ""), _md5(f"{one}:{given['nonce']}:{two}")
        )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _branch(via: str) -> str:
    found = re.search(r"branch=([^;,\s]+)", via)
    return found[1] if found else ""


def _answer(
    writer: asyncio.StreamWriter,
    request: Message,
    status: int,
    reason: str,
    more: list[tuple[str, str]] | None = None,
) -> None:
    kept = ("via", "from", "to", "call-id", "cseq")
    copied = [(k, v) for k, v in request.headers if k.lower() in kept]
    copied = [
        (k, f"{v};tag={secrets.token_hex(6)}" if k.lower() == "to" and ";tag=" not in v else v)
        for k, v in copied
    ]
    writer.write(Message(f"SIP/2.0 {status} {reason}", [*copied, *(more or [])]).encode())


class SmallRegistrar(RegistrarProcess):
    """Starts the registrar as a process; same face as :class:`demo.peers.kamailio.Kamailio`."""

    def __init__(
        self,
        folder: Path,
        files: ServerFiles,
        accounts: dict[str, str],
        *,
        domain: str = "phone.example",
        numbers: dict[str, str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.port = free_port()
        self.domain = domain
        self._folder = folder
        self._settings = folder / "registrar.json"
        self._settings.touch(mode=0o600)
        self._settings.write_text(
            json.dumps(
                {
                    "port": self.port,
                    "certificate": str(files.certificate),
                    "key": str(files.key),
                    "domain": domain,
                    "accounts": accounts,
                    "numbers": numbers or {},
                }
            )
        )

    def start(self) -> Self:
        self.process = Process(
            [sys.executable, "-m", "demo.peers.registrar", str(self._settings)],
            self._folder / "registrar.log",
        )
        wait_for_port(self.port, self.process)
        return self


async def _main(settings: dict[str, object]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(settings["certificate"]), str(settings["key"]))
    registrar = Registrar(
        str(settings["domain"]),
        dict(settings["accounts"]),  # type: ignore[call-overload]
        dict(settings["numbers"]),  # type: ignore[call-overload]
    )
    server = await asyncio.start_server(
        registrar.serve, "127.0.0.1", int(str(settings["port"])), ssl=context
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(json.loads(Path(sys.argv[1]).read_text())))
