"""The edge: PJSIP speaks TCP on loopback to it, it speaks TLS to the registrar.

One edge an account. It lives on the asyncio thread of :mod:`softphone.sip.edge_thread`; what
happens is told through ``on_change`` as frozen values.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

import psutil

from softphone.domain.errors import SoftphoneError
from softphone.sip.locate import Target, locate
from softphone.sip.message import PING, PONG, Framer, MalformedMessage, Message
from softphone.sip.rewrite import Rewriter
from softphone.sip.tls import client_context, explain

log = logging.getLogger(__name__)
_random = secrets.SystemRandom()

CONNECT_TIMEOUT_S = 8.0
PING_EVERY_S = 25.0
PONG_WITHIN_S = 10.0
FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 60.0


@dataclass(frozen=True, slots=True)
class EdgeUp:
    """TLS to the registrar stands. ``local_ip`` is our address towards it."""

    tls: str
    local_ip: str
    edge_port: int


@dataclass(frozen=True, slots=True)
class EdgeDown:
    """There is no TLS connection; the next try is in ``retry_s`` seconds."""

    problem: SoftphoneError
    retry_s: float


Change = EdgeUp | EdgeDown


class Edge:
    """The TLS side of one account, and the loopback listener PJSIP uses as its proxy."""

    def __init__(self, server: str, ca_file: str, on_change: Callable[[Change], None]) -> None:
        self._server = server
        self._ca_file = ca_file
        self._on_change = on_change
        self._inner: asyncio.StreamWriter | None = None
        self._outer: asyncio.StreamWriter | None = None
        self._rewriter = Rewriter(0, "")
        self._pong = asyncio.Event()
        self._pongs_seen = False
        self._retry_now = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen on loopback and begin to connect; returns the listener's port."""
        self._listener = await asyncio.start_server(self._serve_inner, "127.0.0.1", 0)
        port = int(self._listener.sockets[0].getsockname()[1])
        self._rewriter.edge_port = port
        self._spawn(self._keep_connected())
        return port

    async def stop(self) -> None:
        """Close everything."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._listener is not None:
            self._listener.close()
        for writer in (self._inner, self._outer):
            if writer is not None:
                writer.close()

    def retry(self) -> None:
        """Try to connect at once (network came back, the person asked)."""
        self._retry_now.set()

    def wake(self) -> None:
        """Make the SIP stack's poll return (edge's thread)."""
        if self._inner is not None:
            self._inner.write(PONG)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- towards the registrar ------------------------------------------------------------------

    async def _keep_connected(self) -> None:
        wait = FIRST_RETRY_S
        while True:
            try:
                up = await self._connect()
            except (OSError, SoftphoneError, ssl.SSLError, EOFError) as error:
                problem = explain(error, self._server)
            else:
                wait = FIRST_RETRY_S
                self._on_change(up)
                problem = await self._run_outer()
            self._on_change(EdgeDown(problem, wait))
            # Half of it is jitter: a thousand phones must not come back in step (RFC 5626, 4.5).
            pause = wait * (0.5 + _random.random() / 2)
            self._retry_now.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._retry_now.wait(), pause)
            wait = min(wait * 2, LONGEST_RETRY_S)

    async def _connect(self) -> EdgeUp:
        context = client_context(self._ca_file)
        failure: BaseException = OSError("no target")
        for target in await locate(self._server):
            try:
                return await self._connect_to(target, context)
            except (OSError, ssl.SSLError) as error:
                failure = error
        raise failure

    async def _connect_to(self, target: Target, context: ssl.SSLContext) -> EdgeUp:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            self._reader, writer = await asyncio.open_connection(
                target.host, target.port, ssl=context, server_hostname=target.verify_as
            )
        host, port = writer.get_extra_info("sockname")[:2]
        shown = f"[{host}]" if ":" in host else host
        self._rewriter.outer = f"{shown}:{port}"
        self._outer = writer
        version = str(writer.get_extra_info("ssl_object").version())
        return EdgeUp(version.replace("TLSv", "TLS "), host, self._rewriter.edge_port)

    async def _run_outer(self) -> SoftphoneError:
        assert self._outer is not None  # noqa: S101 - set by _connect_to just before
        pinging = asyncio.ensure_future(self._ping(self._outer))
        try:
            await self._pump(self._reader, self._from_outer)
            return explain(ConnectionResetError(), self._server)
        except (OSError, ssl.SSLError, MalformedMessage) as error:
            return explain(
                ConnectionResetError() if isinstance(error, MalformedMessage) else error,
                self._server,
            )
        finally:
            pinging.cancel()
            outer, self._outer = self._outer, None
            outer.transport.abort()

    async def _ping(self, writer: asyncio.StreamWriter) -> None:
        """Keep the flow open, and notice a dead one (RFC 5626 section 4.4.1)."""
        while True:
            await asyncio.sleep(PING_EVERY_S)
            self._pong.clear()
            writer.write(PING)
            try:
                await asyncio.wait_for(self._pong.wait(), PONG_WITHIN_S)
                self._pongs_seen = True
            except TimeoutError:
                # Registrars without outbound support never answer; only a lost habit counts.
                if self._pongs_seen:
                    writer.transport.abort()
                    return

    def _from_outer(self, item: Message | bytes) -> None:
        if item == PONG:
            self._pong.set()
        elif item == PING and self._outer is not None:
            self._outer.write(PONG)
        elif isinstance(item, Message) and self._inner is not None:
            self._inner.write(self._rewriter.inbound(item).encode())
        elif isinstance(item, Message) and item.is_request and item.method != "ACK":
            self._answer(self._outer, item, 480, "Temporarily Unavailable")

    # --- towards PJSIP --------------------------------------------------------------------------

    async def _serve_inner(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if not _is_own_socket(writer.get_extra_info("peername")):
            log.warning("a foreign connection to the edge was refused")
            writer.transport.abort()
            return
        self._inner = writer
        try:
            await self._pump(reader, self._from_inner)
        except (OSError, MalformedMessage) as error:
            log.warning("the connection from the SIP stack ended: %s", type(error).__name__)
        finally:
            if self._inner is writer:
                self._inner = None
            writer.transport.abort()

    def _from_inner(self, item: Message | bytes) -> None:
        if item == PING and self._inner is not None:
            self._inner.write(PONG)
        elif isinstance(item, Message):
            if self._outer is not None:
                self._outer.write(self._rewriter.outbound(item).encode())
            elif item.is_request and item.method != "ACK":
                self._answer(self._inner, item, 503, "Service Unavailable")

    async def _pump(
        self, reader: asyncio.StreamReader, deliver: Callable[[Message | bytes], None]
    ) -> None:
        framer = Framer()
        while data := await reader.read(65536):
            while True:
                try:
                    for item in framer.feed(data):
                        deliver(item)
                    break
                except MalformedMessage as error:
                    if error.fatal:
                        raise
                    log.warning("a malformed message was dropped: %s", error.why)
                    data = b""

    def _answer(
        self, writer: asyncio.StreamWriter | None, request: Message, status: int, reason: str
    ) -> None:
        """Answer a request that cannot be passed on (RFC 3261 section 8.2.6)."""
        if writer is None:
            return
        copied = [
            (k, v)
            for k, v in request.headers
            if k.lower() in ("via", "from", "to", "call-id", "cseq")
        ]
        writer.write(Message(f"SIP/2.0 {status} {reason}", copied).encode())


def _is_own_socket(peer: tuple[str, int]) -> bool:
    """Whether the other end of a loopback connection is a socket of this very process."""
    own = psutil.Process().net_connections(kind="tcp4")
    return any((c.laddr.ip, c.laddr.port) == tuple(peer[:2]) for c in own)
