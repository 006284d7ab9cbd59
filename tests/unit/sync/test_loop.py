from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from softphone.app.bus import Bus
from softphone.app.ports import Enrolment, LeafBatch
from softphone.domain.audit import Action, AuditDraft, Result
from softphone.domain.errors import ConnectionRefused, ServerMisbehaved
from softphone.domain.events import Event, FleetSeen, HistoryChanged, SyncChanged
from softphone.domain.fleet import DeviceSeen
from softphone.domain.ids import DeviceId
from softphone.domain.note import parse_note
from softphone.domain.privacy import Tombstone
from softphone.server.witness import Witness
from softphone.sync.loop import BATCH, Server, SyncLoop
from tests.fakes.lanes import ThreadLane
from tests.fakes.relay import NoRelayServer
from tests.fakes.sync_source import MemorySource

NOW = datetime(2026, 2, 3, tzinfo=UTC)


class FixedClock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


class MemoryServer(NoRelayServer):
    """An honest server in memory; tests make it lie or fail."""

    def __init__(self) -> None:
        self.witness = Witness("witness/1", bytes(32))
        self.leaves: list[bytes] = []
        self.tombstones_kept: list[Tombstone] = []
        self.acknowledged = 0
        self.before: Callable[[], None] = lambda: None
        self.change: Callable[[str], str] = lambda note: note
        self.requests = 0
        self.fleet: tuple[str, bytes] | None = None
        self.seen: tuple[DeviceSeen, ...] = ()

    def push_leaves(self, batch: LeafBatch) -> str:
        self._request()
        self.leaves[batch.first :] = batch.leaves
        return self.change(self.witness.cosign(batch.checkpoint, 1))

    def push_tombstone(self, tombstone: Tombstone) -> int:
        self._request()
        if tombstone not in self.tombstones_kept:
            self.tombstones_kept.append(tombstone)
        return self.tombstones_kept.index(tombstone) + 1

    def tombstones(self, after: int) -> tuple[list[tuple[int, Tombstone]], bool]:
        self._request()
        page = list(enumerate(self.tombstones_kept, 1))[after : after + 2]
        return page, len(self.tombstones_kept) > after + 2

    def acknowledge(self, up_to: int) -> None:
        self._request()
        self.acknowledged = up_to

    def policy(self, etag: str = "") -> tuple[str, bytes] | None:
        self._request()
        found = self.fleet
        return None if found is None or found[0] == etag else found

    def publish_policy(self, note: str) -> None:
        self._request()
        self.fleet = ("etag of " + note, note.encode())

    def devices(self) -> tuple[DeviceSeen, ...]:
        self._request()
        return self.seen

    def close(self) -> None:
        return

    def _request(self) -> None:
        self.requests += 1
        self.before()


class Rig:
    """A loop with everything around it; ``next`` waits for the outcome of a round."""

    def __init__(self, interval_s: float = 3600.0, delay_s: float = 3600.0) -> None:
        self.source = MemorySource()
        self.server = MemoryServer()
        self.source.kept = Enrolment("https://x", "t", str(self.server.witness.verifier_key))
        self.lane = ThreadLane()
        self.bus = Bus()
        self.audited: list[ServerMisbehaved] = []
        self._outcomes: queue.SimpleQueue[SyncChanged] = queue.SimpleQueue()
        self.bus.subscribe(self._heard)
        self.loop = SyncLoop(
            self.source,
            self.lane,
            self.bus,
            FixedClock(),
            connect=self.connect,
            audit_misbehaviour=self.audited.append,
            interval_s=interval_s,
            first_delay_s=delay_s,
            longest_delay_s=delay_s,
        )

    def connect(self, _: Enrolment) -> Server:
        return self.server

    def next(self) -> SyncChanged:
        return self._outcomes.get(timeout=20)

    def _heard(self, event: Event) -> None:
        if isinstance(event, SyncChanged):
            self._outcomes.put(event)

    def close(self) -> None:
        self.loop.stop()
        self.lane.close()


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.close()


def fail() -> None:
    raise ConnectionRefused("The server cannot be reached.", "No network.", "Wait.")


def test_everything_that_waits_is_sent_and_everything_new_carried_out(rig: Rig):
    rig.source.write(2 * BATCH + 7)
    own = rig.source.erase()
    foreign = [MemorySource().erase() for _ in range(5)]
    rig.server.tombstones_kept += foreign
    rig.loop.start()
    assert rig.next() == SyncChanged(NOW, 0)
    assert rig.server.leaves == rig.source.leaves
    assert max(rig.source.cosigned) == 2 * BATCH + 7
    assert rig.server.tombstones_kept == [*foreign, own]
    assert rig.source.applied == [own.erasure, *(one.erasure for one in foreign)]
    assert rig.server.acknowledged == 6


