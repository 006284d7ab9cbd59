from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from softphone.ui.dialogs.gate import UnlockPage
from softphone.ui.dialogs.set_up import RecoveryPage, SetUpPage
from tests.fakes import sample
from tests.fakes.office import FakeOffice
from tests.ui.conftest import Driver

Start = Callable[..., Driver]


def _unlock(driver: Driver) -> UnlockPage:
    page = driver.window.centralWidget()
    assert isinstance(page, UnlockPage)
    return page


def _try(driver: Driver, name: str, password: str) -> str:
    page = _unlock(driver)
    page.name.setText(name)
    page.password.line.setText(password)
    driver.qtbot.keyClick(page.password.line, Qt.Key.Key_Return)
    driver.settle()
    return page.problem.text.text()


def test_the_right_password_opens_the_shell(drive: Start) -> None:
    driver = drive(None)
    page = _unlock(driver)
    page.name.setText(sample.AGENT)
    page.password.line.setText(sample.PASSWORD)
    driver.qtbot.mouseClick(page.button, Qt.MouseButton.LeftButton)
    driver.qtbot.waitUntil(lambda: driver.window.shell is not None)
    assert driver.shell.work.rights.name == sample.AGENT


def test_the_words_are_the_same_whichever_part_was_wrong(drive: Start) -> None:
    driver = drive(None)
    wrong_password = _try(driver, sample.AGENT, "wrong")
    wrong_name = _try(driver, "Nobody", sample.PASSWORD)
    assert wrong_password == wrong_name
    assert "name or the password" in wrong_name
    assert _unlock(driver).password.line.text() == ""
    assert driver.window.shell is None


def test_too_many_attempts_count_down(drive: Start, office: FakeOffice) -> None:
    driver = drive(None)
    office.delay_s = 8
    assert "8 seconds" in _try(driver, sample.AGENT, "wrong")
    page = _unlock(driver)
    assert not page.button.isEnabled()
    office.delay_s = 0
    office.clock.advance(9)
    driver.qtbot.waitUntil(page.button.isEnabled)
    assert page.problem.isHidden()


def test_caps_lock_is_said_in_words(drive: Start) -> None:
    driver = drive(None)
    page = _unlock(driver)
    driver.qtbot.keyClick(page.password.line, "a")
    assert page.password.caps.isHidden()
    # With Caps Lock on, a letter arrives in upper case without Shift.
    plain = Qt.KeyboardModifier.NoModifier
    pressed = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, plain, "A")
    QApplication.sendEvent(page.password.line, pressed)
    assert not page.password.caps.isHidden()
    assert "Caps Lock" in page.password.caps.text.text()


def test_showing_the_password(drive: Start) -> None:
    driver = drive(None)
    line = _unlock(driver).password.line
    driver.qtbot.mouseClick(_unlock(driver).password.eye, Qt.MouseButton.LeftButton)
    assert line.echoMode() is line.EchoMode.Normal


def test_locking_asks_for_the_password_again(drive: Start) -> None:
    driver = drive(sample.AGENT)
    driver.window.lock()
    driver.settle()
    assert isinstance(driver.window.centralWidget(), UnlockPage)


def _fill(page: SetUpPage, **texts: str) -> None:
    page.name.setText(texts.get("name", "Sofia"))
    page.team.setText(texts.get("team", "North"))
    page.device.setText(texts.get("device", "NORTH-01"))
    page.password.line.setText(texts.get("password", sample.PASSWORD))
    page.again.line.setText(texts.get("again", sample.PASSWORD))
    page.submit()


def test_first_start_shows_the_recovery_key_once(drive: Start, office: FakeOffice) -> None:
    office.world = None
    driver = drive(None)
    page = driver.window.centralWidget()
    assert isinstance(page, SetUpPage)
    _fill(page, again="other words entirely")
    assert "differ" in page.problem.text.text()
    _fill(page, password="short", again="short")
    assert "12 characters" in page.problem.text.text()
    _fill(page, name=" ")
    assert "name" in page.problem.text.text()
    _fill(page)
    driver.settle()
    recovery = driver.window.centralWidget()
    assert isinstance(recovery, RecoveryPage)
    assert recovery.key.text().startswith("AGE-RECOVERY-")
    assert not recovery.button.isEnabled()
    recovery.written.setChecked(True)
    driver.qtbot.mouseClick(recovery.button, Qt.MouseButton.LeftButton)
    driver.qtbot.waitUntil(lambda: driver.window.shell is not None)


def test_a_number_from_outside_waits_for_the_sign_in(drive: Start) -> None:
    driver = drive(None)
    driver.window.dial_text("+493023125418")
    assert driver.commands == []
    driver.window.sign_in(sample.AGENT, sample.PASSWORD)
    driver.qtbot.waitUntil(lambda: ("dial", "+493023125418") in driver.commands)
