"""One loop that writes what waits and reads what others did; weeks offline lose nothing."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar, runtime_checkable

from softphone.app.bus import Bus
from softphone.app.office import Lane
from softphone.app.ports import Clock, Enrolment, LeafBatch, SyncSource
from softphone.domain.audit import Action, AuditDraft, DataCategory, Result
from softphone.domain.errors import ServerMisbehaved, SoftphoneError
from softphone.domain.events import FleetSeen, HistoryChanged, SyncChanged
from softphone.domain.fleet import DeviceSeen
from softphone.domain.privacy import Tombstone
from softphone.sync.client import sync_client
from softphone.sync.relay import Relay, RelayServer

log = logging.getLogger(__name__)
T = TypeVar("T")
A = TypeVar("A")

BATCH = 256
"""Leaves a request."""
INTERVAL_S = 60.0
FIRST_DELAY_S = 1.0
LONGEST_DELAY_S = 300.0
_STOP_S = 5.0
_MANY = 30
"""Failures in a row after which the delay is the longest."""


class Server(RelayServer, Protocol):
    """The server as the loop sees it."""

    def push_leaves(self, batch: LeafBatch) -> str:
        """Return the cosigned checkpoint."""
        ...

    def push_tombstone(self, tombstone: Tombstone) -> int:
        """Return the position the tombstone got."""
        ...

    def tombstones(self, after: int) -> tuple[list[tuple[int, Tombstone]], bool]:
        """Return tombstones after a position, and whether there are more."""
        ...

    def acknowledge(self, up_to: int) -> None:
        """Tell that all tombstones up to a position were carried out."""
        ...

    def policy(self, etag: str = "") -> tuple[str, bytes] | None:
        """Return the newest signed policy with its ETag; None when it is known or there is none."""
        ...

    def publish_policy(self, note: str) -> None:
        """Offer a fleet's policy."""
        ...

    def devices(self) -> tuple[DeviceSeen, ...]:
        """Return the devices of the fleet and when each was heard of."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


def connect(enrolment: Enrolment) -> Server:
    """Return a client for an enrolment."""
    return sync_client(enrolment)


@runtime_checkable
class Auditing(Protocol):
    """A source that has an audit log, as the vault does."""

    def append_audit(self, draft: AuditDraft) -> object:
        """Append an entry that is a deed by itself."""
        ...


class _Stopped(Exception):
    """The loop is to end."""


class SyncLoop:
    """Synchronises one unlocked vault until stopped, on a thread of its own.

    The vault is only touched through its lane. Everything that waits is in the vault, so the loop
    keeps no state that a restart could lose. An answer that was refused before the vault
    saw it is audited through the source where it can (what the vault refuses it audits itself), or
    by ``audit_misbehaviour``, called on the lane.
    """

    def __init__(
        self,
        source: SyncSource,
        lane: Lane,
        bus: Bus,
        clock: Clock,
        *,
        connect: Callable[[Enrolment], Server] = connect,
        audit_misbehaviour: Callable[[ServerMisbehaved], None] | None = None,
        interval_s: float = INTERVAL_S,
        first_delay_s: float = FIRST_DELAY_S,
        longest_delay_s: float = LONGEST_DELAY_S,
    ) -> None:
        self._source = source
        self._lane = lane
        self._bus = bus
        self._clock = clock
        self._connect = connect
        self._audit = audit_misbehaviour or self._append_audit
        self._interval_s = interval_s
        self._first_delay_s = first_delay_s
        self._longest_delay_s = longest_delay_s
        self._wake = threading.Event()
        self._stopped: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._confirmed_at: datetime | None = None
        self._acknowledged = 0
        self._failures = 0
        self._reported = ""
        self._fleet: tuple[DeviceSeen, ...] = ()
        self._relay = Relay(
            source,
            self._on_lane,
            self._go_on,
            lambda error: self._audit(error),
            lambda: bus.publish(HistoryChanged(frozenset({"packages", "audit"}))),
        )
        self._relayed, self._more = "", False

    def start(self) -> None:
        """Begin; the first round starts at once."""
        self._thread.start()

    def poke(self) -> None:
        """Start a round now, whatever the delay; from any thread."""
        self._wake.set()

    def stop(self) -> None:
        """End. May be called from the lane: nothing is asked of it any more.

        Waits for the thread, but not longer than five seconds for a server that hangs.
        """
        if not self._stopped.done():
            self._stopped.set_result(None)
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_S)

    def _run(self) -> None:
        try:
            while not self._stopped.done():
                self._wake.clear()
                delay = self.run_round()
                if not self._stopped.done():
                    self._wake.wait(delay)
        except _Stopped:
            return

    def run_round(self) -> float:
        """Synchronise once, on the caller's thread; return how long to wait (s)."""
        problem = ""
        try:
            enrolment = self._on_lane(self._source.enrolment)
            if enrolment is None:
                return self._interval_s
            self._exchange(enrolment)
        except SoftphoneError as error:
            problem = str(error)
            log.warning("synchronisation failed: %s", type(error).__name__)
            self._failures = _MANY if isinstance(error, ServerMisbehaved) else self._failures + 1
        except _Stopped:
            raise
        except Exception:
            log.exception("synchronisation failed")
            problem = "Synchronisation failed by an error of this program. It is tried again."
            self._failures += 1
        else:
            self._confirmed_at = self._clock.now()
            self._failures = 0
            self._reported = ""
        waiting = self._on_lane(self._source.waiting)
        held = self._on_lane(self._source.held_back)
        shown = problem or self._relayed or _held_back(held)
        self._bus.publish(SyncChanged(self._confirmed_at, waiting, shown))
        if problem:
            return self._delay()
        return 0.0 if self._more else self._interval_s

    def _delay(self) -> float:
        """Return seconds until the next try: doubled each time, bounded, never in step."""
        doubled = self._first_delay_s * 2.0 ** min(self._failures - 1, _MANY)
        longest = min(self._longest_delay_s, doubled)
        return longest * secrets.SystemRandom().uniform(0.5, 1.0)

    def _exchange(self, enrolment: Enrolment) -> None:
        server = self._connect(enrolment)
        try:
            self._push_leaves(server)
            self._push_tombstones(server)
            self._pull_tombstones(server)
            self._look_around(server)
            self._publish_policy(server)
            self._pull_policy(server)
            self._relayed, self._more = self._relay.run(server)
        finally:
            server.close()

    def _push_leaves(self, server: Server) -> None:
        confirmed = -1
        while (batch := self._on_lane(lambda: self._source.unsent_leaves(BATCH))) is not None:
            if batch.first <= confirmed:
                raise RuntimeError("confirmed leaves are offered again")
            confirmed = batch.first
            cosigned = self._ask(server.push_leaves, batch)
            size = batch.first + len(batch.leaves)
            self._on_lane(partial(self._source.confirm_leaves, size, cosigned))

    def _push_tombstones(self, server: Server) -> None:
        for tombstone in self._on_lane(self._source.unsent_tombstones):
            self._ask(server.push_tombstone, tombstone)
            self._on_lane(partial(self._source.confirm_tombstone, tombstone.erasure))

    def _pull_tombstones(self, server: Server) -> None:
        cursor = self._on_lane(self._source.tombstone_cursor)
        more = True
        while more:
            found, more = self._ask(server.tombstones, cursor)
            for position, tombstone in found:
                self._on_lane(partial(self._source.apply_tombstone, tombstone, position))
            before, cursor = cursor, self._on_lane(self._source.tombstone_cursor)
            if found and cursor <= before:
                raise RuntimeError("applied tombstones do not move the cursor")
        # What is held back was not carried out, and nobody is told that it was.
        done = self._on_lane(self._source.tombstones_done)
        if done > self._acknowledged:
            self._ask(server.acknowledge, done)
            self._acknowledged = done

    def _look_around(self, server: Server) -> None:
        found = self._ask(lambda _nothing: server.devices(), None)
        if found != self._fleet:
            self._fleet = found
            self._bus.publish(FleetSeen(found))

    def _publish_policy(self, server: Server) -> None:
        note = self._on_lane(self._source.policy_to_publish)
        if note:
            self._ask(server.publish_policy, note)
            self._on_lane(partial(self._source.policy_published, note))

    def _pull_policy(self, server: Server) -> None:
        """Take the fleet's policy over; last, so that one that is refused keeps nothing else."""
        known = self._on_lane(self._source.policy_etag)
        if known is None:
            return
        found = self._ask(server.policy, known)
        if found is not None:
            etag, note = found
            if self._on_lane(partial(self._source.receive_policy, note, etag)):
                self._bus.publish(HistoryChanged(frozenset({"policy", "audit"})))

    def _ask(self, request: Callable[[A], T], argument: A) -> T:
        """Ask the server; an answer that no honest one gives is audited, once while it lasts."""
        self._go_on()
        try:
            return request(argument)
        except ServerMisbehaved as error:
            if self._reported != str(error):
                self._on_lane(partial(self._audit, error))
                self._reported = str(error)
            raise

    def _go_on(self) -> None:
        if self._stopped.done():
            raise _Stopped

    def _append_audit(self, error: ServerMisbehaved) -> None:
        if isinstance(self._source, Auditing):
            draft = AuditDraft(
                Action.SERVER_MISBEHAVED,
                DataCategory.AUDIT,
                self._source.device,
                Result.REFUSED,
                detail={"why": error.why},
            )
            self._source.append_audit(draft)

    def _on_lane(self, work: Callable[[], T]) -> T:
        """Run work on the vault's lane, or leave when the loop is stopped meanwhile."""
        self._go_on()
        future = self._lane.submit(work)
        either: list[Future[Any]] = [future, self._stopped]
        wait(either, return_when=FIRST_COMPLETED)
        if not future.done():
            future.cancel()
            raise _Stopped
        try:
            return future.result()
        except CancelledError as error:
            raise _Stopped from error


def _held_back(count: int) -> str:
    if not count:
        return ""
    what = "An erasure waits" if count == 1 else f"{count} erasures wait"
    return (
        f"{what}. No administrator has endorsed the workstation that ordered it."
        " An administrator can endorse it."
    )
