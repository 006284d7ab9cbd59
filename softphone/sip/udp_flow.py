"""The way to a registrar over UDP: which of its targets serves, and what we say there ourselves.

The SIP stack speaks UDP itself, since it knows how to repeat what gets lost. From here it learns
where to. Subscriptions, and the question whether a target lives, have a socket of their own.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable

import dns.asyncresolver

from softphone.domain.account import Account, Transport
from softphone.domain.errors import SoftphoneError
from softphone.sip.backoff import Backoff
from softphone.sip.edge import Change, EdgeDown, EdgeUp, OwnTraffic, guarded
from softphone.sip.locate import Target, Targets
from softphone.sip.message import MalformedMessage, Message, parse_datagram
from softphone.sip.tasks import cancel_all
from softphone.sip.tls import explain

log = logging.getLogger(__name__)

T1_S, T2_S = 0.5, 4.0
"""RFC 3261 section 17.1.2.2: a request is repeated after T1, 2 T1 and so on, at most T2."""
GIVE_UP_S = 32.0
ANSWER_WITHIN_S = 4.0
"""How long a target may take to show that it lives; three repetitions fit."""
ASK_EVERY_S = 25.0
RETURN_EVERY_S = 30.0
"""How often a better target is looked for while a worse one serves."""


class UdpSocket(asyncio.DatagramProtocol):
    """A socket connected to one target: what others send to it, the system drops."""

    def __init__(self, received: Callable[[Message | bytes], None]) -> None:
        self._received = received
        self.gone = asyncio.Event()
        """The target's host says that nothing listens there (ICMP)."""
        self._repeating: dict[str, asyncio.Task[None]] = {}

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """The socket is open."""
        self._transport = transport
        self.address = _place(transport.get_extra_info("sockname"))
        self.local_ip = str(transport.get_extra_info("sockname")[0])
        self.peer = _place(transport.get_extra_info("peername"))
        self.peer_ip = str(transport.get_extra_info("peername")[0])

    def datagram_received(self, data: bytes, _sender: object) -> None:
        """Take a message; an answer ends the repetitions of its request."""
        try:
            message = parse_datagram(data)
        except MalformedMessage as error:
            if data.strip(b"\r\n\0"):
                log.warning("a malformed message was dropped: %s", error.why)
            return
        if message.status >= 200:
            task = self._repeating.pop(message.transaction, None)
            if task is not None:
                task.cancel()
        guarded(self._received, message)

    def error_received(self, _error: Exception) -> None:
        """Nothing listens at the target."""
        self.gone.set()

    def send(self, message: Message) -> None:
        """Send; a request is repeated until it is answered."""
        data = message.encode()
        if message.is_request:
            branch = message.transaction
            self._repeating[branch] = asyncio.get_running_loop().create_task(
                self._repeat(branch, data)
            )
        self._transport.sendto(data)

    async def _repeat(self, branch: str, data: bytes) -> None:
        pause, spent = T1_S, 0.0
        while spent < GIVE_UP_S:
            await asyncio.sleep(pause)
            self._transport.sendto(data)
            spent, pause = spent + pause, min(2 * pause, T2_S)
        del self._repeating[branch]

    def close(self) -> None:
        """Say no more."""
        for task in self._repeating.values():
            task.cancel()
        self._repeating.clear()
        self._transport.close()


