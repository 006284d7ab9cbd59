from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from softphone.domain.call import CallState, RecordingState
from softphone.domain.events import PhoneBuilt, RecordingFailed, SoundCounted
from softphone.domain.ids import CallId, RecordingId
from softphone.domain.phone_build import PhoneBuild
from softphone.domain.quality import Quality
from softphone.domain.recording import GapReason
from softphone.domain.sound import SoundHealth
from softphone.ui.widgets.held_card import HeldCard
from tests.fakes import sample
from tests.ui.conftest import Driver

Start = Callable[..., Driver]
CTRL = Qt.KeyboardModifier.ControlModifier


def press(driver: Driver, key: Qt.Key) -> None:
    driver.qtbot.keyClick(driver.window, key, CTRL)
    driver.settle()


def test_dialling_by_typing_and_enter(drive: Start) -> None:
    driver = drive(sample.AGENT)
    pad = driver.shell.pages["phone"].pad  # type: ignore[attr-defined]
    driver.qtbot.keyClicks(pad.line, "030 23125 418")
    driver.qtbot.keyClick(pad.line, Qt.Key.Key_Return)
    driver.settle()
    assert ("dial", "+493023125418") in driver.commands
    assert driver.shell.panel.header.name.text() == "Katrin Meier"


def test_a_wrong_number_is_explained_beside_the_line(drive: Start) -> None:
    driver = drive(sample.AGENT)
    pad = driver.shell.pages["phone"].pad  # type: ignore[attr-defined]
    driver.qtbot.keyClicks(pad.line, "hello there")
    driver.qtbot.keyClick(pad.line, Qt.Key.Key_Return)
    driver.settle()
    assert "not a telephone number" in pad.problem.text()
    assert pad.line.text() == "hello there"
    assert driver.commands == []


def test_searching_and_enter_calls_the_first_contact(drive: Start) -> None:
    driver = drive(sample.AGENT)
    press(driver, Qt.Key.Key_K)
    line = driver.shell.search
    driver.qtbot.keyClicks(line.edit, "Mei")
    driver.qtbot.waitUntil(lambda: line.popup.isVisible())
    groups = [found.group for found in line.model.rows()]
    assert groups[:2] == ["Contacts", "Contacts"]
    assert "Calls" in groups
    driver.qtbot.keyClick(line.edit, Qt.Key.Key_Return)
    driver.settle()
    assert ("dial", "+493023125418") in driver.commands
    assert line.popup.isHidden()


def test_typing_a_number_offers_to_dial_it(drive: Start) -> None:
    driver = drive(sample.AGENT)
    line = driver.shell.search
    line.start("+44 20 7946 0318")
    driver.qtbot.keyClick(line.edit, Qt.Key.Key_Return)
    driver.qtbot.waitUntil(lambda: ("dial", "+442079460318") in driver.commands)


def test_commands_by_words(drive: Start) -> None:
    driver = drive(sample.SUPERVISOR)
    line = driver.shell.search
    line.start("open audit")
    driver.qtbot.keyClick(line.edit, Qt.Key.Key_Return)
    driver.qtbot.waitUntil(lambda: "audit" in driver.shell.pages)
    line.start("zzzz")
    driver.qtbot.waitUntil(lambda: line.popup.isVisible())
    assert line.model.rowCount() == 0
    driver.qtbot.keyClick(line.edit, Qt.Key.Key_Escape)
    assert line.popup.isHidden()


def test_shortcuts_reach_the_phone(drive: Start) -> None:
    driver = drive(sample.AGENT)
    call = driver.office.phone.ring("+353209120143")
    driver.settle()
    press(driver, Qt.Key.Key_Return)
    press(driver, Qt.Key.Key_M)
    press(driver, Qt.Key.Key_H)
    press(driver, Qt.Key.Key_H)
    press(driver, Qt.Key.Key_R)
    press(driver, Qt.Key.Key_R)
    press(driver, Qt.Key.Key_Period)
    assert driver.commands == [
        ("answer", call.id),
        ("mute", call.id, True),
        ("hold", call.id, True),
        ("hold", call.id, False),
        ("pause_recording", call.id, GapReason.CARD_PAYMENT),
        ("resume_recording", call.id),
        ("hang_up", call.id),
    ]


