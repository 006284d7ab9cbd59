"""Passing a caller on, in the call panel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication

from softphone.domain.call import CallState
from softphone.ui.translation import Translator
from softphone.ui.widgets.held_card import HeldCard
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


def test_with_several_on_hold_the_last_one_is_meant_and_others_can_be_called(drive: Start) -> None:
    driver = drive(sample.AGENT)
    phone, held = driver.office.phone, []
    for number in ("+390655500122", "+493023125418"):
        call = driver.talk(number)
        phone.change(call, state=CallState.HELD, held_by_us=True)
        driver.settle()
        driver.office.clock.advance(5)
        held.append(call)
    talking = driver.talk("+442079460318")
    panel = driver.shell.panel
    strip = panel.passing_on
    assert strip.connect_both.isVisible()
    assert not strip.line.isVisible()
    # Whoever waits for another reason does not keep this caller from being passed on.
    open_strip(driver)
    driver.qtbot.keyClicks(strip.line, "+33 1 99 00 48 12")
    driver.qtbot.mouseClick(strip.send, Qt.MouseButton.LeftButton)
    driver.settle()
    assert ("transfer", talking, "+33199004812") in driver.commands
    assert "Katrin Meier" in strip.connect_both.toolTip()
    driver.qtbot.mouseClick(strip.connect_both, Qt.MouseButton.LeftButton)
    driver.settle()
    assert ("transfer_to_call", held[-1], talking) in driver.commands


def test_a_conference_says_so_and_lets_one_of_them_go(drive: Start) -> None:
    driver = drive(sample.AGENT)
    first = driver.talk()
    second = driver.talk("+442079460318")
    phone = driver.office.phone
    for call in (first, second):
        phone.change(call, conference=True, state=CallState.ESTABLISHED, held_by_us=False)
    driver.settle()
    panel = driver.shell.panel
    assert panel.header.state.text.text() == "Talking together"
    [card] = panel.findChildren(HeldCard)
    assert card.state.text.text().startswith("Talking together")
    assert not card.swap.isVisible()
    driver.qtbot.mouseClick(card.hang_up, Qt.MouseButton.LeftButton)
    driver.settle()
    [ended] = [c for c in driver.commands if c[0] == "hang_up"]
    assert ended[1] in (first, second)
    shown = driver.shell.actions_on_calls.main
    assert shown is not None
    assert ended[1] != shown.id, "the one that is shown large goes on"


@pytest.fixture
def german(qapp: QApplication, tmp_path: Path) -> Iterator[None]:
    """A window in German, and none of it for the tests that follow."""
    (tmp_path / "settings.ini").write_text("theme=light\nlanguage=de\n")
    before = qapp.findChildren(Translator)
    yield
    for made in qapp.findChildren(Translator):
        if made not in before:
            qapp.removeTranslator(made)
    QLocale.setDefault(QLocale("en"))


@pytest.mark.usefixtures("german")
def test_a_failed_transfer_is_told_in_the_persons_language(drive: Start) -> None:
    driver = drive(sample.AGENT)
    call = driver.talk()
    strip = open_strip(driver)
    driver.office.phone.change(call, transfer="ringing")
    driver.settle()
    assert strip.problem.text.text() == "Weiterleitung: es klingelt"
    driver.office.phone.change(call, transfer="The transfer failed: Busy.")
    driver.settle()
    assert strip.problem.text.text() == "Die Weiterleitung ist gescheitert: Besetzt."