class UdpFlow:
    """Chooses the target of one account, and chooses again when it is silent. Edges' thread."""

    def __init__(
        self,
        account: Account,
        on_change: Callable[[Change], None],
        *,
        resolver: dns.asyncresolver.Resolver | None = None,
        idle: Callable[[], bool] = lambda: True,
    ) -> None:
        """``idle`` says whether a better target may be taken: no call is on."""
        self._account = account
        self._on_change = on_change
        self._targets = Targets(account.server, resolver, Transport.UDP)
        self._idle = idle
        self._backoff = Backoff()
        self._target = Target("", 0, "")
        self._socket: UdpSocket | None = None
        self._leave = asyncio.Event()
        self._waiting: dict[str, asyncio.Future[int]] = {}
        self._task: asyncio.Task[None] | None = None
        self.own: OwnTraffic | None = None

    async def start(self) -> int:
        """Begin to choose; there is no listener (0)."""
        self._task = asyncio.get_running_loop().create_task(self._keep_choosing())
        return 0

    async def stop(self) -> None:
        """Close everything."""
        if self._task is not None:
            await cancel_all((self._task,))

    @property
    def address(self) -> str:
        """``host:port`` of our own socket; empty while no target answers."""
        return self._socket.address if self._socket is not None else ""

    def send(self, message: Message) -> None:
        """Send a message of our own to the registrar; dropped while no target answers."""
        if self._socket is not None:
            self._socket.send(message)

    def network_changed(self, addresses: frozenset[str], *, slept: bool) -> None:
        """Choose anew if our own address is gone, and after a sleep; else try at once."""
        if self._socket is None or slept or self._socket.local_ip not in addresses:
            self._begin_anew()

    def registrar_failed(self) -> None:
        """Go to another target, if there is one: this one takes no registration."""
        if self._socket is not None and self._targets.avoid(self._target):
            self._begin_anew()

    def _begin_anew(self) -> None:
        self._backoff.skip()
        self._leave.set()

    # --- choosing -------------------------------------------------------------------------------

    async def _keep_choosing(self) -> None:
        while True:
            self._leave.clear()
            try:
                self._socket, up = await self._choose()
            except (OSError, SoftphoneError) as error:
                problem = explain(error, self._account.server)
            else:
                self._backoff.begin_anew()
                self._on_change(up)
                problem = explain(await self._serve(self._socket), self._account.server)
            self._on_change(EdgeDown(problem, self._backoff.next_s))
            await self._backoff.pause()

    async def _choose(self) -> tuple[UdpSocket, EdgeUp]:
        failure: OSError = OSError("no target")
        targets = await self._targets.in_order()
        for target in targets:
            try:
                found = await self._reach(target)
            except OSError as error:
                failure = error
                continue
            self._target = target
            hosts = frozenset({found.peer_ip, *(t.host for t in targets)})
            return found, EdgeUp(
                "", found.local_ip, 0, plain="UDP", registrar=found.peer, hosts=hosts
            )
        raise failure

    async def _reach(self, target: Target) -> UdpSocket:
        """Return a socket to a target that answers. Raises OSError, TimeoutError among them."""
        _, made = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: UdpSocket(self._received), remote_addr=(target.host, target.port)
        )
        try:
            await self._ask(made)
        except BaseException:
            made.close()
            raise
        return made

    async def _serve(self, used: UdpSocket) -> OSError:
        """Return why the target is left: it is silent, or another one is wanted."""
        loop = asyncio.get_running_loop()
        minding = [
            loop.create_task(self._leave.wait()),
            loop.create_task(self._until_silent(used)),
            loop.create_task(self._until_better()),
        ]
        try:
            done, _ = await asyncio.wait(minding, return_when=asyncio.FIRST_COMPLETED)
            failure = next((task.exception() for task in done if task.exception()), None)
            if not isinstance(failure, OSError):
                self._backoff.skip()  # nothing failed: no reason to wait
                return ConnectionResetError()
            return failure
        finally:
            self._socket = None
            used.close()
            await cancel_all(minding)

    async def _until_silent(self, used: UdpSocket) -> None:
        while True:
            await asyncio.sleep(ASK_EVERY_S)
            await self._ask(used)

    async def _until_better(self) -> None:
        """Wait for a better target that answers again, while no call is on."""
        while True:
            await asyncio.sleep(RETURN_EVERY_S)
            if not self._idle():
                continue
            for target in await self._targets.better_than(self._target.rank):
                try:
                    (await self._reach(target)).close()
                except OSError:
                    continue
                if self._idle():
                    return

    async def _ask(self, through: UdpSocket) -> None:
        """Ask whether a target lives (OPTIONS, RFC 3261 section 11): any answer but 503 will do.

        Raises TimeoutError, ConnectionRefusedError.
        """
        question = self._options(through.address)
        loop = asyncio.get_running_loop()
        answer = self._waiting[question.first("Call-ID")] = loop.create_future()
        gone = loop.create_task(through.gone.wait())
        through.send(question)
        try:
            done, _ = await asyncio.wait(
                [answer, gone], timeout=ANSWER_WITHIN_S, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            gone.cancel()
            del self._waiting[question.first("Call-ID")]
        if answer in done and answer.result() != 503:
            return
        raise ConnectionRefusedError if done else TimeoutError

    def _options(self, place: str) -> Message:
        own = self._account.address_of_record
        branch, tag = secrets.token_hex(12), secrets.token_hex(6)
        return Message(
            f"OPTIONS sip:{self._account.domain} SIP/2.0",
            [
                ("Via", f"SIP/2.0/UDP {place};branch=z9hG4bK{branch}"),
                ("Max-Forwards", "70"),
                ("From", f"<{own}>;tag={tag}"),
                ("To", f"<sip:{self._account.domain}>"),
                ("Call-ID", f"o{secrets.token_hex(12)}"),
                ("CSeq", "1 OPTIONS"),
                ("Accept", "application/sdp"),
            ],
        )

    def _received(self, message: Message | bytes) -> None:
        if isinstance(message, bytes):
            return
        waiting = self._waiting.get(message.first("Call-ID"))
        if waiting is not None and message.status:
            if not waiting.done():
                waiting.set_result(message.status)
        elif self.own is not None:
            self.own.takes(message)


def _place(name: tuple[str, int]) -> str:
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