def test_the_words_of_the_buttons_change(drive: Start) -> None:
    driver = drive(sample.AGENT)
    driver.talk()
    panel = driver.shell.panel
    driver.qtbot.mouseClick(panel.mute, Qt.MouseButton.LeftButton)
    driver.settle()
    assert panel.mute.text() == "Unmute"
    assert "muted" in panel.header.state.text.text()
    driver.qtbot.mouseClick(panel.hold, Qt.MouseButton.LeftButton)
    driver.settle()
    assert panel.hold.text() == "Resume"
    assert "On hold by you" in panel.header.state.text.text()


def test_the_incoming_card_takes_no_focus(drive: Start) -> None:
    driver = drive(sample.AGENT)
    driver.talk()
    notes = driver.shell.panel.notes.edit
    notes.setFocus()
    before = driver.window.focusWidget()
    call = driver.office.phone.ring("+353209120143")
    driver.settle()
    card = driver.shell.incoming
    assert card.isVisible()
    assert driver.window.focusWidget() is before
    assert "Anna Kowalska on hold" in card.effect.text()
    driver.qtbot.mouseClick(card.answer, Qt.MouseButton.LeftButton)
    driver.settle()
    assert driver.window.focusWidget() is before
    assert ("answer", call.id) in driver.commands
    assert card.isHidden()


def test_answering_holds_the_other_call_and_swap_returns(drive: Start) -> None:
    driver = drive(sample.AGENT)
    first = driver.talk()
    driver.office.phone.ring("+353209120143")
    driver.settle()
    press(driver, Qt.Key.Key_Return)
    assert driver.commands[0] == ("hold", first, True)
    panel = driver.shell.panel
    assert panel.header.name.text() == "Aoife Byrne"
    card = panel._held[CallId(first)]
    assert card.name.text() == "Anna Kowalska"
    driver.qtbot.mouseClick(card.swap, Qt.MouseButton.LeftButton)
    driver.settle()
    assert panel.header.name.text() == "Anna Kowalska"


def test_a_call_that_was_answered_by_itself_says_so(drive: Start) -> None:
    driver = drive(sample.AGENT)
    call = driver.talk()
    driver.office.phone.change(call, auto_answered=True)
    driver.settle()
    assert driver.shell.panel.header.state.text.text() == "On a call, answered by itself"


def test_a_fifth_call_says_why_not(drive: Start) -> None:
    driver = drive(sample.AGENT)
    for number in ("+390655500122", "+442079460318", "+493023125418", "+33199004812"):
        driver.talk(number)
    before = len(driver.commands)
    pad = driver.shell.pages["phone"].pad  # type: ignore[attr-defined]
    driver.shell.show_page("phone")
    driver.qtbot.keyClicks(pad.line, "+44 20 7946 0552")
    driver.qtbot.keyClick(pad.line, Qt.Key.Key_Return)
    driver.settle()
    assert "All lines are in use. End one of your calls first." in pad.problem.text()
    assert len(driver.commands) == before, "nobody is put on hold for it"


def test_eight_lines_where_the_library_has_them(drive: Start) -> None:
    driver = drive(sample.AGENT)
    driver.office.phone.tell(PhoneBuilt(PhoneBuild("PJSIP", lines=8)))
    for last in range(8):
        driver.talk(f"+49302312541{last}")
    pad = driver.shell.pages["phone"].pad  # type: ignore[attr-defined]
    driver.shell.show_page("phone")
    assert len(driver.shell.panel.findChildren(HeldCard)) == 7, "the eighth is the panel's own"
    driver.qtbot.keyClicks(pad.line, "+44 20 7946 0552")
    driver.qtbot.keyClick(pad.line, Qt.Key.Key_Return)
    driver.settle()
    assert "All lines are in use." in pad.problem.text()


