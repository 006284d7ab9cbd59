"""Sealed recordings within a round: addresses, what goes out, what comes in, what became of it.

Whatever goes wrong with one of them is told, and the next one has its turn; only a server that
cannot be reached ends the round.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from softphone.app.ports.relay import Incoming, Outgoing, RelaySource
from softphone.domain.errors import ConnectionRefused, ServerMisbehaved, SoftphoneError
from softphone.domain.ids import DeviceId
from softphone.domain.relay import (
    CHUNK,
    AddressOffer,
    PackageRefusal,
    RelayedPackage,
    SendState,
    Settled,
    chunk_size,
    chunks_of,
)
from softphone.paths import write_part
from softphone.sync.relay_client import NotAccepted

T = TypeVar("T")
_UNREADABLE: tuple[AddressOffer, ...] | None = (
    AddressOffer(DeviceId(""), "", datetime.min.replace(tzinfo=UTC)),
)
"""Stands for a list of addresses that was refused: nothing is learned and nothing forgotten."""
ROUND_BYTES = 64 * CHUNK
"""Sent and fetched in one round; between rounds the log and erasures have their turn."""


class RelayServer(Protocol):
    """The server as this part sees it."""

    def publish_addresses(self, notes: Sequence[str]) -> None:
        """Offer this workstation's addresses in place of those before."""
        ...

    def addresses(self) -> tuple[AddressOffer, ...] | None:
        """Return which addresses the server has; None for a server that relays nothing."""
        ...

    def address(self, digest: str) -> str:
        """Return one address; empty when it is gone meanwhile."""
        ...

    def announce(self, package: Outgoing) -> int:
        """Announce a package; return how many chunks are there. Raises NotAccepted."""
        ...

    def put_chunk(self, package: Outgoing, n: int, data: bytes) -> int:
        """Send one chunk; return how many are there. Raises NotAccepted."""
        ...

    def sent(self) -> tuple[RelayedPackage, ...]:
        """Return what this workstation sent."""
        ...

    def waiting(self) -> tuple[RelayedPackage, ...]:
        """Return what waits for this workstation."""
        ...

    def chunk(self, package: str, size: int, n: int) -> bytes:
        """Return one chunk, empty when the package is gone."""
        ...

    def settle(self, done: Settled) -> None:
        """Tell what was done with a package."""
        ...

    def withdraw(self, package: str) -> None:
        """Let the server forget a package."""
        ...


class OnLane(Protocol):
    """Runs work on the vault's lane and waits for it."""

    def __call__(self, work: Callable[[], T], /) -> T:
        """Return what the work returns."""
        ...


