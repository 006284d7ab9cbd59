from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt

from softphone.domain.events import (
    AudioDevicesChanged,
    EngineEnded,
    HeadsetPressed,
    HeadsetsListed,
    SoundDevicesListed,
    SoundLevels,
    SoundTested,
    VoiceProcessingChanged,
)
from softphone.domain.headset import Headset, HeadsetButton, HeadsetProblem, HeadsetsOff
from softphone.domain.ids import HeadsetId
from softphone.domain.sound import (
    AudioRole,
    SoundDevice,
    choose,
    process,
    rescan,
    try_out,
    use_buttons,
    watch_levels,
)
from softphone.domain.voice import VoicePart, VoiceProcessing, VoiceRule, VoiceRules
from softphone.ui.device_watch import DeviceWatch
from softphone.ui.pages.settings_sound import SoundSection
from softphone.ui.widgets.level_meter import SEGMENTS, decibels, lit
from tests.fakes.office import FakeOffice
from tests.ui.conftest import Driver

HEADSET, LAPTOP = SoundDevice("h", "Headset"), SoundDevice("l", "Laptop")
MIC, EAR, RINGER = AudioRole.MICROPHONE, AudioRole.SPEAKER, AudioRole.RINGER


@pytest.fixture
def page(drive: Callable[..., Driver]) -> tuple[Driver, SoundSection]:
    driver = drive()
    driver.shell.show_page("settings")
    settings = driver.shell.pages["settings"]
    settings.show_section("devices")
    section = settings.sections["devices"]
    driver.office.phone.tell(
        SoundDevicesListed((HEADSET, LAPTOP), (LAPTOP, HEADSET), HEADSET, HEADSET)
    )
    driver.office.phone.tell(AudioDevicesChanged("Headset", "Headset", "Laptop"))
    driver.settle()
    return driver, section


def test_each_role_offers_its_devices_and_applies_at_once(page):
    driver, section = page
    box = section.rows[RINGER].device
    assert [box.itemText(i) for i in range(box.count())] == ["As the system", "Laptop", "Headset"]
    assert section.rows[MIC].device.currentText() == "Headset"
    assert box.currentText() == "As the system"
    assert section.rows[RINGER].under.text() == "In use: Laptop"
    driver.office.phone.orders.clear()
    box.setFocus()
    driver.qtbot.keyClick(box, Qt.Key.Key_Down)
    assert driver.office.phone.orders == [choose(RINGER, "l")]


def test_a_preferred_device_that_is_gone_is_named_and_what_is_used_instead(page):
    driver, section = page
    driver.office.phone.tell(SoundDevicesListed((LAPTOP,), (LAPTOP,), HEADSET, HEADSET))
    driver.office.phone.tell(AudioDevicesChanged("Laptop", "Laptop", "Laptop"))
    driver.settle()
    row = section.rows[EAR]
    assert row.device.currentText() == "Headset, not connected"
    assert row.under.text() == "In use: Laptop"


@pytest.mark.parametrize(
    ("dbfs", "words"),
    [(-90, "Silent"), (-45, "−45 dBFS quiet"), (-18.2, "−18 dBFS good"), (-2, "−2 dBFS too loud")],
)
def test_levels_are_said_in_words(page, dbfs, words):
    driver, section = page
    driver.office.phone.tell(SoundLevels(dbfs, -90, -90))
    driver.settle()
    assert section.rows[MIC].level.accessibleName() == words
    assert section.rows[MIC].meter.dbfs == dbfs


def test_clipping_warns_in_words(page):
    driver, section = page
    driver.office.phone.tell(SoundLevels(-1, -90, -90, clipped=True))
    driver.settle()
    assert section.warning.isVisibleTo(section)
    assert "too loud" in section.warning.accessibleName()
    section._calm.timeout.emit()
    assert not section.warning.isVisibleTo(section)


def test_without_a_device_it_says_so_and_nothing_can_be_tried(page):
    driver, section = page
    driver.office.phone.tell(AudioDevicesChanged("", "", ""))
    driver.settle()
    for row in section.rows.values():
        assert row.level.accessibleName() == "No device"
        assert not row.test.isEnabled()
        assert row.test.toolTip() == "No device is connected."


def test_levels_are_asked_for_only_while_one_looks(page):
    driver, _ = page
    orders = driver.office.phone.orders
    assert orders[-1] == watch_levels(True)
    driver.shell.show_page("phone")
    assert orders[-1] == watch_levels(False)
    driver.shell.show_page("settings")
    assert orders[-1] == watch_levels(True)
    driver.window.lock()
    driver.settle()
    assert orders[-1] == watch_levels(False)


def test_trying_out_shows_its_steps(page):
    driver, section = page
    row = section.rows[MIC]
    row.test.click()
    section.rows[RINGER].test.click()
    assert driver.office.phone.orders[-2:] == [try_out(MIC), try_out(RINGER)]
    for step, words in (("recording", "Speak now"), ("playing", "Playing"), ("", "Record 3 s")):
        driver.office.phone.tell(SoundTested("microphone", step))
        driver.settle()
        assert row.test.text() == words
        assert row.test.accessibleName() == words
    assert row.test.isEnabled()


def test_the_meter_has_36_segments():
    assert (lit(-90), lit(-60), lit(-30), lit(0), lit(6)) == (0, 0, 18, SEGMENTS, SEGMENTS)
    assert SEGMENTS == 36
    assert decibels(-18.4) == "−18"


