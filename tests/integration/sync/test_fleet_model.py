"""Five workstations and a server through partitions, repeats, skewed clocks and restored backups.

Real vaults, the real loop and client, the real application; only the network and the clocks are
made. Whatever happens in whatever order: once everybody has spoken again, all are of one mind, and
nothing that was erased anywhere is left or comes back anywhere.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from softphone.domain.audit import Action
from softphone.domain.ids import ErasureId, RecordingId
from softphone.domain.privacy import ErasureReason, Tombstone
from softphone.domain.recording import SealedRecording
from tests.fakes.faults import Fault
from tests.fakes.fleet import Server, Station, fleet
from tests.unit.vault.rig import contact, draft

COUNT = 5
NUMBERS = ("+493012345678", "+442079460000", "+48225550147")
STATIONS = st.integers(0, COUNT - 1)
PEOPLE = st.integers(0, len(NUMBERS) - 1)
NETWORK = st.lists(st.sampled_from(Fault), max_size=12)


@dataclass(frozen=True)
class Kept:
    """A contact or a recording on one workstation, and what was carried out there before it."""

    id: str
    number: str
    station: int
    after: frozenset[ErasureId]


class Fleet(RuleBasedStateMachine):
    """What people and the network do; the model is what must be gone in the end."""

    @initialize(days=st.lists(st.integers(-40, 40), min_size=COUNT, max_size=COUNT))
    def set_up(self, days: list[int]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="model-"))
        self.server: Server
        self.stations: list[Station]
        self.server, self.stations = fleet(self.folder, [timedelta(days=d) for d in days])
        self.kept: set[Kept] = set()
        self.orders: dict[ErasureId, tuple[Tombstone, str]] = {}
        """Erasures, each with the number of the person, empty for one recording."""
        self.issued: dict[ErasureId, int] = {}
        self.sealed: dict[str, SealedRecording] = {}
        self.backups: dict[int, set[Kept]] = {}

    # what people do
    @rule(at=STATIONS, who=PEOPLE)
    def save_contact(self, at: int, who: int) -> None:
        station = self._at(at)
        if station.vault.find_contact(NUMBERS[who]) is None:
            person = contact(f"Person {who}", NUMBERS[who])
            station.vault.save_contact(person, draft(station.vault))
            self.kept.add(self._now_kept(person.id, NUMBERS[who], at))

    @rule(at=STATIONS, who=PEOPLE)
    def record(self, at: int, who: int) -> None:
        station = self._at(at)
        sealed = station.rig.seal(station.vault, NUMBERS[who], at=station.clock.now())
        recording = sealed.manifest.recording
        station.vault.take_in(
            sealed, draft(station.vault, Action.RECORDING_SEALED, object_id=recording)
        )
        self.sealed[recording] = sealed
        self.kept.add(self._now_kept(recording, NUMBERS[who], at))

    @precondition(lambda self: self.sealed)
    @rule(data=st.data(), to=STATIONS)
    def hand_over(self, data: st.DataObject, to: int) -> None:
        """The same recording on a second workstation; what was erased there stays away."""
        recording = data.draw(st.sampled_from(sorted(self.sealed)))
        station = self._at(to)
        number = self.sealed[recording].number
        if recording in station.recordings():
            return
        gone = {r for order, _ in self._known(to).values() for r in order.recordings}
        again = station.rig.seal(station.vault, number, at=station.clock.now(), recording=recording)
        station.vault.take_in(
            again, draft(station.vault, Action.RECORDING_SEALED, object_id=recording)
        )
        if recording in gone:
            assert recording not in station.recordings()
        if recording in station.recordings():
            self.kept.add(self._now_kept(recording, number, to))

    @rule(at=STATIONS, who=PEOPLE)
    def erase(self, at: int, who: int) -> None:
        station = self._at(at)
        found = station.vault.find_contact(NUMBERS[who])
        if found is not None:
            station.vault.erase_contact(found.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
            self._note_orders(at, NUMBERS[who])

    @rule(at=STATIONS, data=st.data())
    def delete_recording(self, at: int, data: st.DataObject) -> None:
        station = self._at(at)
        if present := sorted(station.recordings()):
            chosen = RecordingId(data.draw(st.sampled_from(present)))
            station.vault.delete_recording(
                chosen, draft(station.vault, Action.RECORDING_DELETED, object_id=chosen)
            )
            self._note_orders(at, "")

    # what the network and time do
    @rule(at=STATIONS, network=NETWORK)
    def sync(self, at: int, network: list[Fault]) -> None:
        self._at(at).sync(network)
        self._nothing_is_claimed_that_was_not_done(at)

    @rule(at=STATIONS)
    def sync_with_a_full_disk(self, at: int) -> None:
        """What is received in this round cannot be written; the next one must bring it again."""
        station = self._at(at)
        connection = station.vault._stores.core.connection
        connection.execute(
            "CREATE TEMP TRIGGER full BEFORE INSERT ON seen_tombstones"
            " BEGIN SELECT raise(ABORT, 'the disk is full'); END"
        )
        station.sync()
        connection.execute("DROP TRIGGER full")
        self._nothing_is_claimed_that_was_not_done(at)

    @rule(at=STATIONS, whose=STATIONS)
    def withdraw_trust(self, at: int, whose: int) -> None:
        """What that workstation orders waits here from now on."""
        other = self.stations[whose].vault.device
        station = self._at(at)
        if at != whose and station.vault.policy.device(other) is not None:
            station.withdraw(other)

    @rule(at=STATIONS)
    def somebody_with_the_key_forks_the_log(self, at: int) -> None:
        """Thieves of a key sign other entries than those that the witness has seen."""
        station = self._at(at)
        before = self.server.head(station.vault.device)
        if before.frontier.size:
            station.fork(before.frontier.size)
            assert self.server.head(station.vault.device) == before

    @rule(days=st.sampled_from([1, 30, 200]))
    def time_passes_at_the_server(self, days: int) -> None:
        self.server.now += timedelta(days=days)

    @rule(at=STATIONS)
    def enrol_again(self, at: int) -> None:
        self._at(at).enrol()

    # what becomes of machines
    @rule(at=STATIONS)
    def back_up(self, at: int) -> None:
        self._at(at).back_up()
        self.backups[at] = {one for one in self.kept if one.station == at}

    @precondition(lambda self: self.backups)
    @rule(data=st.data(), newer=st.booleans(), online=st.booleans())
    def restore(self, data: st.DataObject, newer: bool, online: bool) -> None:
        at = data.draw(st.sampled_from(sorted(self.backups)))
        station = self._at(at)
        asked = station.restore(newer=newer, online=online)
        self.kept = {one for one in self.kept if one.station != at} | self.backups.pop(at)
        stored = {one.erasure for one in self.server.store.tombstones(0, 10_000)}
        waiting = {one.erasure for one in station.vault.unsent_tombstones()}
        for erasure, (order, _) in list(self.orders.items()):
            # What only the lost machine knew, nobody can know (docs/vault.md).
            own = self.issued[erasure] == at
            if own and erasure not in stored | waiting and not self._is_known(at, order):
                assert not newer
                del self.orders[erasure]
        if asked:
            self._nothing_came_back(at)
        station.enrol()

    @rule(at=STATIONS)
    def endorse_everybody(self, at: int) -> None:
        self._at(at).endorse([one.vault.log_key for one in self.stations])

    def teardown(self) -> None:
        if not hasattr(self, "stations"):
            return
        try:
            self._everybody_speaks_again()
            self._check()
        finally:
            for station in self.stations:
                station.close()
            self.server.close()
            shutil.rmtree(self.folder)

    def _everybody_speaks_again(self) -> None:
        for station in self.stations:
            station.endorse([one.vault.log_key for one in self.stations])
            if "enrol again" in station.sync():
                station.enrol()
        for _ in range(4):
            problems = [station.sync() for station in self.stations]
        assert problems == [""] * COUNT
        assert [station.vault.waiting() for station in self.stations] == [0] * COUNT

    def _check(self) -> None:
        last = self.server.store.counts()["tombstones"]
        stored = {one.erasure for one in self.server.store.tombstones(0, 10_000)}
        assert set(self.orders) <= stored
        for at, station in enumerate(self.stations):
            verdict = station.vault.verify_audit()
            assert (verdict.holds, verdict.why) == (True, "")
            assert verdict.witnessed_up_to == verdict.entries
            assert (station.vault.tombstones_done(), station.vault.held_back()) == (last, 0)
            present = station.contacts() | station.recordings()
            kept = {one for one in self.kept if one.station == at}
            doomed = {one.id for one in kept if self._doomed(one)}
            assert present & doomed == set()
            assert present >= {one.id for one in kept if not self._doomed(one)}
        for erasure in self.orders:
            assert self.server.store.progress(erasure)[1:] == (COUNT, COUNT)  # type: ignore[index]

    def _nothing_came_back(self, at: int) -> None:
        """Nobody works with a restored vault that holds what the server knows to be erased."""
        station = self.stations[at]
        stored = {one.erasure for one in self.server.store.tombstones(0, 10_000)}
        believed = {
            erasure: order
            for erasure, order in self.orders.items()
            if erasure in stored and station.believes(order[0].device)
        }
        present = station.contacts() | station.recordings()
        back = {
            one.id
            for one in self.kept
            if one.station == at and one.id in present and self._doomed(one, believed)
        }
        assert back == set()

    def _nothing_is_claimed_that_was_not_done(self, at: int) -> None:
        """What a workstation acknowledged is what it has carried out."""
        station = self.stations[at]
        claimed = self.server.head(station.vault.device).acknowledged
        for stored in self.server.store.tombstones(0, claimed):
            order, _ = self.orders[ErasureId(stored.erasure)]
            assert stored.position > claimed or self._is_known(at, order)

    def _doomed(
        self, one: Kept, orders: dict[ErasureId, tuple[Tombstone, str]] | None = None
    ) -> bool:
        return any(
            one.id in order.recordings or (number == one.number and erasure not in one.after)
            for erasure, (order, number) in (self.orders if orders is None else orders).items()
        )

    def _at(self, at: int) -> Station:
        """Return a workstation; a moment has passed there."""
        self.stations[at].clock.advance(1)
        return self.stations[at]

    def _now_kept(self, name: str, number: str, at: int) -> Kept:
        return Kept(name, number, at, frozenset(self._known(at)))

    def _known(self, at: int) -> dict[ErasureId, tuple[Tombstone, str]]:
        return {e: o for e, o in self.orders.items() if self._is_known(at, o[0])}

    def _is_known(self, at: int, order: Tombstone) -> bool:
        return bool(self.stations[at].vault._stores.erasures.known(order))

    def _note_orders(self, at: int, number: str) -> None:
        for order in self.stations[at].vault.unsent_tombstones():
            self.orders.setdefault(order.erasure, (order, number))
            self.issued.setdefault(order.erasure, at)


def of(examples: int, steps: int) -> type:
    """Return the machine as a test of its own."""
    case = Fleet.TestCase
    made = type("Case", (case,), {})
    made.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    return made


@pytest.mark.timeout(300)
class TestFleet(of(8, 25)):  # type: ignore[misc]
    """Within minutes, with every run of the tests."""


@pytest.mark.e2e
@pytest.mark.timeout(3600)
class TestFleetForLonger(of(150, 50)):  # type: ignore[misc]
    """For as long as it takes, with ``make e2e``."""
