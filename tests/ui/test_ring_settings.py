"""Settings, Sound: ringing, the microphone's gain, what the system silences, the echo test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from softphone.domain.errors import InvalidInput
from softphone.domain.events import (
    AudioDevicesChanged,
    MicrophoneChanged,
    RingtonesChanged,
    SoundDevicesListed,
)
from softphone.domain.sound import (
    FOR_ALL,
    AudioRole,
    Ringtone,
    RingtoneProblem,
    Silenced,
    SoundDevice,
    amplify,
    choose,
    ring_at,
    use_ringtone,
)
from softphone.ui.pages.settings_sound import SoundSection
from tests.fakes import sample
from tests.fakes.office import FakeOffice
from tests.ui.conftest import Driver

HEADSET, LAPTOP = SoundDevice("h", "Headset"), SoundDevice("l", "Laptop")
Page = tuple[Driver, SoundSection]


@pytest.fixture
def page(drive: Callable[..., Driver]) -> Page:
    driver = drive()
    driver.shell.show_page("settings")
    settings = driver.shell.pages["settings"]
    settings.show_section("devices")
    driver.office.phone.tell(SoundDevicesListed((HEADSET, LAPTOP), (LAPTOP, HEADSET)))
    driver.office.phone.tell(AudioDevicesChanged("Headset", "Headset", "Laptop"))
    driver.settle()
    return driver, settings.sections["devices"]


def test_a_second_device_is_chosen_by_keyboard(page: Page):
    driver, section = page
    box = section.ring.second
    assert [box.itemText(i) for i in range(box.count())] == [
        "On no second device", "Laptop", "Headset",
    ]  # fmt: skip
    driver.office.phone.orders.clear()
    box.setFocus()
    driver.qtbot.keyClick(box, Qt.Key.Key_Down)
    assert driver.office.phone.orders == [choose(AudioRole.SECOND_RINGER, "l")]


def test_a_second_device_that_is_gone_is_named_with_what_rings(page: Page):
    driver, section = page
    gone = SoundDevice("d", "Desk speaker")
    driver.office.phone.tell(
        SoundDevicesListed((HEADSET,), (LAPTOP, HEADSET), chosen_second_ringer=gone)
    )
    driver.settle()
    assert section.ring.second.currentText() == "Desk speaker, not connected"
    assert section.ring.missing.isVisibleTo(section)
    assert section.ring.missing.accessibleName() == "Only Laptop rings now."


def test_the_volume_applies_at_once(page: Page):
    driver, section = page
    driver.office.phone.orders.clear()
    section.ring.volume.setFocus()
    driver.qtbot.keyClick(section.ring.volume, Qt.Key.Key_Down)
    assert driver.office.phone.orders == [ring_at(75)]
    driver.office.phone.tell(RingtonesChanged(25))
    driver.settle()
    assert section.ring.volume.currentText() == "25 %"


def test_a_file_is_asked_for_and_the_built_in_ring_comes_back(page: Page, tmp_path: Path):
    driver, section = page
    row = section.ring.rows[FOR_ALL]
    assert row.name.text() == "Built-in ring"
    assert not row.back.isVisibleTo(section)
    row.choose.click()
    dialog = section.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "bell.wav"))
    dialog.close()
    assert driver.office.phone.orders[-1] == use_ringtone(str(tmp_path / "bell.wav"))
    driver.office.phone.tell(RingtonesChanged(100, (Ringtone("bell.wav"),)))
    driver.settle()
    assert row.name.text() == "bell.wav"
    row.back.click()
    assert driver.office.phone.orders[-1] == use_ringtone("")


def test_each_of_several_accounts_has_a_row(page: Page):
    driver, section = page
    driver.qtbot.waitUntil(lambda: bool(driver.office.phone.accounts))
    [account] = driver.office.phone.accounts.values()
    other = replace(account, id="other", user="second")
    section.ring._show_accounts((account, other))
    assert len(section.ring.rows) == 3
    section.ring.use_file(other.id, Path("/x/y.ogg"))
    assert driver.office.phone.orders[-1] == use_ringtone("/x/y.ogg", other.id)
    driver.office.phone.tell(RingtonesChanged(100, (Ringtone("y.ogg", other.id),)))
    driver.settle()
    assert section.ring.rows[other.id].name.text() == "y.ogg"
    assert section.ring.rows[account.id].name.text() == "As all accounts"


@pytest.mark.parametrize("problem", [p for p in RingtoneProblem if p])
def test_what_does_not_ring_says_why(page: Page, problem):
    driver, section = page
    card = section.ring
    driver.office.phone.tell(RingtonesChanged(refused=Ringtone("a.mp3", problem=problem)))
    driver.settle()
    assert card.problem.accessibleName().startswith("“a.mp3” was not taken: ")
    driver.office.phone.tell(RingtonesChanged(100, (Ringtone("b.wav", problem=problem),)))
    driver.settle()
    assert card.problem.accessibleName().startswith("The built-in ring sounds instead of “b.wav”")
    driver.office.phone.tell(RingtonesChanged())
    driver.settle()
    assert not card.problem.isVisibleTo(section)


def test_the_gain_belongs_to_the_microphone_in_use(page: Page):
    driver, section = page
    assert section.gain.currentText() == "0 dB"
    assert section.gain_of.text() == "Kept for Headset"
    driver.office.phone.orders.clear()
    section.gain.setFocus()
    driver.qtbot.keyClick(section.gain, Qt.Key.Key_Down)
    assert driver.office.phone.orders == [amplify(3)]
    driver.office.phone.tell(MicrophoneChanged(-6))
    driver.settle()
    assert section.gain.currentText() == "−6 dB"
    driver.office.phone.tell(AudioDevicesChanged("", "", ""))
    driver.settle()
    assert not section.gain.isEnabled()


def test_a_microphone_muted_in_the_system_is_said_here_and_in_a_call(page: Page):
    driver, section = page
    line = driver.shell.panel.silenced
    driver.office.phone.tell(MicrophoneChanged(silenced=Silenced.MUTED))
    driver.settle()
    assert "muted your microphone" in section.silenced.accessibleName()
    assert section.silenced.isVisibleTo(section)
    assert not line.isVisibleTo(driver.shell.panel)
    call = driver.office.phone.ring("+4930")
    driver.office.phone.answer(call.id)
    driver.settle()
    assert line.isVisibleTo(driver.shell.panel)
    assert "not heard" in line.accessibleName()
    driver.office.phone.tell(MicrophoneChanged(silenced=Silenced.VOLUME_ZERO))
    driver.settle()
    assert "volume is 0" in line.accessibleName()
    driver.office.phone.tell(MicrophoneChanged())
    driver.settle()
    assert not line.isVisibleTo(driver.shell.panel)
    assert not section.silenced.isVisibleTo(section)


def test_without_a_number_there_is_no_echo_test(page: Page):
    _, section = page
    assert not section.echo.isVisibleTo(section)


def with_echo(office: FakeOffice, number: str) -> None:
    assert office.world is not None
    policy = office.world.policy
    office.world.policy = replace(policy, calls=replace(policy.calls, echo_number=number))


def test_the_echo_number_of_the_rules_is_called(
    drive: Callable[..., Driver], office: FakeOffice
) -> None:
    with_echo(office, "+49301234567")
    driver = drive()
    driver.shell.show_page("settings")
    settings = driver.shell.pages["settings"]
    settings.show_section("devices")
    section = settings.sections["devices"]
    assert section.echo.isVisibleTo(section)
    section.echo.setFocus()
    driver.qtbot.keyClick(section.echo, Qt.Key.Key_Space)
    driver.settle()
    assert ("dial", "+49301234567") in driver.commands
    section._echo_failed(InvalidInput("No call can be placed.", "There is no SIP account yet."))
    assert "no SIP account" in section.echo_problem.accessibleName()


def test_the_echo_number_is_a_rule_that_is_checked(
    drive: Callable[..., Driver], office: FakeOffice
) -> None:
    driver = drive(sample.ADMINISTRATOR)
    driver.shell.show_page("settings")
    settings = driver.shell.pages["settings"]
    settings.show_section("calls")
    form = settings.sections["calls"]
    form.echo_number.setText("echo please")
    form.submit()
    driver.settle()
    assert "not a telephone number" in form.problem.text.text()
    form.echo_number.setText("030 1234567")
    form.submit()
    driver.settle()
    assert office.world is not None
    assert office.world.policy.calls.echo_number == "030 1234567"
