from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from softphone.domain.errors import StorageFailed
from softphone.domain.permissions import Permission, Role
from softphone.ui.dialogs.contact import ContactDialog
from softphone.ui.dialogs.erase import EraseDialog
from softphone.ui.dialogs.hand_out import HandOutDialog
from softphone.ui.models.paging import PAGE
from softphone.ui.pages.audit import AuditPage
from softphone.ui.pages.contacts import ContactsPage
from softphone.ui.pages.history import HistoryPage
from softphone.ui.pages.page import Page
from softphone.ui.pages.recordings import RecordingsPage
from softphone.ui.pages.settings import SettingsPage
from softphone.ui.pages.settings_account import AccountSection
from softphone.ui.pages.settings_look import AppearanceSection, KeyboardSection
from softphone.ui.widgets.player_pane import PlayerPane
from tests.fakes import sample
from tests.fakes.office import FakeOffice
from tests.fakes.world import World
from tests.ui.conftest import Driver

Start = Callable[..., Driver]
LISTS = ["phone", "history", "contacts", "recordings", "audit"]


def world_of(office: FakeOffice) -> World:
    assert office.world is not None
    return office.world


def open_page(driver: Driver, key: str) -> Page:
    driver.shell.show_page(key)
    driver.settle()
    return driver.shell.pages[key]


def state_of(page: Page) -> str:
    assert page.states is not None
    return page.states.state


def message_of(page: Page) -> str:
    assert page.states is not None
    return page.states.message()


@pytest.mark.parametrize("key", LISTS)
def test_full(drive: Start, key: str) -> None:
    assert state_of(open_page(drive(), key)) == "full"


@pytest.mark.parametrize("key", LISTS)
def test_empty_says_what_it_is_for(drive: Start, office: FakeOffice, key: str) -> None:
    world = world_of(office)
    world.calls.clear()
    world.contacts.clear()
    world.recordings.clear()
    driver = drive()
    page = open_page(driver, key)
    if key == "audit":
        page.search.setText("nothing like this")  # type: ignore[attr-defined]
        driver.qtbot.waitUntil(lambda: state_of(page) == "empty")
    assert state_of(page) == "empty"
    assert len(message_of(page).split()) > 6


@pytest.mark.parametrize("key", LISTS)
def test_error_says_what_why_and_what_to_do(drive: Start, office: FakeOffice, key: str) -> None:
    driver = drive()
    world_of(office).trouble = StorageFailed(
        "The vault cannot be read.", "The disk fails.", "Call IT."
    )
    if key == "phone":
        driver.shell.pages["phone"].reload()
        driver.settle()
    page = open_page(driver, key)
    assert state_of(page) == "error"
    assert "The vault cannot be read. The disk fails. Call IT." in message_of(page)
    assert page.states is not None
    page.states._copy()
    assert "Call IT." in QApplication.clipboard().text()
    world_of(office).trouble = None
    page.reload()
    driver.settle()
    assert state_of(page) == "full"


@pytest.mark.parametrize("key", LISTS[1:])
def test_bars_while_loading(drive: Start, office: FakeOffice, key: str) -> None:
    driver = drive()
    office.lane.held = True
    page = open_page(driver, key)
    if key == "audit":
        page.reload()
    assert state_of(page) == "loading"
    assert page.states is not None
    states = page.states
    driver.qtbot.waitUntil(lambda: states.currentWidget() is states._skeleton)
    office.lane.release()
    driver.settle()
    driver.qtbot.waitUntil(lambda: state_of(page) == "full")


def test_a_long_history_is_read_by_pages(drive: Start, office: FakeOffice) -> None:
    office.world = sample.world(office.clock, history=3 * PAGE)
    driver = drive()
    page = open_page(driver, "history")
    assert isinstance(page, HistoryPage)
    assert page.model.rowCount() == PAGE
    page.view.scrollToBottom()
    driver.qtbot.waitUntil(lambda: page.model.rowCount() == 2 * PAGE)
    assert page.subtitle.text() == "600 calls"


