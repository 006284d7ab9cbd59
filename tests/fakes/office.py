"""A whole office without disk, keys, network or threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from softphone.app.bus import Bus
from softphone.app.desk import Desk, open_desk
from softphone.app.ports import NewMember, OnRow, OpenFile
from softphone.app.reactions import react
from softphone.domain.audit import Action, DataCategory
from softphone.domain.contact import ContactFile
from softphone.domain.errors import InvalidInput, TryLater, WrongCredentials
from softphone.domain.events import Event, SignedIn, SignedOut
from softphone.domain.workplace import LockReason
from softphone.export.audit_table import FileAuditFiles
from softphone.export.contact_files import FileContacts
from softphone.export.documents import HtmlDocuments
from softphone.vault.delivery import AgeDelivery
from tests.fakes.clock import FakeClock
from tests.fakes.phone import FakePhone
from tests.fakes.player import FakePlayer
from tests.fakes.vault import FakeVault
from tests.fakes.world import World

T = TypeVar("T")


class InlineLane:
    """Runs work at once, unless it is held: then when released."""

    def __init__(self) -> None:
        self.held = False
        self._waiting: list[Callable[[], None]] = []

    def submit(self, work: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except Exception as error:  # noqa: BLE001 - a future carries any error
                future.set_exception(error)

        if self.held:
            self._waiting.append(run)
        else:
            run()
        return future

    def release(self) -> None:
        self.held = False
        waiting, self._waiting = self._waiting, []
        for run in waiting:
            run()


class FakeWorkbooks:
    def __init__(self) -> None:
        self.written: list[tuple[ContactFile, Path]] = []

    def write(
        self,
        data: ContactFile,
        destination: Path,
        exported_by: str,
        exported_at: datetime,
        time_zone: str,
        *,
        delivery: OpenFile | None = None,
        on_row: OnRow = lambda _done: True,
    ) -> None:
        self.written.append((data, destination))


class FakeOffice:
    def __init__(self, world: World | None = None, *, time_zone: str = "Europe/Berlin") -> None:
        self.bus = Bus()
        self.clock = FakeClock()
        self.lane = InlineLane()
        self.phone = FakePhone(self.clock)
        self.player = FakePlayer()
        self.workbooks = FakeWorkbooks()
        self.time_zone = time_zone
        self.world = world
        self.desk: Desk | None = None
        self.delay_s = 0.0
        self.phone.subscribe(self._on_engine)

    def aside(self, work: Callable[[Desk], T]) -> Future[T]:
        """At once and on this thread, as everything here."""

        def run() -> T:
            if self.desk is None:
                raise InvalidInput("Nothing was done.", "Nobody is signed in.")
            return work(self.desk)

        return self.lane.submit(run)

    def has_vault(self) -> bool:
        return self.world is not None

    def set_up(self, administrator: NewMember, device_name: str) -> tuple[Desk, str]:
        self.world = World.empty(administrator, self.clock)
        return self._enter(administrator.name), self.world.recovery_key

    def recovery_words(self, recovery_key: str) -> tuple[str, ...]:
        return (*("zebra", "abandon", "dry", "yellow") * 5, "wing", "lock", "key", "art")

    def sign_in(self, name: str, password: str) -> Desk:
        if self.delay_s:
            raise TryLater(self.delay_s)
        if self.world is None or self.world.passwords.get(name) != password:
            raise WrongCredentials
        return self._enter(name)

    def lock(self, why: LockReason) -> None:
        desk = self.desk
        if desk is not None:
            draft = desk.session.draft(
                Action.LOCKED, DataCategory.SIGN_IN, detail={"why": why.value}
            )
            desk.session.vault.append_audit(draft)
        self.sign_out()

    def sign_out(self) -> None:
        self.desk = None
        self.bus.publish(SignedOut())

    def _enter(self, name: str) -> Desk:
        assert self.world is not None
        vault = FakeVault(self.world, name, self.clock)
        self.desk = open_desk(
            vault,
            self.phone,
            self.workbooks,
            self.bus,
            self.clock,
            files=FileContacts(),
            delivery=AgeDelivery(work_factor=10),
            audit_files=FileAuditFiles(),
            documents=HtmlDocuments(),
        )
        self.desk.calls.start()
        member = vault.user
        self.bus.publish(SignedIn(member.id, member.name, member.role, member.team))
        return self.desk

    def _on_engine(self, event: Event) -> None:
        self.bus.publish(event)
        desk = self.desk
        if desk is not None:
            self.lane.submit(lambda: react(desk, event))  # type: ignore[arg-type]