@pytest.mark.qt_log_ignore(".*")
def test_plugging_is_forwarded_to_the_phone(qapp, office: FakeOffice):
    watch = DeviceWatch(office.phone)
    watch.media.audioInputsChanged.emit()
    watch.media.audioOutputsChanged.emit()
    assert office.phone.orders == [rescan(), rescan()]


HOOK, MUTE = HeadsetButton.HOOK, HeadsetButton.MUTE
JABRA = Headset(HeadsetId("j"), "Jabra Link 380", (HOOK, MUTE, HeadsetButton.HOLD))


def test_headsets_with_buttons_are_named_with_what_they_can_do(page):
    driver, section = page
    card = section.headsets
    assert [line.text.text() for line in card.lines] == ["No headset with buttons is connected."]
    assert not card.pressed.isVisibleTo(card)
    driver.office.phone.tell(HeadsetsListed((JABRA, Headset(HeadsetId("x"), "Odd one"))))
    driver.settle()
    assert [line.accessibleName() for line in card.lines] == [
        "Buttons: Jabra Link 380 – answer and hang up, mute, hold",
        "Buttons: Odd one – it has none that the phone knows",
    ]
    driver.office.bus.publish(EngineEnded("x"))
    driver.settle()
    assert len(card.lines) == 1


@pytest.mark.parametrize("problem", [p for p in HeadsetProblem if p])
def test_a_headset_that_does_not_work_says_why_and_what_to_do(page, problem):
    driver, section = page
    driver.office.phone.tell(HeadsetsListed((Headset(HeadsetId("y"), "WH62", problem=problem),)))
    driver.settle()
    [line] = section.headsets.lines
    assert line.accessibleName().startswith("WH62: ")
    assert ("udev rule" in line.accessibleName()) is (problem is HeadsetProblem.NO_PERMISSION)


def test_the_last_press_is_shown_and_can_be_read_by_keyboard(page):
    driver, section = page
    card = section.headsets
    driver.office.phone.tell(HeadsetsListed((JABRA,)))
    driver.office.phone.tell(HeadsetPressed("Jabra Link 380", MUTE))
    driver.settle()
    assert card.pressed.isVisibleTo(card)
    assert card.pressed.accessibleName() == "Last pressed: mute, on Jabra Link 380"
    card.switch.setFocus()
    driver.qtbot.keyClick(card.switch, Qt.Key.Key_Tab)
    assert card.pressed.hasFocus()
    driver.office.phone.tell(HeadsetPressed("Jabra Link 380", HeadsetButton.KEY, "#"))
    driver.settle()
    assert card.pressed.text() == "Last pressed: #, on Jabra Link 380"


def test_buttons_are_switched_off_and_on_by_the_person(page):
    driver, section = page
    card, orders = section.headsets, driver.office.phone.orders
    card.switch.setFocus()
    driver.qtbot.keyClick(card.switch, Qt.Key.Key_Space)
    assert orders[-1] == use_buttons(False)
    driver.office.phone.tell(HeadsetsListed(off=HeadsetsOff.SWITCHED_OFF))
    driver.settle()
    assert not card.switch.isChecked()
    assert [line.text.text() for line in card.lines] == ["Switched off: headsets are left alone."]
    card.switch.click()
    assert orders[-1] == use_buttons(True)


@pytest.mark.parametrize("off", [HeadsetsOff.POLICY, HeadsetsOff.NOT_STARTED])
def test_who_may_not_switch_them_on_learns_why(page, off):
    driver, section = page
    driver.office.phone.tell(HeadsetsListed(off=off))
    driver.settle()
    card = section.headsets
    assert not card.switch.isEnabled()
    assert not card.switch.isChecked()
    assert card.switch.toolTip() == card.lines[0].text.text()


def test_the_voice_is_switched_part_by_part(page):
    driver, section = page
    switch = section.voice.switches[VoicePart.NOISE]
    assert switch.isChecked()
    driver.office.phone.orders.clear()
    switch.setFocus()
    driver.qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert driver.office.phone.orders == [process(VoicePart.NOISE, False)]
    driver.office.phone.tell(
        VoiceProcessingChanged(VoiceProcessing(noise_suppression=False), VoiceRules())
    )
    driver.settle()
    assert not switch.isChecked()
    assert section.voice.switches[VoicePart.ECHO].isChecked()


def test_what_the_policy_decides_is_shown_locked_and_says_so(page):
    driver, section = page
    rules = VoiceRules(automatic_gain=VoiceRule.OFF)
    driver.office.phone.tell(VoiceProcessingChanged(VoiceProcessing(), rules))
    driver.settle()
    card = section.voice
    assert not card.switches[VoicePart.GAIN].isEnabled()
    assert not card.switches[VoicePart.GAIN].isChecked()
    assert "policy" in card.locks[VoicePart.GAIN].accessibleName()
    assert card.locks[VoicePart.GAIN].isVisibleTo(section)
    assert not card.locks[VoicePart.ECHO].isVisibleTo(section)


def test_a_missing_library_is_said_in_words(page):
    driver, section = page
    assert not section.voice.problem.isVisibleTo(section)
    driver.office.phone.tell(
        VoiceProcessingChanged(VoiceProcessing(), VoiceRules(), "no such library")
    )
    driver.settle()
    assert section.voice.problem.isVisibleTo(section)
    assert "no such library" in section.voice.problem.accessibleName()