def test_history_filters_and_calls_back(drive: Start) -> None:
    driver = drive(sample.SUPERVISOR)
    page = open_page(driver, "history")
    assert isinstance(page, HistoryPage)
    page.search.setText("kowal")
    driver.qtbot.waitUntil(lambda: page.subtitle.text() == "5 calls")
    driver.qtbot.waitUntil(lambda: page.model.rowCount() == 5)
    page.view.select_row(0)
    driver.qtbot.mouseClick(page.call_back, Qt.MouseButton.LeftButton)
    driver.settle()
    assert ("dial", "+48225550147") in driver.commands


def test_the_rail_shows_only_what_the_person_may_use(drive: Start) -> None:
    agent = drive(sample.AGENT)
    assert list(agent.shell.rail.items) == ["phone", "history", "contacts", "settings"]
    agent.shell.show_page("audit")
    assert "audit" not in agent.shell.pages


def test_listening_opens_the_recording_and_is_logged(drive: Start, office: FakeOffice) -> None:
    driver = drive()
    page = open_page(driver, "recordings")
    assert isinstance(page, RecordingsPage)
    page.view.select_row(0)
    driver.settle()
    listened = [r for r in world_of(office).audit if r.entry.action == "recording.listened"]
    assert office.player.reader is None
    page.view.setFocus()
    driver.qtbot.keyClick(page.view, Qt.Key.Key_Space)
    driver.settle()
    assert office.player.playing
    now = [r for r in world_of(office).audit if r.entry.action == "recording.listened"]
    assert len(now) == len(listened) + 1
    driver.qtbot.keyClick(page.view, Qt.Key.Key_L)
    assert office.player.position == 10_000
    driver.qtbot.keyClick(page.view, Qt.Key.Key_J)
    assert office.player.position == 0
    driver.qtbot.keyClick(page.view, Qt.Key.Key_K)
    assert not office.player.playing


def test_a_note_at_a_moment_and_a_review(drive: Start, office: FakeOffice) -> None:
    driver = drive()
    page = open_page(driver, "recordings")
    assert isinstance(page, RecordingsPage)
    row = page.model.row(0)
    assert row is not None
    page.player.toggle()
    driver.settle()
    office.player.position = 42_000
    page.player.note_line.setText("Well done.")
    driver.qtbot.keyClick(page.player.note_line, Qt.Key.Key_Return)
    driver.settle()
    notes = [n for n in world_of(office).notes.values() if n.text == "Well done."]
    assert [(n.recording, n.at_ms) for n in notes] == [(row.id, 42_000)]
    driver.qtbot.mouseClick(page.review, Qt.MouseButton.LeftButton)
    driver.settle()
    assert world_of(office).recordings[row.id].reviewed_by == sample.SUPERVISOR


def test_refusals_say_what_is_missing_and_who_can_give_it(drive: Start) -> None:
    driver = drive()
    page = open_page(driver, "recordings")
    assert isinstance(page, RecordingsPage)
    sealed = next(i for i in range(50) if (row := page.model.row(i)) and row.refused)
    page.view.select_row(sealed)
    driver.settle()
    assert not page.player.play.isEnabled()
    assert "“Listen to recordings”" in page.player.wave._message
    assert sample.ADMINISTRATOR in page.player.wave._message
    assert not page.player.download.isEnabled()
    assert "“Download recordings”" in page.player.download_why.text()
    assert "sealed for others" in page.review.toolTip()


def test_audit_banner_and_drawer(drive: Start, office: FakeOffice) -> None:
    driver = drive()
    page = open_page(driver, "audit")
    assert isinstance(page, AuditPage)
    page.verify()
    driver.settle()
    assert page.banner.sentence.text().startswith("Nothing was altered, dropped or reordered")
    refused = next(i for i in range(50) if (r := page.model.row(i)) and r.entry.result == "refused")
    page.view.select_row(refused)
    page.view.clicked.emit(page.view.currentIndex())
    assert page.drawer.isVisible()
    assert "Refused" in page.drawer.title.text.text()
    driver.qtbot.keyClick(page.view, Qt.Key.Key_Down)
    assert "Refused" not in page.drawer.title.text.text()
    driver.qtbot.keyClick(page.view, Qt.Key.Key_Escape)
    assert page.drawer.isHidden()
    world_of(office).broken_at = 41
    page.verify()
    driver.settle()
    assert page.banner.sentence.text() == "The log was altered from entry 42 on"


