"""The one thread with an asyncio loop: it runs the edges of all accounts."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

import dns.asyncresolver

from softphone.domain.account import Account, Transport
from softphone.domain.ids import AccountId
from softphone.sip.edge import Change, Edge, OwnTraffic
from softphone.sip.network import LOOK_EVERY_S, NetworkWatch
from softphone.sip.tasks import cancel_all
from softphone.sip.udp_flow import UdpFlow

T = TypeVar("T")


class EdgeThread:
    """Starts and stops edges from other threads; changes are called on the edge's thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._owner = threading.current_thread()  # the SIP stack's: awake whenever it posts
        self._thread = threading.Thread(target=self._run, name="edge", daemon=True)
        self._edges: dict[AccountId, Edge | UdpFlow] = {}

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        watching = self._loop.create_task(self._watch_network())
        self._loop.run_forever()
        self._loop.run_until_complete(cancel_all((watching,)))
        self._loop.close()

    async def _watch_network(self) -> None:
        watch = NetworkWatch()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            changed, slept = watch.look()
            if changed or slept:
                for edge in tuple(self._edges.values()):
                    edge.network_changed(watch.known, slept=slept)

    def open_edge(
        self,
        account: Account,
        on_change: Callable[[Change], None],
        *,
        idle: Callable[[], bool] = lambda: True,
        resolver: dns.asyncresolver.Resolver | None = None,
        own: Callable[[Edge | UdpFlow], OwnTraffic] | None = None,
    ) -> int:
        """Start an edge and return its loopback port; replaces an earlier one of the account.

        Over UDP it is a flow, which has no such port (0): the SIP stack speaks UDP itself.
        """

        async def build() -> int:
            await self._close(account.id)
            edge = _made_for(account, on_change, idle, resolver)
            if own is not None:
                edge.own = own(edge)
            port = await edge.start()
            self._edges[account.id] = edge
            return port

        return self._submit(build()).result(timeout=5)

    def post(self, work: Callable[[], None]) -> None:
        """Run ``work`` on the edges' thread."""
        self._loop.call_soon_threadsafe(work)

    def close_edge(self, account: AccountId) -> None:
        """Stop an edge."""
        self._submit(self._close(account)).result(timeout=5)

    def registrar_failed(self, account: AccountId) -> None:
        """Try another target of this account, if there is one."""

        def leave() -> None:
            edge = self._edges.get(account)
            if edge is not None:
                edge.registrar_failed()

        self.post(leave)

    @property
    def wakes(self) -> bool:
        """Whether :meth:`wake` reaches the SIP stack: not before it has connected to an edge, and
        never where all accounts are over UDP."""
        return self._connected() is not None

    def wake(self) -> None:
        """Wake the SIP stack, which sleeps in its poll: a keep-alive on its own connection."""
        edge = self._connected()
        if edge is not None and threading.current_thread() is not self._owner:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nothing is left to wake
                self._loop.call_soon_threadsafe(edge.wake)

    def _connected(self) -> Edge | None:
        edges = tuple(self._edges.values())
        return next((e for e in edges if isinstance(e, Edge) and e.wakes), None)

    def stop(self) -> None:
        """Close all edges and end the thread."""

        async def close_all() -> None:
            for account in tuple(self._edges):
                await self._close(account)
            await asyncio.sleep(0)

        self._submit(close_all()).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    async def _close(self, account: AccountId) -> None:
        edge = self._edges.pop(account, None)
        if edge is not None:
            await edge.stop()

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)


def _made_for(
    account: Account,
    on_change: Callable[[Change], None],
    idle: Callable[[], bool],
    resolver: dns.asyncresolver.Resolver | None,
) -> Edge | UdpFlow:
    if account.transport is Transport.UDP:
        return UdpFlow(account, on_change, resolver=resolver, idle=idle)
    return Edge(
        account.server,
        account.ca_file,
        on_change,
        transport=account.transport,
        resolver=resolver,
        idle=idle,
    )
