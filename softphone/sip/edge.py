"""The edge: PJSIP speaks TCP on loopback to it, it speaks TLS to the registrar.

One edge an account. It lives on the asyncio thread of :mod:`softphone.sip.edge_thread`; what
happens is told through ``on_change`` as frozen values.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Protocol

import dns.asyncresolver
import psutil

from softphone.domain.account import Transport
from softphone.domain.errors import SoftphoneError
from softphone.sip.backoff import Backoff
from softphone.sip.locate import Target, Targets
from softphone.sip.message import PING, PONG, Framer, MalformedMessage, Message
from softphone.sip.rewrite import Rewriter
from softphone.sip.tasks import cancel_all
from softphone.sip.tls import client_context, explain

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 8.0
PING_EVERY_S = 25.0
PONG_WITHIN_S = 10.0
UNANSWERED = 64
"""How many of the stack's requests are remembered until they are answered."""
RETURN_EVERY_S = 30.0
"""How often a better target is looked for while a worse one serves."""


@dataclass(frozen=True, slots=True)
class EdgeUp:
    """The connection to the registrar stands. ``local_ip`` is our address towards it.

    ``tls`` is empty on a plain connection, which ``plain`` then names. Over UDP the SIP stack
    speaks to ``registrar`` (``host:port``) itself; ``hosts`` are all that may call us.
    """

    tls: str
    local_ip: str
    edge_port: int
    plain: str = ""
    registrar: str = ""
    hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EdgeDown:
    """There is no TLS connection; the next try is in ``retry_s`` seconds."""

    problem: SoftphoneError
    retry_s: float


Change = EdgeUp | EdgeDown


class OwnTraffic(Protocol):
    """What is spoken by the edge itself rather than by the SIP stack."""

    def takes(self, message: Message) -> bool:
        """Handle a message from the registrar that is not the stack's; whether it was one."""
        ...


