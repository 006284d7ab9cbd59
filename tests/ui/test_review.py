"""Reviewing a recording: balance, score card, download."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QThreadPool
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from softphone.app.ports import NewMember
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.workplace import Question, WorkplaceRules
from softphone.ui.application import open_window
from softphone.ui.dialogs.download import DownloadDialog
from softphone.ui.pages.recordings import RecordingsPage
from tests.fakes import sample
from tests.fakes.office import FakeOffice
from tests.fakes.vault_office import VaultOffice
from tests.ui.conftest import Driver
from tests.unit.vault.rig import AGENT, PASSWORD

Drive = Callable[..., Driver]
LEAD = NewMember("Lea Lead", PASSWORD, "team lead", "sales")


def page_of(driver: Driver) -> RecordingsPage:
    driver.shell.show_page("recordings")
    driver.settle()
    page = driver.shell.pages["recordings"]
    assert isinstance(page, RecordingsPage)
    page.view.select_row(0)
    driver.settle()
    return page


def ask(office: FakeOffice, *questions: Question) -> None:
    assert office.world is not None
    policy = office.world.policy
    object.__setattr__(policy, "workplace", WorkplaceRules(questions=questions))


def test_the_balance_goes_from_one_side_to_the_other(drive: Drive, office: FakeOffice) -> None:
    driver = drive()
    bar = page_of(driver).player.balance
    assert (office.player.balance, bar.slider.accessibleDescription()) == (0.0, "Both sides alike")
    bar.slider.setFocus()
    driver.qtbot.keyClick(bar.slider, Qt.Key.Key_Home)
    assert (office.player.balance, bar.slider.accessibleDescription()) == (-1.0, "Agent only")
    driver.qtbot.keyClick(bar.slider, Qt.Key.Key_End)
    assert (office.player.balance, bar.slider.accessibleDescription()) == (1.0, "Customer only")
    driver.qtbot.mouseClick(bar.middle, Qt.MouseButton.LeftButton)
    assert office.player.balance == 0.0
    bar.slider.setValue(1)
    assert office.player.balance == 0.0, "so near to the middle is the middle"


def test_without_questions_there_is_no_score_card(drive: Drive, office: FakeOffice) -> None:
    driver = drive()
    assert page_of(driver).player.score.isHidden()


def test_a_score_card_is_filled_in_and_shown(drive: Drive, office: FakeOffice) -> None:
    ask(office, Question("Was the caller greeted?", 1), Question("Was it solved?", 5))
    driver = drive()
    page = page_of(driver)
    driver.qtbot.waitUntil(page.player.score.isVisible)
    dialog = page.player.open_score()
    assert dialog is not None
    assert not dialog.save.isEnabled()
    dialog.rows[0].choose(1)
    assert dialog.total.text.text() == "1 of 2 answered"
    dialog.rows[1].choose(2)
    assert dialog.total.text.text() == "50 %"
    driver.qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    driver.settle()
    driver.qtbot.waitUntil(lambda: page.player.score.text() == "Score card, 50 %")
    again = page.player.open_score()
    assert again is not None
    assert [row.points for row in again.rows] == [1, 2]
    assert office.world is not None
    [card] = office.world.scores.values()
    assert card.reviewer_name == sample.SUPERVISOR


def test_the_window_says_that_one_cannot_score_oneself(drive: Drive, office: FakeOffice) -> None:
    ask(office, Question("Was it solved?", 5))
    driver = drive()
    page = page_of(driver)
    row, user = page.player.row, driver.window.store.state.user
    assert row is not None
    assert user is not None
    object.__setattr__(row, "agent", user.id)
    dialog = page.player.open_score()
    assert dialog is not None
    dialog.rows[0].choose(3)
    assert not dialog.save.isEnabled()
    assert "own call" in dialog.save.toolTip()


# --- download, over a real vault ---------------------------------------------------------------


@pytest.fixture
def lead(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Driver]:
    office = VaultOffice(tmp_path / "profile")
    office.sign_in("Ida Root", PASSWORD).people.add_member(LEAD)
    office.sign_out()
    vault = office.rig.open(AGENT)
    office.phone.sealed.append(office.rig.seal(vault, "+442079460000"))
    vault.close()
    settings = tmp_path / "settings.ini"
    settings.write_text("theme=light\nlanguage=en\n")
    agent = office.sign_in(AGENT.name, PASSWORD)
    agent.calls.take_in_recordings()
    office.sign_out()
    window = open_window(office, qapp, sign_in=(LEAD.name, PASSWORD), settings=settings)
    qtbot.addWidget(window)
    driver = Driver(qtbot, office, window)
    qtbot.waitUntil(lambda: window.shell is not None)
    driver.settle()
    yield driver
    office.sign_out()


def entries(driver: Driver) -> list[tuple[str, dict[str, str]]]:
    desk = driver.office.desk
    assert desk is not None
    wanted = AuditFilter(action=Action.RECORDING_EXPORTED)
    rows = desk.session.vault.audit_rows(wanted, 9, 0)
    return [(row.entry.result, row.detail) for row in rows]


def opened(driver: Driver) -> DownloadDialog:
    page = page_of(driver)
    driver.qtbot.waitUntil(page.player.download.isEnabled)
    dialog = page.player.open_download()
    assert dialog is not None
    return dialog


def test_a_recording_is_downloaded_sealed_with_a_reason(lead: Driver, tmp_path: Path) -> None:
    dialog = opened(lead)
    assert not dialog.save.isEnabled()
    dialog.reason.setText("Complaint 4711")
    assert "passphrase" in dialog.save.toolTip()
    dialog.secret.setText("four random words more")
    assert dialog.save.isEnabled()
    dialog.recipient.setText("age1x")
    assert not dialog.save.isEnabled(), "one of the two"
    dialog.recipient.clear()
    file = tmp_path / "call.ogg.age"
    dialog.write_to(file)
    lead.qtbot.waitUntil(lambda: "The file is at" in dialog.state.text.text(), timeout=20_000)
    assert file.read_bytes().startswith(b"age-encryption.org/v1\n-> scrypt ")
    assert dialog.secret.text() == ""
    [(result, detail)] = entries(lead)
    assert (result, detail["reason"], detail["format"]) == ("done", "Complaint 4711", "age")


def test_a_wrong_recipient_is_said_logged_and_leaves_no_file(lead: Driver, tmp_path: Path) -> None:
    dialog = opened(lead)
    dialog.reason.setText("Complaint")
    dialog.recipient.setText("age1nonsense")
    file = tmp_path / "call.age"
    dialog.write_to(file)
    lead.qtbot.waitUntil(lambda: dialog.state.isVisibleTo(dialog) and dialog.save.isEnabled())
    QThreadPool.globalInstance().waitForDone(5000)
    lead.settle()
    assert not file.exists()
    assert [result for result, _ in entries(lead)] == ["failed", "done"]


def test_a_download_is_cancelled(lead: Driver, tmp_path: Path) -> None:
    dialog = opened(lead)
    dialog.reason.setText("Complaint")
    dialog.secret.setText("four random words more")
    file = tmp_path / "call.age"
    dialog.write_to(file)
    dialog.reject()
    lead.qtbot.waitUntil(lambda: "cancelled" in dialog.state.text.text())
    assert not file.exists()
    assert list(tmp_path.glob("*.age*")) == []
    assert [result for result, _ in entries(lead)] == ["failed", "done"]


def test_who_may_not_download_is_told_whom_to_ask(drive: Drive) -> None:
    player = page_of(drive()).player
    assert not player.download.isEnabled()
    assert "can give it" in player.download_why.text()
