from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import get_type_hints

import openpyxl
import pytest

from softphone.app.aside import ROWS, TOPICS, RowsAside, Steps, vault_aside
from softphone.app.local_office import LocalOffice
from softphone.app.office_parts import ThreadLane
from softphone.app.ports import ExportFormat, SyncSource, Vault
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.errors import Cancelled, InvalidInput
from softphone.domain.events import Event
from softphone.export.contact_files import FileContacts
from softphone.export.documents import HtmlDocuments
from softphone.export.workbook import ExcelWorkbookWriter
from softphone.vault.delivery import AgeDelivery
from softphone.vault.export import AgeExporter
from tests.fakes.player import FakePlayer
from tests.unit.app.rig import OFFICER, NotingPhone
from tests.unit.vault.rig import PASSWORD, Rig, call, contact, draft

CALLS = ROWS + 20


class _Engine:
    def __init__(self) -> None:
        self.client = NotingPhone()

    def start(self) -> None:
        pass

    def stop(self, *, leave_running: bool) -> None:
        pass


class _NoSync:
    def poke(self) -> None:
        pass

    def stop(self) -> None:
        pass


@pytest.fixture
def office(tmp_path: Path) -> Iterator[LocalOffice]:
    rig = Rig(tmp_path / "profile")
    rig.create(OFFICER)

    def engine(publish: Callable[[Event], None]) -> _Engine:
        return _Engine()

    def no_sync(source: SyncSource, lane: object, bus: object) -> _NoSync:
        return _NoSync()

    made = LocalOffice(
        keeper=rig.keeper,
        engine=engine,
        workbooks=ExcelWorkbookWriter(),
        player=FakePlayer(),
        clock=rig.clock,
        start_sync=no_sync,
        time_zone="UTC",
        documents=HtmlDocuments(),
        exporters={ExportFormat.AGE: AgeExporter(work_factor=10)},
        files=FileContacts(),
        delivery=AgeDelivery(work_factor=10),
    )
    yield made
    made.close()


@pytest.fixture
def busy(office: LocalOffice) -> LocalOffice:
    """Signed in, with a customer of many calls."""

    def fill() -> None:
        desk = office.sign_in(OFFICER.name, PASSWORD)
        vault = desk.session.vault
        ada = contact("Ada Lovelace", "+493012345678")
        vault.save_contact(ada, draft(vault))
        at = desk.session.clock.now()
        for _ in range(CALLS):
            vault.add_call(call(vault, "+493012345678", at), draft(vault))

    office.lane.submit(fill).result()
    return office


def ada(office: LocalOffice):
    def find():
        return office._desk.session.vault.contacts("Ada", 1, 0)[0]

    return office.lane.submit(find).result()


def test_what_waits_for_the_lane_gets_in_between(busy: LocalOffice, tmp_path: Path):
    target, who = tmp_path / "ada.xlsx", ada(busy).id
    seen: list[int] = []

    def going_on(done: int) -> bool:
        # A page of the window asks for its rows while the file is being written.
        seen.append(
            busy.lane.submit(lambda: busy._desk.session.vault.history_count("")).result(timeout=10)
        )
        return True

    busy.aside(
        lambda desk: desk.privacy.export_contact(who, target, "UTC", on_row=going_on)
    ).result()
    assert len(seen) > 1
    assert set(seen) == {CALLS}
    rows = openpyxl.load_workbook(target)["Calls"]
    assert rows.max_row == CALLS + 1


def test_whoever_is_erased_meanwhile_is_not_handed_out(busy: LocalOffice, tmp_path: Path):
    target, who = tmp_path / "ada.xlsx", ada(busy).id
    erased: list[object] = []

    def erase(_done: int) -> bool:
        if not erased:
            erased.append(busy.lane.submit(lambda: busy._desk.privacy.erase(who)).result())
        return True

    export = busy.aside(lambda desk: desk.privacy.export_contact(who, target, "UTC", on_row=erase))
    with pytest.raises(Exception, match="contact"):
        export.result()
    assert erased
    assert list(tmp_path.glob("*.xlsx*")) == []


def test_signing_out_stops_it_and_nothing_is_left(busy: LocalOffice, tmp_path: Path):
    target, who = tmp_path / "ada.xlsx", ada(busy).id

    def leave(_done: int) -> bool:
        busy.lane.submit(busy.sign_out).result()
        return True

    export = busy.aside(lambda desk: desk.privacy.export_contact(who, target, "UTC", on_row=leave))
    with pytest.raises(Cancelled, match="stopped"):
        export.result()
    assert list(tmp_path.glob("*.xlsx*")) == []


def test_nobody_signed_in_has_no_desk_aside(office: LocalOffice):
    with pytest.raises(InvalidInput, match="Nothing was done"):
        office.aside(lambda desk: desk).result()


def test_a_command_that_writes_a_long_file_leaves_the_lane_free(busy: LocalOffice, tmp_path: Path):
    entered, go = threading.Event(), threading.Event()

    def hold() -> None:
        entered.set()
        go.wait(20)

    held = busy.lane.submit(hold)
    entered.wait(20)
    answers: list[dict] = []
    target = tmp_path / "all.csv"
    thread = threading.Thread(
        target=lambda: answers.append(busy.command("contacts export", [str(target), "csv"]))
    )
    thread.start()
    go.set()
    held.result()
    thread.join(30)
    assert answers == [{"ok": True, "file": str(target), "contacts": 1}]
    listed = busy.lane.submit(
        lambda: [
            row.entry.action for row in busy._desk.session.vault.audit_rows(AuditFilter(), 5, 0)
        ]
    ).result()
    assert Action.CONTACTS_EXPORTED.value in listed


def test_every_part_with_methods_of_its_own_is_known():
    parts = set()
    for base in Vault.__mro__:
        for name, member in vars(base).items():
            if isinstance(member, property):
                hint = get_type_hints(member.fget)["return"]
                if getattr(hint, "_is_protocol", False):
                    parts.add(name)
    assert parts == TOPICS


def test_lists_are_fetched_step_by_step_on_the_lane():
    lane = ThreadLane("vault")
    threads: set[str] = set()

    class Noting(Sequence[int]):
        def __len__(self) -> int:
            return 2 * ROWS + 1

        def __getitem__(self, index):
            threads.add(threading.current_thread().name.split("_")[0])
            return list(range(len(self)))[index]

    class Holder:
        def rows(self) -> Sequence[int]:
            return Noting()

        def numbers(self) -> Iterator[int]:
            for number in range(ROWS + 3):
                threads.add(threading.current_thread().name.split("_")[0])
                yield number

    aside = vault_aside(Holder(), Steps(lane, lambda: True))
    rows = aside.rows()
    assert isinstance(rows, RowsAside)
    assert list(rows) == list(range(2 * ROWS + 1))
    assert rows[-1] == 2 * ROWS
    assert list(aside.numbers()) == list(range(ROWS + 3))
    assert threads == {"vault"}
    lane.close()
