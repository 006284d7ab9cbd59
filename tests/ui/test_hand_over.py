"""Handing a recording over in the window, between two real vaults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from softphone.ui.application import open_window
from softphone.ui.pages.recordings import RecordingsPage
from softphone.ui.widgets.basic import Button, Sign
from tests.fakes import sample
from tests.fakes.relay import fill
from tests.fakes.vault_office import VaultOffice
from tests.ui.conftest import Driver
from tests.unit.vault.rig import AGENT, SUPERVISOR


class Desk:
    """One workstation with its window."""

    def __init__(self, qtbot: QtBot, qapp: QApplication, root: Path) -> None:
        self.office = VaultOffice(root / "profile")
        self.settings = root / "settings.ini"
        self.settings.write_text("theme=light\nlanguage=en\n")
        self._qtbot, self._qapp = qtbot, qapp

    def endorse(self, other: Desk) -> None:
        self.office.rig.endorse(other.office.rig.device()[1])

    def record(self) -> None:
        vault = self.office.rig.open(AGENT)
        self.office.phone.sealed.append(self.office.rig.seal(vault, "+442079460000"))
        vault.close()
        self.office.sign_in(AGENT.name, AGENT.password).calls.take_in_recordings()
        self.office.sign_out()

    def open(self) -> tuple[Driver, RecordingsPage]:
        window = open_window(
            self.office, self._qapp, sign_in=(SUPERVISOR.name, SUPERVISOR.password),
            settings=self.settings,
        )  # fmt: skip
        self._qtbot.addWidget(window)
        driver = Driver(self._qtbot, self.office, window)
        self._qtbot.waitUntil(lambda: window.shell is not None)
        driver.shell.show_page("recordings")
        driver.settle()
        page = driver.shell.pages["recordings"]
        assert isinstance(page, RecordingsPage)
        return driver, page


@pytest.fixture
def desks(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    here, there = Desk(qtbot, qapp, tmp_path / "here"), Desk(qtbot, qapp, tmp_path / "there")
    here.endorse(there)
    there.endorse(here)
    here.record()
    yield here, there
    here.office.sign_out()
    there.office.sign_out()


def test_from_one_window_to_the_other(desks: tuple[Desk, Desk], tmp_path: Path) -> None:
    here, there = desks
    address, package = tmp_path / "address", tmp_path / "package"
    other, theirs = there.open()
    theirs.hand_over.make_address(address)
    other.settle()
    assert "ends in 7 days" in theirs.told.text()

    mine, page = here.open()
    page.view.select_row(0)
    row = page.player.row
    assert row is not None
    dialog = page.hand_over.ask_reason(address)
    assert dialog is not None
    dialog.reject()
    page.hand_over.hand_over(row.id, address, package, "Training")
    mine.settle()
    assert "sealed package is at" in page.told.text()

    assert theirs.model.rowCount() == 0
    theirs.hand_over.take_in(package)
    other.settle()
    other.qtbot.waitUntil(lambda: theirs.model.rowCount() == 1)
    assert "taken in" in theirs.told.text()
    theirs.hand_over.take_in(package)
    other.settle()
    assert "here already" in other.shell.notice.sign.text.text()


def test_what_is_sealed_for_others_cannot_be_chosen(desks: tuple[Desk, Desk]) -> None:
    here, _there = desks
    _mine, page = here.open()
    page.view.select_row(0)
    menu = page.hand_over.menu()
    menu.aboutToShow.emit()
    assert page.hand_over.give.isEnabled()
    row = page.player.row
    assert row is not None
    object.__setattr__(row, "refused", "It is sealed for others.")
    menu.aboutToShow.emit()
    assert not page.hand_over.give.isEnabled()


def test_sent_through_the_server_and_taken_in(drive: Callable[..., Driver]) -> None:
    driver = drive()
    world = driver.office.world
    fill(world, driver.office.clock.now())
    driver.shell.show_page("recordings")
    driver.settle()
    page = driver.shell.pages["recordings"]
    assert isinstance(page, RecordingsPage)
    driver.qtbot.waitUntil(lambda: page.relay.isVisible())
    assert page.relay.words.text() == "2 recordings wait to be taken in"
    assert "Desk 8" in page.relay.detail.text()
    row = next(i for i in range(40) if (r := page.model.row(i)) and not r.refused)
    page.view.select_row(row)
    page.hand_over.menu().aboutToShow.emit()
    assert [a.text() for a in page.hand_over.send.actions()] == [
        "Desk 8, team sales", "Review room north, team sales",
    ]  # fmt: skip
    assert page.hand_over.send.isEnabled()
    dialog = page.hand_over.ask_to_send(world.correspondents[0])
    assert dialog is not None
    dialog.reject()
    recording = page.player.row
    assert recording is not None
    page.hand_over.send_to(recording.id, world.correspondents[0], "Training")
    driver.qtbot.waitUntil(lambda: "on its way" in page.told.text())
    assert world.sent_packages[-1].recording == recording.id
    driver.qtbot.waitUntil(lambda: page.relay.sent.count() == 3)
    first = page.relay.sent.itemAt(0).widget().findChild(Sign)
    assert "waits for the server" in first.text.text()

    world.erased_packages.add("p1")
    page.relay.take_in.click()
    driver.qtbot.waitUntil(lambda: "1 recording was taken in." in page.told.text())
    assert "erased" in page.told.text()
    driver.qtbot.waitUntil(lambda: not page.relay.card.isVisible())

    world.sent_packages = world.sent_packages[1:2]
    page.relay.reload()
    driver.qtbot.waitUntil(lambda: page.relay.sent.count() == 1)
    page.relay.sent.itemAt(0).widget().findChild(Button).click()
    driver.qtbot.waitUntil(lambda: not page.relay.isVisible())
    assert world.sent_packages == []


def test_an_address_is_offered_through_the_server(drive: Callable[..., Driver]) -> None:
    driver = drive()
    driver.shell.show_page("recordings")
    driver.settle()
    page = driver.shell.pages["recordings"]
    assert isinstance(page, RecordingsPage)
    assert not page.relay.isVisible()
    assert [a.isEnabled() for a in page.hand_over.send.actions()] == [False]
    page.hand_over.open.trigger()
    driver.qtbot.waitUntil(lambda: "can send recordings here until" in page.told.text())
    assert len(driver.office.world.own_addresses) == 1


def test_who_may_not_listen_sees_that_something_waits(drive: Callable[..., Driver]) -> None:
    driver = drive(sample.AGENT)
    fill(driver.office.world, driver.office.clock.now())
    driver.shell.show_page("recordings")
    driver.settle()
    page = driver.shell.pages.get("recordings")
    if page is None:
        return
    assert isinstance(page, RecordingsPage)
    page.relay.reload()
    driver.qtbot.waitUntil(lambda: page.relay.card.isVisible())
    assert not page.relay.take_in.isEnabled()
    assert page.relay.sent.count() == 0