class Edge:
    """The TLS side of one account, and the loopback listener PJSIP uses as its proxy."""

    def __init__(
        self,
        server: str,
        ca_file: str,
        on_change: Callable[[Change], None],
        *,
        transport: Transport = Transport.TLS,
        resolver: dns.asyncresolver.Resolver | None = None,
        idle: Callable[[], bool] = lambda: True,
    ) -> None:
        """``idle`` says whether the connection may move to a better target: no call uses it."""
        self._server = server
        self._ca_file = ca_file
        self._on_change = on_change
        self._transport = transport
        self._targets = Targets(server, resolver, transport)
        self._idle = idle
        self._target = Target("", 0, "")
        self._local_ip = ""
        self.own: OwnTraffic | None = None
        self._inner: asyncio.StreamWriter | None = None
        self._outer: asyncio.StreamWriter | None = None
        self._rewriter = Rewriter(0, "", outer_transport=transport.value)
        self._unanswered: dict[str, Message] = {}
        """By transaction: the refusal of a request that went out and has no final answer yet."""
        self._pong = asyncio.Event()
        self._pongs_seen = False
        self._backoff = Backoff()
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
        await cancel_all(tuple(self._tasks))
        if self._listener is not None:
            self._listener.close()
        for writer in (self._inner, self._outer):
            if writer is not None:
                writer.close()

    def network_changed(self, addresses: frozenset[str], *, slept: bool) -> None:
        """Leave a connection whose own address is gone, and after a sleep; else try at once."""
        if self._outer is None:
            self._backoff.skip()
        elif slept or self._local_ip not in addresses:
            self._leave(self._outer)

    def registrar_failed(self) -> None:
        """Go to another target, if there is one: this one takes no registration."""
        if self._outer is not None and self._targets.avoid(self._target):
            self._leave(self._outer)

    def _leave(self, writer: asyncio.StreamWriter) -> None:
        self._backoff.skip()
        writer.transport.abort()

    @property
    def address(self) -> str:
        """``host:port`` of our end of the connection, as Via and Contact say it."""
        return self._rewriter.outer

    def send(self, message: Message) -> None:
        """Send a message of the edge's own to the registrar; dropped while there is none."""
        if self._outer is not None:
            self._outer.write(message.encode())

    @property
    def wakes(self) -> bool:
        """Whether the SIP stack is connected, so that :meth:`wake` reaches it (any thread)."""
        return self._inner is not None

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
        while True:
            try:
                up = await self._connect()
            except (OSError, SoftphoneError, ssl.SSLError, EOFError) as error:
                problem = explain(error, self._server)
            else:
                self._backoff.begin_anew()
                self._on_change(up)
                problem = await self._run_outer()
            self._on_change(EdgeDown(problem, self._backoff.next_s))
            self._refuse_unanswered()
            await self._backoff.pause()

    async def _connect(self) -> EdgeUp:
        failure: BaseException = OSError("no target")
        for target in await self._targets.in_order():
            try:
                return self._use(target, *await self._reach(target))
            except (OSError, ssl.SSLError) as error:
                failure = error
        raise failure

    async def _reach(self, target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        secured = self._transport is Transport.TLS
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            return await asyncio.open_connection(
                target.host,
                target.port,
                ssl=client_context(self._ca_file) if secured else None,
                server_hostname=target.verify_as if secured else None,
            )

    def _use(
        self, target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> EdgeUp:
        self._reader, self._outer, self._target = reader, writer, target
        host, port = writer.get_extra_info("sockname")[:2]
        self._local_ip = host
        shown = f"[{host}]" if ":" in host else host
        self._rewriter.outer = f"{shown}:{port}"
        socket_of_tls = writer.get_extra_info("ssl_object")
        if socket_of_tls is None:
            return EdgeUp("", host, self._rewriter.edge_port, plain="TCP")
        version = str(socket_of_tls.version()).replace("TLSv", "TLS ")
        return EdgeUp(version, host, self._rewriter.edge_port)

    async def _run_outer(self) -> SoftphoneError:
        assert self._outer is not None  # noqa: S101 - set by _use just before
        writer = self._outer
        loop = asyncio.get_running_loop()
        minding = [
            loop.create_task(self._ping(writer)),
            loop.create_task(self._return_to_better(writer)),
        ]
        try:
            await self._pump(self._reader, self._from_outer)
            return explain(ConnectionResetError(), self._server)
        except (OSError, ssl.SSLError, MalformedMessage) as error:
            return explain(
                ConnectionResetError() if isinstance(error, MalformedMessage) else error,
                self._server,
            )
        finally:
            outer, self._outer = self._outer, None
            outer.transport.abort()
            await cancel_all(minding)

    async def _return_to_better(self, writer: asyncio.StreamWriter) -> None:
        """Give a worse target up for a better one that answers again, while no call is on."""
        while True:
            await asyncio.sleep(RETURN_EVERY_S)
            if not self._idle():
                continue
            for target in await self._targets.better_than(self._target.rank):
                try:
                    _, probe = await self._reach(target)
                except (OSError, ssl.SSLError, SoftphoneError):
                    continue
                probe.transport.abort()
                if self._idle():
                    self._leave(writer)
                    return

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
        elif isinstance(item, Message) and self.own is not None and self.own.takes(item):
            return
        elif isinstance(item, Message) and self._inner is not None:
            if item.status >= 200:
                self._unanswered.pop(item.transaction, None)
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
                self._remember(item)
                self._outer.write(self._rewriter.outbound(item).encode())
            elif item.is_request and item.method != "ACK":
                self._answer(self._inner, item, 503, "Service Unavailable")

    def _remember(self, item: Message) -> None:
        """Keep how to refuse a request. An INVITE may yet be answered on another way."""
        if item.is_request and item.method not in ("INVITE", "ACK", "CANCEL"):
            self._unanswered[item.transaction] = refusal(item, 503, "Service Unavailable")
            while len(self._unanswered) > UNANSWERED:
                del self._unanswered[next(iter(self._unanswered))]

    def _refuse_unanswered(self) -> None:
        """Say of what the lost connection carried that no answer comes (RFC 3261 section 8.1.3.1).

        The stack would wait 32 s for it, and not register anew on the next connection meanwhile.
        """
        for answer in self._unanswered.values():
            if self._inner is not None:
                self._inner.write(answer.encode())
        self._unanswered.clear()

    async def _pump(
        self, reader: asyncio.StreamReader, deliver: Callable[[Message | bytes], None]
    ) -> None:
        framer = Framer()
        while data := await reader.read(65536):
            while True:
                try:
                    for item in framer.feed(data):
                        guarded(deliver, item)
                    break
                except MalformedMessage as error:
                    if error.fatal:
                        raise
                    log.warning("a malformed message was dropped: %s", error.why)
                    data = b""

    def _answer(
        self, writer: asyncio.StreamWriter | None, request: Message, status: int, reason: str
    ) -> None:
        """Answer a request that cannot be passed on."""
        if writer is not None:
            writer.write(refusal(request, status, reason).encode())


def refusal(request: Message, status: int, reason: str) -> Message:
    """Return the answer to a request, without a To tag of its own (RFC 3261 section 8.2.6)."""
    copied = ("via", "from", "to", "call-id", "cseq")
    headers = [(k, v) for k, v in request.headers if k.lower() in copied]
    return Message(f"SIP/2.0 {status} {reason}", headers)


def guarded(deliver: Callable[[Message | bytes], None], item: Message | bytes) -> None:
    """Hand a message over: one that cannot be handled must not end the connection."""
    try:
        deliver(item)
    except (OSError, ssl.SSLError):
        raise
    except Exception as error:  # noqa: BLE001 - only its kind may be logged, its words hold SIP
        log.error("a message could not be handled: %s", type(error).__name__)


def _is_own_socket(peer: tuple[str, int]) -> bool:
    """Whether the other end of a loopback connection is a socket of this very process."""
    own = psutil.Process().net_connections(kind="tcp4")
    return any((c.laddr.ip, c.laddr.port) == tuple(peer[:2]) for c in own)