def test_a_poke_starts_a_round(rig: Rig):
    rig.loop.start()
    rig.next()
    rig.source.write(1)
    rig.loop.poke()
    assert rig.next().waiting == 0
    assert rig.server.leaves == rig.source.leaves


def test_rounds_repeat_by_themselves():
    rig = Rig(interval_s=0.01)
    rig.loop.start()
    for _ in range(3):
        assert rig.next().problem == ""
    rig.close()


def test_an_offline_time_loses_nothing():
    rig = Rig(delay_s=0.001)
    rig.server.before = fail
    rig.source.write(3)
    rig.source.erase()
    rig.loop.start()
    for _ in range(8):
        outcome = rig.next()
        assert (outcome.confirmed_at, outcome.waiting) == (None, 4)
        assert "No network" in outcome.problem
    rig.server.before = lambda: None
    while rig.next().problem:
        continue
    assert rig.server.leaves == rig.source.leaves
    assert rig.source.waiting() == 0
    rig.close()


def test_delays_grow_are_bounded_and_differ():
    rig = Rig()
    rig.loop._first_delay_s, rig.loop._longest_delay_s = 1.0, 300.0
    for failures, longest in ((1, 1.0), (2, 2.0), (5, 16.0), (20, 300.0), (2000, 300.0)):
        rig.loop._failures = failures
        delays = {rig.loop._delay() for _ in range(20)}
        assert all(longest / 2 <= delay <= longest for delay in delays)
        assert len(delays) > 1
    rig.close()


def test_a_false_cosignature_is_refused_and_nothing_counts_as_confirmed(rig: Rig):
    other = Witness("witness/1", bytes([1]) * 32)
    rig.server.change = lambda note: other.cosign(note, 1)
    rig.source.write(2)
    rig.loop.start()
    outcome = rig.next()
    assert "refused" in outcome.problem
    assert (outcome.confirmed_at, outcome.waiting) == (None, 2)
    assert rig.source.cosigned == {}
    # The vault audits what it refuses itself.
    assert rig.audited == []


def test_a_confirmation_of_another_log_is_refused(rig: Rig):
    liar = MemorySource()
    liar.write(2)
    rig.server.change = lambda _: rig.server.witness.cosign(liar.checkpoint(2), 1)
    rig.source.write(2)
    rig.loop.start()
    assert rig.next().waiting == 2


def test_the_cosignature_of_an_older_checkpoint_is_refused(rig: Rig):
    rig.source.write(1)
    old = rig.source.checkpoint(1)
    rig.source.write(1)
    rig.server.change = lambda _: rig.server.witness.cosign(old, 1)
    rig.loop.start()
    assert rig.next().waiting == 2
    assert parse_note(old)


def test_nonsense_is_audited_once_while_it_lasts():
    rig = Rig(delay_s=0.001)

    def lie() -> None:
        raise ServerMisbehaved("The server was refused.", "Nonsense.", "Tell somebody.")

    rig.server.before = lie
    rig.loop.start()
    for _ in range(4):
        assert "Nonsense" in rig.next().problem
    assert [error.why for error in rig.audited] == ["Nonsense."]
    rig.close()


class AuditingSource(MemorySource):
    def __init__(self) -> None:
        super().__init__()
        self.drafts: list[AuditDraft] = []

    def append_audit(self, draft: AuditDraft) -> None:
        self.drafts.append(draft)


@pytest.mark.parametrize("kind", [AuditingSource, MemorySource])
def test_a_source_with_a_log_audits_by_itself(rig: Rig, kind: type[MemorySource]):
    source = kind()
    source.kept = rig.source.kept
    loop = SyncLoop(source, rig.lane, rig.bus, FixedClock(), connect=rig.connect)

    def lie() -> None:
        raise ServerMisbehaved("The server was refused.", "Nonsense.", "Tell somebody.")

    rig.server.before = lie
    loop.start()
    assert "Nonsense" in rig.next().problem
    loop.stop()
    if isinstance(source, AuditingSource):
        (draft,) = source.drafts
        assert (draft.action, draft.result) == (Action.SERVER_MISBEHAVED, Result.REFUSED)
        assert (draft.object_id, draft.detail) == (source.device, {"why": "Nonsense."})


def test_a_fault_of_our_own_does_not_end_the_loop(rig: Rig, caplog: pytest.LogCaptureFixture):
    def break_down() -> None:
        raise RuntimeError("a fault")

    rig.server.before = break_down
    rig.loop.start()
    assert "error of this program" in rig.next().problem
    rig.server.before = lambda: None
    rig.loop.poke()
    assert rig.next().problem == ""
    assert "synchronisation failed" in caplog.text