def test_reading_the_audit_log_is_logged(drive: Start, office: FakeOffice) -> None:
    open_page(drive(), "audit")
    assert world_of(office).audit[-1].entry.action == "audit.read"


def test_adding_a_contact(drive: Start, office: FakeOffice) -> None:
    driver = drive()
    page = open_page(driver, "contacts")
    driver.qtbot.mouseClick(page.add, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    dialog = page.findChild(ContactDialog)
    assert dialog is not None
    dialog.name.setText("Jo Doe")
    dialog.numbers.set_numbers("not a number")
    dialog.submit()
    driver.settle()
    assert "not a telephone number" in dialog.problem.text.text()
    dialog.numbers.lines[0][0].setText("030 99887 766")
    dialog.numbers.set_numbers("jo@example.com")
    dialog.numbers.lines[0][1].setCurrentIndex(2)
    dialog.submit()
    driver.settle()
    saved = [c for c in world_of(office).contacts.values() if c.name == "Jo Doe"]
    assert saved[0].labelled == (("+493099887766", "mobile"), ("jo@example.com", ""))


def _select(driver: Driver, page: Page, name: str) -> ContactsPage:
    assert isinstance(page, ContactsPage)
    index = page.model.find(lambda c: c.name == name)
    page.view.setCurrentIndex(index)
    driver.settle()
    assert page.card.states.state == "full"
    return page


def test_export_says_where_the_file_is(drive: Start, office: FakeOffice, tmp_path: Path) -> None:
    driver = drive()
    page = _select(driver, open_page(driver, "contacts"), "Petra Schulz")
    page.card.export.click()
    dialog = page.card.findChild(HandOutDialog)
    assert dialog is not None
    dialog.write_to(tmp_path / "record.xlsx")
    driver.settle()
    assert office.workbooks.written[0][0].contact.name == "Petra Schulz"
    assert str(tmp_path / "record.xlsx") in dialog.state.text.text()


def test_erasing_asks_in_counts_and_hands_out_a_receipt(drive: Start, office: FakeOffice) -> None:
    driver = drive()
    page = _select(driver, open_page(driver, "contacts"), "Petra Schulz")
    driver.qtbot.mouseClick(page.card.erase, Qt.MouseButton.LeftButton)
    driver.settle()
    dialog = page.findChild(EraseDialog)
    assert dialog is not None
    words = dialog.erase.text()
    assert words.startswith("Erase ")
    assert "recordings and" in words
    assert "on 1 workstation" in words
    driver.qtbot.mouseClick(dialog.erase, Qt.MouseButton.LeftButton)
    assert words in dialog.question.text.text()
    assert any(c.name == "Petra Schulz" for c in world_of(office).contacts.values())
    driver.qtbot.mouseClick(dialog.erase, Qt.MouseButton.LeftButton)
    driver.settle()
    assert not any(c.name == "Petra Schulz" for c in world_of(office).contacts.values())
    assert dialog.title.text() == "The person is erased"
    assert "Petra" not in dialog._receipt
    driver.qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    driver.settle()
    assert page.card.states.state == "empty"


def test_without_the_right_buttons_say_why(drive: Start) -> None:
    driver = drive(sample.AGENT)
    page = open_page(driver, "contacts")
    assert isinstance(page, ContactsPage)
    assert not page.card.erase.isEnabled()
    assert "“Erase contacts”" in page.card.erase.toolTip()
    assert sample.ADMINISTRATOR in page.card.erase.toolTip()


def test_adding_an_account_registers_it(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.OFFICER)
    page = open_page(driver, "settings")
    assert isinstance(page, SettingsPage)
    section = page.sections["account"]
    assert isinstance(section, AccountSection)
    section.submit()
    assert "user name" in section.problem.text.text()
    section.user.setText("claire")
    section.server.setText("sip.north.example:5061")
    section.password.line.setText("secret")
    section.submit()
    driver.settle()
    accounts = {a.user: a for a, _ in world_of(office).accounts.values()}
    assert accounts["claire"].domain == "sip.north.example"
    assert ("set_account", accounts["claire"].id) in office.phone.commands


def test_keys_can_be_changed_unless_taken(drive: Start) -> None:
    driver = drive()
    page = open_page(driver, "settings")
    assert isinstance(page, SettingsPage)
    section = page.sections["keyboard"]
    assert isinstance(section, KeyboardSection)
    section.edits["mute"].setKeySequence("Ctrl+H")
    section._changed("mute")
    assert "is taken by" in section.problem.text.text()
    section.edits["mute"].setKeySequence("Ctrl+J")
    section._changed("mute")
    assert driver.window.settings.value("keys/mute") == "Ctrl+J"


def test_the_theme_changes_at_once_and_is_kept(drive: Start) -> None:
    driver = drive()
    page = open_page(driver, "settings")
    assert isinstance(page, SettingsPage)
    section = page.sections["appearance"]
    assert isinstance(section, AppearanceSection)
    section.theme.setCurrentIndex(section.theme.findText("Dark"))
    section.theme.activated.emit(section.theme.currentIndex())
    assert driver.window.settings.value("theme") == "dark"
    dark = driver.window.grab().toImage().pixelColor(200, 200).lightness()
    driver.shell.theme_wanted.emit()
    assert driver.window.settings.value("theme") == "light"
    light = driver.window.grab().toImage().pixelColor(200, 200).lightness()
    assert dark < 60
    assert light > 200


def test_a_role_without_contacts_has_no_contacts_page(drive: Start, office: FakeOffice) -> None:
    world = world_of(office)
    world.policy = replace(world.policy, roles=(Role("agent", ()),))
    driver = drive(sample.AGENT)
    assert not driver.shell.work.rights.may(Permission.CONTACTS_READ)
    assert list(driver.shell.rail.items) == ["phone", "history", "settings"]


def test_speed_and_skipped_silence_are_remembered_per_person(drive: Callable[..., Driver]):
    driver = drive()
    driver.shell.show_page("recordings")
    bar = driver.shell.pages["recordings"].player.tempo
    assert bar.segments[1.0].isChecked()
    bar.segments[1.5].click()
    driver.qtbot.keyClick(bar.skip, Qt.Key.Key_Space)
    assert (driver.office.player.speed, driver.office.player.skips) == (1.5, True)
    assert bar.segments[1.5].accessibleName() == "1.5 times as fast"
    driver.window.close()

    again = drive()
    again.shell.show_page("recordings")
    bar = again.shell.pages["recordings"].player.tempo
    assert bar.segments[1.5].isChecked()
    assert bar.skip.isChecked()
    kept = Path(again.window.settings.fileName()).read_text()
    assert sample.SUPERVISOR not in kept
    again.window.close()

    other = drive(sample.OFFICER)
    other.shell.show_page("recordings")
    assert other.shell.pages["recordings"].player.tempo.segments[1.0].isChecked()
    assert (other.office.player.speed, other.office.player.skips) == (1.0, False)


def test_the_speed_moves_under_the_transport_where_there_is_no_room(drive: Callable[..., Driver]):
    driver = drive()
    pane = PlayerPane(driver.shell.work, driver.window.settings)
    driver.qtbot.addWidget(pane)
    pane.show()
    for width, second in ((1190, 0), (800, 2), (1190, 0)):
        pane.resize(width, 320)
        driver.settle()
        assert pane.width() == width
        assert pane._second_bar.count() == second
