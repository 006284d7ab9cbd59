"""Filters, exports and ways to and from the audit log; workstations in the settings."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import Qt

from softphone.domain.audit import Action, DataCategory, Result
from softphone.domain.audit_bundle import AuditBundle
from softphone.domain.errors import StorageFailed
from softphone.domain.events import FleetSeen
from softphone.domain.fleet import DeviceSeen
from softphone.domain.ids import DeviceId
from softphone.ui.dialogs.compare import CompareDialog
from softphone.ui.pages import audit_scan
from softphone.ui.pages.audit import AuditPage
from softphone.ui.pages.contacts import ContactsPage
from softphone.ui.pages.recordings import RecordingsPage
from softphone.ui.pages.settings import SettingsPage
from softphone.ui.pages.settings_fleet import FleetSection
from softphone.ui.widgets.basic import Button, Sign
from tests.fakes import sample
from tests.fakes.bundles import Log
from tests.fakes.office import FakeOffice
from tests.fakes.vault import FakeVault
from tests.ui.conftest import Driver
from tests.ui.test_pages import open_page, world_of

Start = Callable[..., Driver]
VERIFIER = Path(__file__).parents[2] / "resources" / "verify_audit_bundle.py"


@pytest.fixture
def opened(drive: Start) -> tuple[Driver, AuditPage]:
    driver = drive()
    page = open_page(driver, "audit")
    assert isinstance(page, AuditPage)
    return driver, page


def rows(page: AuditPage) -> list:
    return [page.model.row(n) for n in range(page.model.rowCount())]


def test_each_filter_narrows_the_list(opened: tuple[Driver, AuditPage], office: FakeOffice) -> None:
    driver, page = opened
    everything = len(rows(page))
    options = page.options
    for box, value, said in (
        (options.result, Result.REFUSED, lambda r: r.entry.result == "refused"),
        (options.kind, DataCategory.RECORDING, lambda r: r.entry.category == "recording"),
        (options.action, Action.RECORDING_LISTENED, lambda r: r.entry.action.endswith("listened")),
    ):
        box.setCurrentIndex(box.findData(value))
        driver.settle()
        found = rows(page)
        assert found
        assert len(found) < everything
        assert all(said(row) for row in found)
        box.setCurrentIndex(0)
        driver.settle()
    assert options.who.count() > 1
    options.who.setCurrentIndex(1)
    driver.settle()
    assert {row.who for row in rows(page)} <= {options.who.currentText()}
    options.who.setCurrentIndex(0)
    options.when.setCurrentIndex(1)
    driver.settle()
    day = office.clock.now() - timedelta(hours=24)
    assert all(row.entry.time > day for row in rows(page))
    assert "Europe/Berlin" in page.subtitle.text()


def test_a_check_shows_how_far_it_is_and_can_be_stopped(
    opened: tuple[Driver, AuditPage], office: FakeOffice
) -> None:
    driver, page = opened
    office.lane.held = True
    page.verify()
    assert not page.banner.button.isEnabled()
    assert page.banner.cancel.isVisibleTo(page)
    page.banner.cancel.click()
    office.lane.release()
    driver.qtbot.waitUntil(lambda: page.banner.sentence.text() == "The check was stopped.")
    assert page.banner.button.isEnabled()
    assert not page.banner.cancel.isVisibleTo(page)
    page.verify()
    driver.qtbot.waitUntil(lambda: page.banner.sentence.text().startswith("Nothing was altered"))
    assert not page.banner.bar.isVisibleTo(page)


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx"])
def test_what_is_shown_is_exported(
    opened: tuple[Driver, AuditPage], tmp_path: Path, kind: str
) -> None:
    driver, page = opened
    options = page.options
    options.result.setCurrentIndex(options.result.findData(Result.REFUSED))
    driver.settle()
    shown = [row.entry.index for row in rows(page)]
    path = tmp_path / f"log.{kind}"
    page.strip.begin(path, options.filter())
    driver.qtbot.waitUntil(lambda: "Exported to" in page.strip.words.text())
    if kind == "csv":
        lines = list(csv.reader(path.read_text("utf-8-sig").splitlines()))[1:]
        found = [int(line[0]) for line in lines]
    elif kind == "json":
        found = [entry["n"] for entry in json.loads(path.read_text())]
    else:
        sheet = openpyxl.load_workbook(path).worksheets[0]
        found = [row[0] for row in sheet.iter_rows(values_only=True) if isinstance(row[0], int)]
    assert found == shown
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_export_that_is_stopped_leaves_nothing(
    opened: tuple[Driver, AuditPage], office: FakeOffice, tmp_path: Path
) -> None:
    driver, page = opened
    office.lane.held = True
    page.strip.begin(tmp_path / "log.csv", page.options.filter())
    driver.qtbot.mouseClick(page.strip.cancel, Qt.MouseButton.LeftButton)
    office.lane.release()
    driver.qtbot.waitUntil(lambda: "stopped" in page.strip.words.text())
    assert [one.name for one in tmp_path.iterdir()] == ["settings.ini"]
    exports = [r for r in world_of(office).audit if r.entry.action == Action.AUDIT_EXPORTED.value]
    assert exports[-1].entry.result == "failed"


def real_log(count: int) -> AuditBundle:
    log = Log(count)
    return log.bundle(log.signed_twice(count), mldsa_key=str(log.mldsa))


def test_a_bundle_is_written_with_numbers_and_holds_for_a_stranger(
    opened: tuple[Driver, AuditPage],
    office: FakeOffice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    driver, page = opened
    bundle = real_log(5000)
    monkeypatch.setattr(FakeVault, "audit_bundle", lambda _self: bundle)
    said: list[str] = []
    step = page.strip._next
    monkeypatch.setattr(
        page.strip, "_next", lambda *, done: (step(done=done), said.append(page.strip.words.text()))
    )
    path = tmp_path / "log.zip"
    page.strip.begin(path, page.options.filter())
    driver.qtbot.waitUntil(lambda: "Exported to" in page.strip.words.text())
    assert "2,000 of 5,000 entries" in said
    assert "4,000 of 5,000 entries" in said
    done = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(path), "--log-key", bundle.log_key],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "HOLDS: 5000 entries" in done.stdout


def test_a_bundle_that_is_stopped_leaves_nothing(
    opened: tuple[Driver, AuditPage],
    office: FakeOffice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    driver, page = opened
    bundle = real_log(3000)
    monkeypatch.setattr(FakeVault, "audit_bundle", lambda _self: bundle)
    office.lane.held = True
    page.strip.begin(tmp_path / "log.zip", page.options.filter())
    driver.qtbot.mouseClick(page.strip.cancel, Qt.MouseButton.LeftButton)
    office.lane.release()
    driver.qtbot.waitUntil(lambda: "stopped" in page.strip.words.text())
    assert [one.name for one in tmp_path.iterdir()] == ["settings.ini"]
    exports = [r for r in world_of(office).audit if r.entry.action == Action.AUDIT_EXPORTED.value]
    assert exports[-1].entry.result == "failed"


def test_calls_without_an_entry_are_shown(
    opened: tuple[Driver, AuditPage], office: FakeOffice, tmp_path: Path
) -> None:
    driver, page = opened
    records = tmp_path / "pbx.csv"
    records.write_text("calldate;src;dst\n2026-03-01 09:00:00;1001;+48225550147\nno date;1001;1\n")
    page.compare_records(records)
    driver.qtbot.waitUntil(lambda: bool(page.findChildren(CompareDialog)))
    (dialog,) = page.findChildren(CompareDialog)
    assert dialog.rows.count() == 1
    assert "+48 22 555 01 47" in dialog.rows.item(0).text()
    words = [sign.text.text() for sign in dialog.findChildren(Sign)]
    assert any("1 of 1 calls" in one for one in words)
    assert any("could not be read: 3" in one for one in words)
    close = next(b for b in dialog.findChildren(Button) if b.text() == "Close")
    driver.qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    driver.qtbot.waitUntil(lambda: not page.findChildren(CompareDialog))
    page.compare_records(tmp_path / "none.csv")
    driver.qtbot.waitUntil(lambda: "cannot be compared" in page.banner.sentence.text())


def test_a_rare_word_is_looked_for_in_parts(
    opened: tuple[Driver, AuditPage], office: FakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, page = opened
    monkeypatch.setattr(audit_scan, "WINDOW", 5)
    parts: list[tuple[int | None, int | None]] = []
    real = FakeVault.audit_rows

    def noting(self, wanted, limit, offset):
        parts.append((wanted.above, wanted.below))
        return real(self, wanted, limit, offset)

    monkeypatch.setattr(FakeVault, "audit_rows", noting)
    log = world_of(office).audit
    size, oldest = len(log), log[0].what
    page.search.setText(oldest)
    driver.qtbot.waitUntil(lambda: bool(parts) and parts[-1][0] == 0)
    driver.settle()
    # Part after part down to the first entry, each of them short, none left out.
    assert all(b is not None and a is not None and b - a <= 5 for a, b in parts)
    assert sum(b - a for a, b in parts if a is not None and b is not None) >= size
    assert rows(page)
    assert {row.what for row in rows(page)} == {oldest}


def test_many_matches_are_not_counted_to_the_end(
    opened: tuple[Driver, AuditPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, page = opened
    monkeypatch.setattr(audit_scan, "WINDOW", 5)
    monkeypatch.setattr(audit_scan, "MOST", 2)
    page.options.result.setCurrentIndex(page.options.result.findData(Result.DONE))
    driver.qtbot.waitUntil(lambda: "More than" in page.subtitle.text())


def test_an_export_that_fails_says_why(
    opened: tuple[Driver, AuditPage], office: FakeOffice, tmp_path: Path
) -> None:
    driver, page = opened
    page.strip.begin(tmp_path / "none" / "log.csv", page.options.filter())
    driver.qtbot.waitUntil(lambda: "Choose another place" in page.strip.words.text())
    world_of(office).trouble = StorageFailed("The vault cannot be read.", "Disk.", "Call IT.")
    page.strip.begin(tmp_path / "log.zip", page.options.filter())
    driver.qtbot.waitUntil(lambda: page.strip.words.text() != "Exporting")
    world_of(office).trouble = None


def test_who_looked_at_a_contact_and_a_recording(drive: Start) -> None:
    driver = drive()
    contacts = open_page(driver, "contacts")
    assert isinstance(contacts, ContactsPage)
    contacts.view.select_row(0)
    driver.settle()
    person = contacts.card._contact
    assert person is not None
    driver.qtbot.mouseClick(contacts.card.accesses, Qt.MouseButton.LeftButton)
    driver.settle()
    page = driver.shell.pages["audit"]
    assert isinstance(page, AuditPage)
    assert driver.shell.stack.currentWidget() is page
    assert page.options.about.text().startswith(person.name)
    assert any(row.entry.action == "contact.read" for row in rows(page))
    driver.qtbot.mouseClick(page.options.about, Qt.MouseButton.LeftButton)
    assert page.options.filter().object_id == ""
    recordings = open_page(driver, "recordings")
    assert isinstance(recordings, RecordingsPage)
    recordings.view.select_row(0)
    driver.settle()
    driver.qtbot.mouseClick(recordings.player.accesses, Qt.MouseButton.LeftButton)
    assert page.options.filter().object_id == recordings.player.row.id  # type: ignore[union-attr]


def test_an_entry_leads_to_what_it_is_about(drive: Start) -> None:
    driver = drive()
    contacts = open_page(driver, "contacts")
    assert isinstance(contacts, ContactsPage)
    contacts.view.select_row(0)
    driver.settle()
    person = contacts.card._contact
    assert person is not None
    page = open_page(driver, "audit")
    assert isinstance(page, AuditPage)
    about = next(n for n, row in enumerate(rows(page)) if row.entry.object_id == person.id)
    page.view.select_row(about)
    page._open_drawer()
    driver.qtbot.mouseClick(page.drawer.jump, Qt.MouseButton.LeftButton)
    driver.settle()
    assert driver.shell.stack.currentWidget() is contacts
    page.drawer.object_wanted.emit("gone")
    driver.settle()
    assert "not here any more" in driver.shell.notice.sign.text.text()


def test_without_the_right_nobody_asks_who_looked(drive: Start) -> None:
    driver = drive(sample.AGENT)
    contacts = open_page(driver, "contacts")
    assert isinstance(contacts, ContactsPage)
    assert contacts.card.accesses.isHidden()


def test_workstations_are_endorsed_followed_and_withdrawn(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.ADMINISTRATOR)
    page = open_page(driver, "settings")
    assert isinstance(page, SettingsPage)
    page.show_section("fleet")
    driver.settle()
    section = page.sections["fleet"]
    assert isinstance(section, FleetSection)
    device = "9a04c1d7-20c4-4f0e-8b0a-6d4f6c1e7a02"
    section.key.setText(f"softphone/{device}+0+AQ==")
    section.label.setText("Desk 8")
    driver.qtbot.mouseClick(section.endorse, Qt.MouseButton.LeftButton)
    driver.settle()
    assert world_of(office).policy.devices[0].label == "Desk 8"
    now = office.clock.now()
    seen = DeviceSeen(DeviceId(device), now - timedelta(days=3), 2, silent=True)
    office.bus.publish(FleetSeen((seen,)))
    driver.settle()
    assert any("Silent" in one.text.text() for one in section.findChildren(Sign))
    withdraw = next(b for b in section.findChildren(Button) if b.text() == "Withdraw")
    driver.qtbot.mouseClick(withdraw, Qt.MouseButton.LeftButton)
    driver.settle()
    assert world_of(office).policy.devices == ()
    section.follow_key.setText("no key")
    follow = next(b for b in section.findChildren(Button) if b.text() == "Follow")
    driver.qtbot.mouseClick(follow, Qt.MouseButton.LeftButton)
    driver.settle()
    assert "no policy key" in section.problem.text.text()