def test_declining(drive: Start) -> None:
    driver = drive(sample.AGENT)
    call = driver.office.phone.ring("+353209120143")
    driver.settle()
    driver.qtbot.mouseClick(driver.shell.incoming.decline, Qt.MouseButton.LeftButton)
    driver.settle()
    assert driver.commands == [("hang_up", call.id)]
    assert driver.shell.incoming.isHidden()


def test_keypad_sends_tones(drive: Start) -> None:
    driver = drive(sample.AGENT)
    call = driver.talk()
    driver.qtbot.mouseClick(driver.shell.panel.keys, Qt.MouseButton.LeftButton)
    driver.shell.panel.keypad.pressed.emit("5")
    assert driver.commands == [("send_dtmf", call, "5")]


def test_recording_strip_in_every_state(drive: Start) -> None:
    driver = drive(sample.AGENT)
    call = CallId(driver.talk())
    strip, phone = driver.shell.panel.recording, driver.office.phone
    assert strip.state.text.text() == "Recording"
    assert strip.detail.text() == "Sealed for Team North supervisors"
    assert strip.property("state") == "recording"
    phone.pause_recording(call, GapReason.CARD_PAYMENT)
    driver.settle()
    driver.office.clock.advance(42)
    strip.tick(driver.office.clock.now())
    assert strip.state.text.text() == "Paused for card payment, 00:42"
    assert strip.button.text() == "Resume"
    phone.change(call, recording=RecordingState.OFF)
    driver.settle()
    assert strip.state.text.text() == "Not recording"
    assert strip.detail.text()
    full = ("Recording stopped.", "The disk is full.", "Free some space.")
    phone.tell(RecordingFailed(call, RecordingId("r"), *full))
    driver.settle()
    assert strip.state.text.text() == "Recording failed"
    assert "Free some space." in strip.detail.text()
    assert driver.shell.status.recording.text.text() == "Recording failed"


def test_quality_and_encryption_in_words(drive: Start) -> None:
    driver = drive(sample.AGENT)
    call = CallId(driver.talk())
    header = driver.shell.panel.header
    assert header.quality.text.text() == "Quality not known yet"
    driver.office.phone.change(call, quality=Quality(4.0, 20, 90, 3, 2.9), encrypted=False)
    driver.settle()
    assert header.quality.text.text() == "Poor, estimated MOS 2.9"
    assert header.safety.text.text() == "Not encrypted"
    driver.office.phone.tell(SoundCounted(SoundHealth(speaker_gaps=3, devices_lost=1)))
    driver.settle()
    assert "speaker late 3" in header.quality.toolTip()
    assert "lost 1" in header.quality.toolTip()


def test_notes_save_while_typing_and_wrap_up_follows(drive: Start) -> None:
    driver = drive(sample.AGENT)
    call = CallId(driver.talk())
    notes = driver.shell.panel.notes
    driver.qtbot.keyClicks(notes.edit, "Friday before noon")
    notes.flush()
    driver.settle()
    driver.qtbot.keyClicks(notes.edit, ".")
    notes.flush()
    driver.settle()
    world = driver.office.world
    assert world is not None
    mine = [n.text for n in world.notes.values() if n.call == call]
    assert mine == ["Friday before noon."]
    assert notes.saved.text() == "Saved 10:42"
    notes.wrap_up.setCurrentIndex(notes.wrap_up.findText("Complaint"))
    notes.wrap_up.activated.emit(notes.wrap_up.currentIndex())
    driver.office.phone.hang_up(call)
    driver.settle()
    assert world.calls[call].wrap_up == "Complaint"
    panel = driver.shell.panel
    assert panel.call is not None
    assert panel.call.state is CallState.ENDED
    driver.qtbot.mouseClick(panel.done, Qt.MouseButton.LeftButton)
    assert panel.call is None
    assert panel.isHidden()


@pytest.mark.parametrize("shape", ["desk", "phone"])
def test_the_same_panel_in_both_shapes(drive: Start, shape: str) -> None:
    driver = drive(sample.AGENT, shape=shape)
    driver.talk()
    panel: QWidget = driver.shell.panel
    assert panel.isVisible()
    assert driver.shell.panel.hang_up.isVisible()
    assert driver.shell.status.recording.text.text() == "Recording"
