"""The running program without its window: locking while calls go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.app.local_office import LocalOffice
from softphone.app.missed import MOST, Missed
from softphone.domain.audit import Action, AuditFilter, AuditRow
from softphone.domain.call import Call, CallState, Direction, Disposition
from softphone.domain.errors import StorageFailed
from softphone.domain.events import (
    AudioDevicesChanged,
    CallChanged,
    HistoryChanged,
    RecordingPaused,
    RecordingStarted,
    SignedOut,
)
from softphone.domain.recording import GapReason
from softphone.domain.workplace import LockReason
from softphone.export.documents import HtmlDocuments
from tests.fakes.player import FakePlayer
from tests.unit.app.rig import ADMIN, AGENT, SUPERVISOR, NotingPhone, NotingWriter
from tests.unit.vault.rig import Rig


@dataclass
class Runner:
    client: NotingPhone = field(default_factory=NotingPhone)
    left_running: list[bool] = field(default_factory=list)

    def start(self) -> None:
        """It runs."""

    def stop(self, *, leave_running: bool) -> None:
        self.left_running.append(leave_running)


class Nothing:
    """A synchronisation that does nothing."""

    def poke(self) -> None:
        """Nothing waits."""

    def stop(self) -> None:
        """Nothing runs."""


class Place:
    """An office over a real vault."""

    def __init__(self, root: Path) -> None:
        self.rig = Rig(root)
        self.rig.create(SUPERVISOR, AGENT)
        self.runner = Runner()
        self.events: list[object] = []
        self.office = LocalOffice(
            keeper=self.rig.keeper,
            engine=lambda _publish: self.runner,  # type: ignore[arg-type, return-value]
            workbooks=NotingWriter(),
            player=FakePlayer(),
            clock=self.rig.clock,
            start_sync=lambda _source, _lane, _bus: Nothing(),
            time_zone="UTC",
            documents=HtmlDocuments(),
        )
        self.office.bus.subscribe(self.events.append)
        now = self.rig.clock.now()
        self.call = Call("c1", "a1", Direction.INCOMING, CallState.ESTABLISHED, "+442079460000",
                         started_at=now, established_at=now)  # fmt: skip

    def on_lane(self, work):
        return self.office.lane.submit(work).result(timeout=20)

    def sign_in(self, member):
        return self.on_lane(lambda: self.office.sign_in(member.name, member.password))

    def tell(self, event) -> None:
        for listener in self.runner.client.listeners:
            listener(event)
        self.on_lane(lambda: None)

    def end(self) -> None:
        over = self.rig.clock.now()
        ended = replace(
            self.call, state=CallState.ENDED, ended_at=over, disposition=Disposition.ANSWERED
        )
        self.tell(CallChanged(ended))

    def rows(self, action: Action) -> list[AuditRow]:
        desk = self.office._desk
        assert desk is not None
        wanted = AuditFilter(action=action)
        return self.on_lane(lambda: list(desk.session.vault.audit_rows(wanted, 99, 0)))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.office.close()


def test_locking_drops_the_keys_and_leaves_the_call_alone(place: Place):
    desk = place.sign_in(AGENT)
    place.tell(CallChanged(place.call))
    place.runner.client.told.clear()
    core = desk.session.vault._stores.core
    assert core.vault_key
    place.on_lane(lambda: place.office.lock(LockReason.WORKSTATION))
    assert (core.vault_key, core.groups) == (b"", {})
    assert place.runner.client.told == []
    assert place.office.state.live_calls == (place.call,)
    assert place.office.state.user is None
    assert place.events[-1] == SignedOut()


def test_both_ends_of_a_lock_are_logged(place: Place):
    place.sign_in(AGENT)
    place.on_lane(lambda: place.office.lock(LockReason.IDLE))
    place.sign_in(AGENT)
    (locked,), (unlocked,) = place.rows(Action.LOCKED), place.rows(Action.UNLOCKED)
    assert (locked.who, locked.detail) == (AGENT.name, {"why": "idle"})
    assert unlocked.who == AGENT.name
    place.on_lane(lambda: place.office.lock(LockReason.PERSON))
    place.sign_in(SUPERVISOR)
    assert len(place.rows(Action.UNLOCKED)) == 1, "another person unlocks nothing"


def test_what_happened_meanwhile_is_written_for_whose_phone_it_was(place: Place):
    place.sign_in(AGENT)
    place.tell(CallChanged(place.call))
    place.on_lane(lambda: place.office.lock(LockReason.IDLE))
    place.rig.clock.advance(60)
    place.tell(RecordingStarted("c1", "r1", "Team sales"))
    place.tell(RecordingPaused("c1", "r1", GapReason.CARD_PAYMENT))
    paused_at = place.rig.clock.now()
    place.rig.clock.advance(60)
    place.end()
    desk = place.sign_in(SUPERVISOR)
    [entry] = place.on_lane(lambda: desk.calls.history("", 9, 0))
    assert (entry.agent_name, entry.talk_ms) == (AGENT.name, 120_000)
    assert ("forget", "c1") in place.runner.client.told
    (paused,) = place.rows(Action.RECORDING_PAUSED)
    assert paused.who == AGENT.name
    assert paused.detail == {"reason": "card_payment", "at": paused_at.isoformat()}
    assert [row.who for row in place.rows(Action.CALL_ENDED)] == [AGENT.name]
    assert len(place.rows(Action.RECORDING_STARTED)) == 1


def test_a_full_disk_keeps_nobody_signed_in(place: Place, monkeypatch: pytest.MonkeyPatch):
    desk = place.sign_in(AGENT)
    core = desk.session.vault._stores.core

    def fails(_draft):
        raise StorageFailed("Nothing was logged.", "The disk is full.")

    monkeypatch.setattr(desk.session.vault, "append_audit", fails)
    with pytest.raises(StorageFailed):
        place.on_lane(lambda: place.office.lock(LockReason.IDLE))
    assert core.vault_key == b""
    assert place.events[-1] == SignedOut()
    place.sign_in(AGENT)


def test_the_engine_is_left_alone_while_a_call_goes_on_though_nobody_is_signed_in(tmp_path: Path):
    place = Place(tmp_path)
    place.sign_in(AGENT)
    place.tell(CallChanged(place.call))
    place.on_lane(lambda: place.office.lock(LockReason.IDLE))
    place.office.close()
    assert place.runner.left_running == [True]


def test_a_phone_that_nobody_comes_back_to_does_not_fill_the_memory(place: Place):
    missed = Missed()
    now = place.rig.clock.now()
    missed.note(AudioDevicesChanged("a", "b"), now)
    missed.note(CallChanged(place.call), now)
    assert missed.take() == [], "nothing follows from these"
    for n in range(MOST + 5):
        missed.note(RecordingStarted("c", str(n), ""), now + timedelta(seconds=n))
    kept = missed.take()
    assert (len(kept), kept[0].event.recording) == (MOST, "5")
    assert missed.take() == []


def test_signing_out_by_hand_is_no_lock(place: Place):
    place.sign_in(ADMIN)
    place.on_lane(place.office.sign_out)
    place.sign_in(ADMIN)
    assert place.rows(Action.UNLOCKED) == []
    assert len(place.rows(Action.SIGNED_OUT)) == 1


def test_a_text_that_was_saved_reaches_the_engine(place: Place):
    place.sign_in(AGENT)
    place.runner.client.told.clear()
    place.office.bus.publish(HistoryChanged(frozenset({"texts", "audit"})))
    place.on_lane(lambda: None)
    assert "plan" in [told[0] for told in place.runner.client.told]
