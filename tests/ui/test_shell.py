from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from softphone.domain.account import Registration, RegistrationState
from softphone.domain.errors import Refused
from softphone.domain.events import (
    AudioDevicesChanged,
    EngineEnded,
    RegistrationChanged,
    SyncChanged,
)
from softphone.domain.ids import AccountId
from softphone.ui.dialogs.sheet import ShortcutSheet
from tests.fakes import sample
from tests.ui.conftest import Driver

Start = Callable[..., Driver]
INTERACTIVE = (
    QAbstractButton,
    QLineEdit,
    QPlainTextEdit,
    QComboBox,
    QAbstractItemView,
    QKeySequenceEdit,
)


def _inside_another(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, (QComboBox, QKeySequenceEdit)):
            return True
        parent = parent.parentWidget()
    return False


def test_every_control_has_a_name(drive: Start) -> None:
    driver = drive()
    driver.talk()
    driver.office.phone.ring("+353209120143")
    for place in driver.shell.places:
        driver.shell.show_page(place.key)
        driver.settle()
    driver.shell.show_sheet()
    found = [w for w in driver.window.findChildren(QWidget) if isinstance(w, INTERACTIVE)]
    assert len(found) > 80
    nameless = [
        f"{type(w).__name__} {w.objectName()} in {type(w.parentWidget()).__name__}"
        for w in found
        if not w.accessibleName() and not _inside_another(w) and w.objectName()[:3] != "qt_"
    ]
    assert nameless == []


def test_shapes_switch_by_key_and_remember_their_size(drive: Start) -> None:
    driver = drive(sample.AGENT)
    window = driver.window
    window.setMinimumSize(QSize(0, 0))
    driver.qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.shape == "phone"
    assert driver.shell.rail.isHidden()
    assert driver.shell.pad.isVisible()
    assert window.width() < 500
    driver.qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.shape == "desk"
    assert driver.shell.rail.isVisible()
    assert window.width() > 500
    assert window.settings.value("window/phone") is not None


def test_a_page_asked_for_in_the_phone_shape_opens_the_desk(drive: Start) -> None:
    driver = drive(sample.AGENT, shape="phone")
    driver.window.show_page("history")
    assert driver.window.shape == "desk"


def test_pages_by_key(drive: Start) -> None:
    driver = drive()
    for key, page in ((Qt.Key.Key_2, "history"), (Qt.Key.Key_5, "audit"), (Qt.Key.Key_1, "phone")):
        driver.qtbot.keyClick(driver.window, key, Qt.KeyboardModifier.ControlModifier)
        assert driver.shell.stack.currentWidget() is driver.shell.pages[page]
        assert driver.shell.rail.items[page].isChecked()


def test_the_sheet_lists_all_keys(drive: Start) -> None:
    driver = drive()
    driver.qtbot.keyClick(driver.window, Qt.Key.Key_F1)
    assert driver.window.findChild(ShortcutSheet) is not None


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RegistrationState.REGISTERED, "Registered, TLS 1.3"),
        (RegistrationState.REGISTERING, "Registering"),
        (RegistrationState.FAILED, "Not registered since 10:12: The certificate has expired"),
        (RegistrationState.UNREGISTERED, "Not registered since 10:12"),
    ],
)
def test_registration_in_words(drive: Start, state: RegistrationState, words: str) -> None:
    driver = drive(sample.AGENT)
    since = driver.office.clock.now() - timedelta(minutes=30)
    why = "The certificate has expired." if state is RegistrationState.FAILED else ""
    driver.office.phone.tell(
        RegistrationChanged(Registration(AccountId("account"), state, since, "TLS 1.3", why=why))
    )
    driver.settle()
    assert driver.shell.status.registration.text.text() == words


def test_status_of_devices_sync_and_engine(drive: Start) -> None:
    driver = drive(sample.AGENT)
    status, office = driver.shell.status, driver.office
    assert status.sync.text.text() == "This workstation only"
    office.phone.tell(AudioDevicesChanged("Jabra Evolve2 65", "Jabra Evolve2 65"))
    office.bus.publish(SyncChanged(office.clock.now(), 3))
    driver.settle()
    assert status.devices.text.text() == "Headset: Jabra Evolve2 65"
    assert status.sync.text.text() == "Sync confirmed 10:42, 3 waiting"
    office.bus.publish(SyncChanged(None, 7, "The server cannot be reached."))
    office.bus.publish(EngineEnded("It stopped."))
    driver.settle()
    assert status.sync.text.text() == "Not synchronised, 7 waiting"
    assert status.registration.text.text() == "The phone is starting again"


def test_errors_nobody_took_are_shown_over_the_page(drive: Start) -> None:
    driver = drive(sample.AGENT)
    notice = driver.shell.notice
    driver.window.dispatcher.failed.emit(Refused("You may not.", "A right is missing."))
    assert notice.isVisible()
    assert notice.sign.text.text() == "You may not. A right is missing."
    driver.window.dispatcher.failed.emit(RuntimeError("secret detail"))
    assert "secret" not in notice.sign.text.text()
    driver.qtbot.mouseClick(notice.dismiss, Qt.MouseButton.LeftButton)
    assert notice.isHidden()


def test_dial_text_from_outside(drive: Start) -> None:
    driver = drive(sample.AGENT)
    driver.window.dial_text("tel:+49 30 23125 418")
    driver.settle()
    assert ("dial", "+493023125418") in driver.commands
