"""Passing a caller on, in the call panel."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from softphone.domain.call import CallState
from tests.fakes import sample
from tests.ui.conftest import Driver

Start = Callable[..., Driver]


def open_strip(driver: Driver):
    driver.qtbot.keyClick(driver.window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    driver.settle()
    strip = driver.shell.panel.passing_on
    assert strip.isVisible()
    return strip


def test_send_at_once_by_name(drive: Start) -> None:
    driver = drive(sample.AGENT)
    call = driver.talk()
    strip = open_strip(driver)
    driver.qtbot.keyClicks(strip.line, "Katrin Meier")
    driver.qtbot.mouseClick(strip.send, Qt.MouseButton.LeftButton)
    driver.settle()
    assert ("transfer", call, "+493023125418") in driver.commands
    driver.office.phone.change(call, transfer="ringing")
    driver.settle()
    assert "ringing" in strip.problem.text.text()


def test_an_unknown_name_is_explained(drive: Start) -> None:
    driver = drive(sample.AGENT)
    driver.talk()
    strip = open_strip(driver)
    driver.qtbot.keyClicks(strip.line, "Nobody Here")
    driver.qtbot.mouseClick(strip.send, Qt.MouseButton.LeftButton)
    driver.settle()
    assert "No contact has this name" in strip.problem.text.text()
    assert driver.commands == []


def test_ask_first_then_connect_or_talk_together(drive: Start) -> None:
    driver = drive(sample.AGENT)
    first = driver.talk()
    strip = open_strip(driver)
    driver.qtbot.keyClicks(strip.line, "+44 20 7946 0318")
    driver.qtbot.keyClick(strip.line, Qt.Key.Key_Return)
    driver.settle()
    phone = driver.office.phone
    assert ("dial", "+442079460318") in driver.commands
    second = next(c for c in phone.calls.values() if c.id != first and c.live)
    phone.change(first, state=CallState.HELD, held_by_us=True)
    phone.change(second.id, state=CallState.ESTABLISHED, established_at=driver.office.clock.now())
    driver.settle()
    assert strip.connect_both.isVisible()
    assert not strip.line.isVisible()
    driver.qtbot.mouseClick(strip.together, Qt.MouseButton.LeftButton)
    driver.settle()
    assert ("conference", first, second.id) in driver.commands
    driver.office.phone.change(first, conference=False)
    driver.office.phone.change(second.id, conference=False)
    driver.settle()
    driver.qtbot.mouseClick(strip.connect_both, Qt.MouseButton.LeftButton)
    driver.settle()
    assert ("transfer_to_call", first, second.id) in driver.commands