class Relay:
    """The part of a synchronisation that is about sealed recordings; used by its thread.

    ``going_on`` raises when the loop is to end; ``audit`` is called on the lane.
    """

    def __init__(
        self,
        source: RelaySource,
        on_lane: OnLane,
        going_on: Callable[[], None],
        audit: Callable[[ServerMisbehaved], None],
        changed: Callable[[], None],
    ) -> None:
        self._source = source
        self._on_lane = on_lane
        self._going_on = going_on
        self._audit = audit
        self._tell_changed = changed
        self._published: tuple[str, ...] | None = None
        self._reported: set[str] = set()
        self._problems: list[SoftphoneError] = []
        self._left = 0
        self._news = False

    def run(self, server: RelayServer) -> tuple[str, bool]:
        """Do one round; return what to tell (empty for nothing), and whether more waits at once.

        Raises ConnectionRefused.
        """
        self._problems, self._left, self._news = [], ROUND_BYTES, False
        try:
            offers = self._guarded(server.addresses, _UNREADABLE)
            if offers is not None:
                for part in (self._publish, self._send, self._follow, self._fetch, self._settle):
                    self._guarded(partial(part, server), None)
                if offers is not _UNREADABLE:
                    self._guarded(partial(self._learn, server, offers), None)
        finally:
            # Also when the connection ends in the middle: what was done is shown.
            self._report()
            if self._news:
                self._tell_changed()
        told = str(self._problems[0]) if self._problems else ""
        return told, self._left <= 0

    # addresses
    def _publish(self, server: RelayServer) -> None:
        notes = tuple(self._on_lane(self._source.relay_own_addresses))
        if notes != self._published:
            server.publish_addresses(notes)
            self._published = notes

    def _learn(self, server: RelayServer, offers: Sequence[AddressOffer]) -> None:
        for offer in self._on_lane(lambda: self._source.relay_wanted(offers)):
            self._guarded(partial(self._learn_one, server, offer), None)

    def _learn_one(self, server: RelayServer, offer: AddressOffer) -> None:
        note = server.address(offer.digest)
        if note:
            self._on_lane(lambda: self._source.keep_relay_address(offer, note))
            self._news = True

    # out
    def _send(self, server: RelayServer) -> None:
        for package in self._on_lane(self._source.relay_withdrawn):
            server.withdraw(package)
            self._on_lane(partial(self._source.forget_outgoing, package))
            self._news = True
        for one in self._on_lane(self._source.relay_outgoing):
            if one.state is SendState.WAITING and self._left > 0:
                self._guarded(partial(self._send_one, server, one), None)

    def _send_one(self, server: RelayServer, package: Outgoing) -> None:
        """Send what the server has not yet, from where it was cut off."""
        if not package.file.is_file():
            # A restored backup has no such files.
            self._note(package.package, SendState.ENDED)
            return
        try:
            n = server.announce(package)
            while n < chunks_of(package.size):
                self._going_on()
                if self._left <= 0:
                    return
                data = _part(package.file, package.size, n)
                n = server.put_chunk(package, n, data)
                self._left -= len(data)
        except NotAccepted as error:
            if error.refusal is not PackageRefusal.NONE:
                self._note(package.package, SendState.REFUSED, error.refusal)
            return
        except FileNotFoundError:
            # Erased meanwhile; the next round withdraws it.
            return
        self._note(package.package, SendState.SENT)

    def _follow(self, server: RelayServer) -> None:
        """Learn what became of what was sent."""
        sent = [
            one for one in self._on_lane(self._source.relay_outgoing) if one.state is SendState.SENT
        ]
        if not sent:
            return
        known = {one.package: one for one in server.sent()}
        for one in sent:
            self._guarded(partial(self._follow_one, server, one, known.get(one.package)), None)

    def _follow_one(
        self, server: RelayServer, package: Outgoing, known: RelayedPackage | None
    ) -> None:
        if known is None or known.received < known.chunks:
            self._note(package.package, SendState.ENDED)
        elif known.receipt:
            self._on_lane(partial(self._source.note_receipt, package.package, known.receipt))
            self._news = True
            server.withdraw(package.package)

    def _note(
        self, package: str, state: SendState, why: PackageRefusal = PackageRefusal.NONE
    ) -> None:
        self._on_lane(partial(self._source.note_outgoing, package, state, why))
        self._news = True

    # in
    def _fetch(self, server: RelayServer) -> None:
        offers = server.waiting()
        for one in self._on_lane(lambda: self._source.relay_incoming(offers)):
            if self._left > 0:
                self._guarded(partial(self._fetch_one, server, one), None)

    def _fetch_one(self, server: RelayServer, package: Incoming) -> None:
        """Fetch what is not here yet, from where it was cut off, and compare the whole."""
        n = _whole_chunks(package)
        while n < chunks_of(package.size):
            self._going_on()
            if self._left <= 0:
                return
            data = server.chunk(package.package, package.size, n)
            if not data:
                return
            write_part(package.file, data, n * CHUNK)
            self._left -= len(data)
            n += 1
        self._news = True
        if _sha256(package.file) == package.sha256:
            self._on_lane(partial(self._source.note_arrived, package.package))
            return
        why = "It is not the package that was announced."
        self._on_lane(partial(self._source.refuse_incoming, package.package, why))
        raise ServerMisbehaved(
            "A recording of another workstation was refused.", why, "Tell your administrator."
        )

    def _settle(self, server: RelayServer) -> None:
        for done in self._on_lane(self._source.relay_settled):
            server.settle(done)
            self._on_lane(partial(self._source.settled_told, done.package))
            self._news = True

    # what goes wrong
    def _guarded(self, work: Callable[[], T], otherwise: T) -> T:
        """Do a part; what goes wrong with it is told at the end, and others go on."""
        self._going_on()
        try:
            return work()
        except ConnectionRefused:
            raise
        except SoftphoneError as error:
            self._problems.append(error)
            return otherwise

    def _report(self) -> None:
        """Write to the log what no honest server does, once while it lasts."""
        found = {str(e): e for e in self._problems if isinstance(e, ServerMisbehaved)}
        for words, error in found.items():
            if words not in self._reported:
                self._on_lane(partial(self._audit, error))
        self._reported = set(found)


def _part(file: Path, size: int, n: int) -> bytes:
    with file.open("rb") as source:
        source.seek(n * CHUNK)
        return source.read(chunk_size(size, n))


def _whole_chunks(package: Incoming) -> int:
    """Return how many whole chunks are here already."""
    if not package.file.exists():
        return 0
    size = package.file.stat().st_size
    return chunks_of(package.size) if size == package.size else min(size, package.size) // CHUNK


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as source:
        while block := source.read(CHUNK):
            digest.update(block)
    return digest.hexdigest()
