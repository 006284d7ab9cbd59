"""Agent state, watched lines, messages, quality hints and the rules, in the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from softphone.domain.account import Registration, RegistrationState
from softphone.domain.agent import AgentState, AgentStatus, LineState
from softphone.domain.call import Availability, CallState, Disposition
from softphone.domain.call_policy import CallPolicy, Colleague, Notice, RecordingRule
from softphone.domain.events import (
    AgentStateChanged,
    LineWatched,
    MessagesWaiting,
    RegistrationChanged,
)
from softphone.domain.ids import AccountId
from softphone.domain.quality import Quality
from softphone.domain.recording import GapReason
from softphone.ui.pages.settings_calls import CallSection
from tests.fakes import sample
from tests.fakes.office import FakeOffice
from tests.ui.conftest import Driver

Start = Callable[..., Driver]
COLLEAGUES = (Colleague("Zoe Busy", "21"), Colleague("Adam Free", "22"))


def rules(office: FakeOffice, **changes: object) -> None:
    assert office.world is not None
    policy = office.world.policy
    office.world.policy = replace(policy, calls=replace(policy.calls, **changes))


def choose(menu: QMenu, words: str) -> None:
    menu.aboutToShow.emit()
    next(a for a in menu.actions() if a.text() == words).trigger()


def test_a_break_is_taken_in_the_status_bar(drive: Start) -> None:
    driver = drive(sample.AGENT)
    button = driver.shell.status.agent
    assert button.text() == "Available"
    choose(button.menu(), "Lunch")
    driver.settle()
    assert ("set_agent_state", AgentState.BREAK, "Lunch") in driver.commands
    assert button.text() == "Lunch, 00:00"
    choose(button.menu(), "Available")
    driver.settle()
    assert button.text() == "Available"


def test_work_after_a_call_counts_down(drive: Start) -> None:
    driver = drive(sample.AGENT)
    now = driver.office.clock.now()
    until = now + timedelta(seconds=20)
    status = AgentStatus(AgentState.AFTER_CALL_WORK, since=now, until=until)
    driver.office.phone.tell(AgentStateChanged(status))
    driver.settle()
    assert driver.shell.status.agent.text() == "After-call work, 00:20 left"


def test_a_break_by_typing_its_words(drive: Start) -> None:
    driver = drive(sample.AGENT)
    line = driver.shell.search
    line.start("take a break: meeting")
    driver.qtbot.keyClick(line.edit, Qt.Key.Key_Return)
    driver.qtbot.waitUntil(
        lambda: ("set_agent_state", AgentState.BREAK, "Meeting") in driver.commands
    )


def test_messages_and_plain_connections_are_said(drive: Start) -> None:
    driver = drive(sample.AGENT)
    bar = driver.shell.status
    assert bar.mail.isHidden()
    account = AccountId("account")
    driver.office.phone.tell(MessagesWaiting(account, 2, 5))
    now = driver.office.clock.now()
    driver.office.phone.tell(
        RegistrationChanged(Registration(account, RegistrationState.REGISTERED, now, plain="UDP"))
    )
    driver.settle()
    assert bar.mail.text.text() == "2 new messages"
    known = driver.window.store.state.registrations.values()
    signs = {bar._registration_words(r)[1] for r in known}
    assert "Not encrypted (UDP)" in signs


def test_colleagues_are_offered_with_their_lines(drive: Start, office: FakeOffice) -> None:
    rules(office, colleagues=COLLEAGUES)
    driver = drive(sample.AGENT)
    call = driver.talk()
    for address, state in (("21", LineState.BUSY), ("22", LineState.FREE)):
        office.phone.tell(LineWatched(address, state))
    driver.shell.panel.show_transfer()
    driver.settle()
    strip = driver.shell.panel.passing_on
    texts = [strip.picker.list.item(n).text() for n in range(strip.picker.list.count())]
    assert texts == ["Adam Free · Free", "Zoe Busy · On a call"]
    strip.picker.list.itemActivated.emit(strip.picker.list.item(0))
    assert strip.line.text() == "22"
    driver.qtbot.mouseClick(strip.send, Qt.MouseButton.LeftButton)
    driver.settle()
    assert ("transfer", call, "22") in driver.commands


def test_contacts_are_searched_in_the_transfer_line(drive: Start, office: FakeOffice) -> None:
    rules(office, colleagues=COLLEAGUES)
    driver = drive(sample.AGENT)
    driver.talk()
    driver.shell.panel.show_transfer()
    strip = driver.shell.panel.passing_on
    driver.qtbot.keyClicks(strip.line, "Katrin")
    driver.qtbot.waitUntil(lambda: any(r.name == "Katrin Meier" for r in strip.picker.rows))
    assert all(r.line is None for r in strip.picker.rows)


@pytest.mark.parametrize(
    ("words", "status"), [("Say that you are busy", 486), ("Say that you cannot be reached", 480)]
)
def test_a_call_is_declined_with_a_reason(drive: Start, words: str, status: int) -> None:
    driver = drive(sample.AGENT)
    call = driver.office.phone.ring("+48225550147")
    driver.settle()
    choose(driver.shell.incoming.reasons.menu(), words)
    driver.settle()
    assert ("hang_up", call.id, status) in driver.commands


def test_bad_sound_is_explained(drive: Start) -> None:
    driver = drive(sample.AGENT)
    call = driver.talk()
    header = driver.shell.panel.header
    driver.office.phone.change(call, quality=Quality(0.0, 2.0, 20.0, 0, 4.4))
    driver.settle()
    assert header.hint.isHidden()
    driver.office.phone.change(call, quality=Quality(9.0, 2.0, 20.0, 0, 2.4))
    driver.settle()
    assert header.hint.text() == "Packets are lost on the way to you."
    assert "Loss 9.0 %" in header.quality.toolTip()
    driver.office.phone.change(
        call, quality=Quality(0.0, 2.0, 20.0, 0, 4.4, sent_loss_percent=7.0, silent_s=9)
    )
    driver.settle()
    assert header.hint.text().startswith("Nothing arrives from the other side.")
    assert header.quality.text.text() == "Poor"
    assert "on the way from you 7.0 %" in header.quality.toolTip()


def test_a_call_that_never_began_says_why(drive: Start) -> None:
    driver = drive(sample.AGENT)
    driver.shell.dial_text("+44 20 7946 0318")
    driver.settle()
    call = next(iter(driver.office.phone.calls.values()))
    driver.office.phone.change(
        call.id, state=CallState.ENDED, disposition=Disposition.FAILED,
        reason="The phone is not registered.",
    )  # fmt: skip
    driver.settle()
    assert driver.shell.panel.ended.text() == "The phone is not registered."


def test_a_hold_offers_no_resuming_of_the_recording(drive: Start) -> None:
    driver = drive(sample.AGENT)
    call = driver.talk()
    driver.office.phone.pause_recording(call, GapReason.HOLD)
    driver.settle()
    strip = driver.shell.panel.recording
    assert "On hold" in strip.state.text.text()
    assert strip.button.isHidden()
    driver.office.phone.pause_recording(call, GapReason.CARD_PAYMENT)
    driver.settle()
    assert not strip.button.isHidden()


def section(driver: Driver) -> CallSection:
    driver.shell.show_page("settings")
    driver.settle()
    page = driver.shell.pages["settings"]
    page.show_section("calls")  # type: ignore[union-attr]
    found = page.sections["calls"]  # type: ignore[union-attr]
    assert isinstance(found, CallSection)
    return found


def test_the_rules_are_published(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.ADMINISTRATOR)
    form = section(driver)
    form.recorded.setPlainText("never number=+4930*")
    form.colleagues.setPlainText("Zoe Busy, 21")
    form.notice.setCurrentIndex(form.notice.findData("beep"))
    form.work_after.set_value(25)
    driver.qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    driver.settle()
    assert office.world is not None
    now = office.world.policy.calls
    assert now.recording_rules == (RecordingRule(False, number="+4930*"),)
    assert (now.notice, now.after_call_work_s) == (Notice.BEEP, 25)
    assert now.colleagues == (Colleague("Zoe Busy", "21"),)
    assert "Published" in form.problem.text.text()


def test_a_wrong_rule_is_explained_and_nothing_changes(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.ADMINISTRATOR)
    form = section(driver)
    form.recorded.setPlainText("sometimes")
    driver.qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    driver.settle()
    assert "Line 1" in form.problem.text.text()
    assert office.world is not None
    assert office.world.policy.calls == CallPolicy()


def test_who_may_not_change_the_rules_sees_them(drive: Start) -> None:
    driver = drive(sample.AGENT)
    form = section(driver)
    assert not form.save.isEnabled()
    assert not form.codecs.isEnabled()
    assert form.codecs.text() == "G722, PCMA, PCMU"


def test_calls_are_sent_on_and_the_status_bar_says_so(drive: Start) -> None:
    driver = drive(sample.AGENT)
    button = driver.shell.status.agent
    dialog = button.open_send_on()
    driver.settle()
    dialog.form.inputs["always"].setText("no number at all")  # type: ignore[union-attr]
    dialog.submit()
    driver.settle()
    assert dialog.problem.isVisible()
    dialog.form.inputs["always"].setText("+44 20 7946 0318")  # type: ignore[union-attr]
    dialog.submit()
    driver.settle()
    assert not dialog.isVisible()
    [(_, wish)] = [c for c in driver.commands if c[0] == "set_availability"]
    assert wish == Availability(forward_always="+442079460318")
    assert button.text() == "Calls go to +44 20 7946 0318"
    again = button.open_send_on()
    assert again.form.values()["always"] == "+442079460318"
    again.reject()


def test_the_phone_answers_by_itself_where_one_wishes(drive: Start) -> None:
    driver = drive(sample.AGENT)
    button = driver.shell.status.agent
    choose(button.menu(), "Answer calls by itself")
    driver.settle()
    assert ("set_availability", Availability(auto_answer=True)) in driver.commands
    assert button.text() == "Available, answers by itself"