def test_without_an_enrolment_nothing_is_asked(rig: Rig):
    enrolment, rig.source.kept = rig.source.kept, None
    rig.source.write(1)
    asked = threading.Event()
    original = rig.source.enrolment

    def noting() -> Enrolment | None:
        asked.set()
        return original()

    rig.source.enrolment = noting  # type: ignore[method-assign]
    rig.loop.start()
    assert asked.wait(20)
    assert rig.server.requests == 0
    rig.source.kept = enrolment
    rig.loop.poke()
    assert rig.next().waiting == 0


def test_stopping_from_the_lane_does_not_lock_up(rig: Rig):
    entered = threading.Event()
    free = threading.Event()

    def hold() -> None:
        entered.set()
        free.wait(20)

    rig.server.before = hold
    rig.source.write(1)
    rig.loop.start()
    assert entered.wait(20)
    # The lane stops the loop while the loop is about to ask something of the lane.
    stopping = rig.lane.submit(lambda: (free.set(), rig.loop.stop()))
    stopping.result(timeout=20)
    assert not rig.loop._thread.is_alive()
    assert rig.source.cosigned == {}


def test_stopping_before_starting_and_twice(rig: Rig):
    rig.loop.stop()
    rig.loop.stop()


def test_a_source_that_does_not_move_on_is_not_asked_for_ever(
    rig: Rig, caplog: pytest.LogCaptureFixture
):
    rig.source.confirm_leaves = lambda _size, _note: None  # type: ignore[method-assign]
    rig.source.write(1)
    rig.loop.start()
    assert "error of this program" in rig.next().problem
    del rig.source.confirm_leaves
    rig.source.apply_tombstone = lambda _one, _position: False  # type: ignore[method-assign]
    rig.server.tombstones_kept.append(MemorySource().erase())
    rig.loop.poke()
    assert "error of this program" in rig.next().problem
    assert caplog.text.count("synchronisation failed") == 2


def test_a_lane_that_drops_its_work_ends_the_loop(rig: Rig):
    busy, free = threading.Event(), threading.Event()

    def hold() -> None:
        busy.set()
        free.wait(20)

    rig.lane.submit(hold)
    assert busy.wait(20)
    rig.loop.start()
    rig.loop.stop()
    free.set()
    assert not rig.loop._thread.is_alive()
    assert rig.server.requests == 0


def test_what_is_held_back_is_shown_and_not_acknowledged(rig: Rig):
    rig.source.held = 2
    rig.source.tombstones_done = lambda: 3  # type: ignore[method-assign]
    rig.server.tombstones_kept += [MemorySource().erase() for _ in range(6)]
    rig.loop.start()
    outcome = rig.next()
    assert "2 erasures wait" in outcome.problem
    assert outcome.confirmed_at == NOW
    assert rig.source.cursor == 6
    assert rig.server.acknowledged == 3


def test_a_policy_that_waits_is_published_and_a_followed_one_taken_over(rig: Rig):
    heard: list[Event] = []
    rig.bus.subscribe(heard.append)
    rig.source.offered = "rules"
    rig.source.follows = True
    rig.loop.start()
    assert rig.next().problem == ""
    assert rig.server.fleet == ("etag of rules", b"rules")
    assert (rig.source.offered, rig.source.policy) == ("", ("etag of rules", b"rules"))
    changed = HistoryChanged(frozenset({"policy", "audit"}))
    assert heard.count(changed) == 1
    rig.loop.poke()
    rig.next()
    assert heard.count(changed) == 1


def test_a_policy_that_is_refused_keeps_nothing_else_from_going_on(rig: Rig):
    def refuse(note: bytes, etag: str) -> bool:
        raise ServerMisbehaved("The fleet's policy was refused.", "It is older.", "Tell.")

    rig.source.follows = True
    rig.source.receive_policy = refuse  # type: ignore[method-assign]
    rig.server.fleet = ("x", b"old")
    rig.source.write(3)
    erased = rig.source.erase()
    rig.loop.start()
    assert "older" in rig.next().problem
    assert len(rig.server.leaves) == 3
    assert rig.server.tombstones_kept == [erased]


def test_who_follows_nobody_asks_for_no_policy(rig: Rig):
    rig.server.fleet = ("x", b"rules")
    rig.loop.start()
    rig.next()
    assert rig.source.policy == ("", b"")


def test_what_is_known_of_the_fleet_is_told_when_it_changes(rig: Rig):
    heard: list[Event] = []
    rig.bus.subscribe(heard.append)
    rig.server.seen = (DeviceSeen(DeviceId("d"), None, 2, silent=True),)
    rig.loop.start()
    rig.next()
    rig.loop.poke()
    rig.next()
    assert [e for e in heard if isinstance(e, FleetSeen)] == [FleetSeen(rig.server.seen)]
