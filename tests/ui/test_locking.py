from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtDBus import QDBusConnection, QDBusMessage
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from softphone.domain.audit import Action
from softphone.domain.call import RecordingState
from softphone.domain.errors import StorageFailed
from softphone.domain.workplace import LockReason, WorkplaceRules
from softphone.ui.desktop_session import DesktopSession, session_path
from softphone.ui.dialogs.gate import UnlockPage
from softphone.ui.idle import IdleLock
from softphone.ui.incoming_toast import IncomingToast
from softphone.ui.system_idle import MutterIdle, WindowsIdle, XIdle, idle_sources
from softphone.ui.widgets.locked_calls import LockedCalls
from tests.fakes import sample
from tests.fakes.clock import FakeClock
from tests.fakes.office import FakeOffice
from tests.ui.conftest import Driver

Start = Callable[..., Driver]


def gate(driver: Driver) -> UnlockPage:
    page = driver.window.centralWidget()
    assert isinstance(page, UnlockPage)
    return page


def calls(driver: Driver) -> LockedCalls:
    found = gate(driver).findChild(LockedCalls)
    assert found is not None
    return found


def logged(office: FakeOffice, action: Action) -> list[dict[str, str]]:
    assert office.world is not None
    return [row.detail for row in office.world.audit if row.entry.action == action]


def shown(driver: Driver) -> str:
    """Everything that can be read on the window."""
    widgets = driver.window.findChildren(QLabel) + driver.window.findChildren(QPushButton)
    return " ".join(w.text() + w.toolTip() + w.accessibleName() for w in widgets)


def test_a_call_goes_on_over_the_locked_window(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.AGENT)
    call = driver.talk("+48225550147")
    driver.window.lock()
    driver.settle()
    assert office.desk is None
    assert driver.commands == [], "nothing was told to the phone"
    assert office.phone.calls[call].recording is RecordingState.RECORDING
    [card] = calls(driver).cards.values()
    assert card.isVisible()
    assert "Recording" in card.recording.text.text()
    assert logged(office, Action.LOCKED) == [{"why": "person"}]


def test_nothing_personal_is_shown_while_locked(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.AGENT)
    driver.talk("+48225550147")
    driver.window.show_page("contacts")
    driver.settle()
    assert "Kowalska" in shown(driver)
    driver.window.lock()
    driver.settle()
    office.phone.ring("+493023125418", "Berta Beispiel")
    driver.settle()
    words = shown(driver)
    assert "On a call" in words
    for personal in ("Kowalska", "555", "231", "Berta", sample.AGENT):
        assert personal not in words


def test_no_card_of_a_caller_stays_over_other_programs(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.AGENT)
    driver.window.lock()
    driver.settle()
    office.phone.ring("+48225550147")
    driver.settle()
    toasts = [w for w in QApplication.topLevelWidgets() if isinstance(w, IncomingToast)]
    assert [t for t in toasts if t.isVisible()] == []


def test_what_is_personal_goes_at_once_though_the_vault_is_busy(
    drive: Start, office: FakeOffice
) -> None:
    driver = drive(sample.AGENT)
    office.lane.held = True
    driver.window.lock()
    gate(driver)
    assert office.desk is not None, "the vault is still at work"
    office.lane.release()
    driver.settle()
    assert office.desk is None


def test_the_controls_of_the_call_stay(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.AGENT)
    call = driver.talk()
    driver.window.lock()
    driver.settle()
    card = calls(driver).cards[call]  # type: ignore[index]
    for button in (card.mute, card.hold, card.pause, card.hang_up):
        driver.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        driver.settle()
    assert [c[0] for c in driver.commands] == ["mute", "hold", "pause_recording", "hang_up"]
    driver.qtbot.waitUntil(lambda: not calls(driver).cards)
    assert calls(driver).isHidden()


def test_a_call_is_answered_while_locked(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.AGENT)
    first = driver.talk()
    driver.window.lock()
    second = office.phone.ring("+493023125418")
    driver.settle()
    card = calls(driver).cards[second.id]
    driver.qtbot.mouseClick(card.answer, Qt.MouseButton.LeftButton)
    assert [c[:2] for c in driver.commands] == [("hold", first), ("answer", second.id)]


def test_keys_answer_and_hang_up_while_locked(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.AGENT)
    driver.window.lock()
    ringing = office.phone.ring("+493023125418")
    driver.settle()
    calls(driver).answer()
    driver.settle()
    calls(driver).hang_up()
    assert [c[:2] for c in driver.commands] == [("answer", ringing.id), ("hang_up", ringing.id)]


def test_whoever_signs_in_again_finds_the_call(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.AGENT)
    driver.talk()
    driver.window.lock()
    driver.settle()
    driver.window.sign_in(sample.AGENT, sample.PASSWORD)
    driver.qtbot.waitUntil(lambda: driver.window.shell is not None)
    assert driver.shell.panel.call is not None


def test_the_window_locks_though_the_lock_cannot_be_logged(
    drive: Start, office: FakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = drive(sample.AGENT)

    def fails(_why: LockReason) -> None:
        office.sign_out()
        raise StorageFailed("Nothing was logged.", "The disk is full.", "Free some space.")

    monkeypatch.setattr(office, "lock", fails)
    driver.window.lock()
    driver.settle()
    assert "disk is full" in gate(driver).problem.text.text()
    assert office.desk is None


class Known:
    """A system that says how long nobody was there."""

    def __init__(self, idle: float | None) -> None:
        self.idle = idle

    def ask(self, answer: Callable[[float | None], None]) -> None:
        answer(self.idle)


def test_the_window_locks_after_the_minutes_of_the_policy(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.AGENT)
    driver.window.idle.sources = (Known(None), Known(899.0))
    office.clock.advance(3600)
    driver.window.idle.poll()
    assert driver.window.shell is not None
    driver.window.idle.sources = (Known(900.0),)
    driver.window.idle.poll()
    driver.settle()
    gate(driver)
    assert logged(office, Action.LOCKED) == [{"why": "idle"}]
    driver.window.idle.poll()
    driver.settle()
    assert len(logged(office, Action.LOCKED)) == 1, "what is locked is not locked again"


def test_other_minutes_hold_at_once(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.ADMINISTRATOR)
    driver.window.idle.sources = (Known(120.0),)
    office.clock.advance(3600)
    desk = driver.shell.work.desk
    driver.office.lane.submit(lambda: desk.workplace.change(WorkplaceRules(2)))
    driver.settle()
    driver.window.idle.poll()
    driver.settle()
    gate(driver)


def test_who_has_just_signed_in_is_there(qapp: QApplication) -> None:
    clock, due = FakeClock(), []
    lock = IdleLock(clock, lambda: False)
    lock.due.connect(lambda: due.append(True))
    lock.sources = (Known(99_999.0),)
    lock.begin(15)
    lock.poll()
    assert due == []
    clock.advance(900)
    lock.poll()
    assert due == [True]
    lock.begin(0)
    clock.advance(99_999)
    lock.poll()
    assert due == [True], "0 minutes is never"


def test_without_a_source_input_and_calls_count(qapp: QApplication) -> None:
    clock, due, busy = FakeClock(), [], [True]
    lock = IdleLock(clock, lambda: busy[0])
    lock.due.connect(lambda: due.append(True))
    lock.begin(15)
    lock.poll()
    clock.advance(1000)
    lock.poll()
    assert due == [], "somebody is on the phone"
    busy[0] = False
    clock.advance(600)
    line = QLabel("here")
    key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a")
    QApplication.sendEvent(line, key)
    clock.advance(600)
    lock.poll()
    assert due == []
    clock.advance(300)
    lock.poll()
    assert due == [True]
    qapp.removeEventFilter(lock)


# --- the desktop ------------------------------------------------------------------------------


class PrivateBus:
    """A message bus of this test alone."""

    def __init__(self, folder: str) -> None:
        self._daemon = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address",
             f"--address=unix:tmpdir={folder}"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self._daemon.stdout is not None
        self.address = self._daemon.stdout.readline().strip()
        self.names: list[str] = []

    def connect(self, name: str) -> QDBusConnection:
        self.names.append(name)
        made = QDBusConnection.connectToBus(self.address, name)
        assert made.isConnected()
        return made

    def close(self) -> None:
        for name in self.names:
            QDBusConnection.disconnectFromBus(name)
        self._daemon.kill()
        self._daemon.wait(timeout=10)
        assert self._daemon.stdout is not None
        self._daemon.stdout.close()


@pytest.fixture
def bus(socket_enabled: None) -> Iterator[PrivateBus]:
    made = PrivateBus("/tmp")
    yield made
    made.close()


def signal(path: str, interface: str, name: str, *arguments: object) -> QDBusMessage:
    made = QDBusMessage.createSignal(path, interface, name)
    made.setArguments(list(arguments))
    return made


def test_the_lock_of_the_workstation_is_noticed(
    qtbot: QtBot, bus: PrivateBus, qapp: QApplication
) -> None:
    desktop, stranger = bus.connect("desktop"), bus.connect("stranger")
    for name in ("org.freedesktop.ScreenSaver", "org.freedesktop.login1", "org.gnome.ScreenSaver"):
        assert desktop.registerService(name)
    ours = bus.connect("ours")
    session = DesktopSession(ours, ours, "3")
    seen: list[bool] = []
    session.locked.connect(lambda: seen.append(True))
    mine, login = session_path("3"), "org.freedesktop.login1.Session"
    assert mine == "/org/freedesktop/login1/session/_33"
    assert session_path("c12") == "/org/freedesktop/login1/session/c12"

    saver = "org.freedesktop.ScreenSaver"
    # What must not lock goes first; the bus keeps the order of what one connection sends.
    assert stranger.send(signal("/x", saver, "ActiveChanged", True))
    assert stranger.send(signal(mine, login, "Lock"))
    assert desktop.send(signal("/org/freedesktop/ScreenSaver", saver, "ActiveChanged", False))
    assert desktop.send(signal(session_path("4"), login, "Lock"))
    with qtbot.waitSignal(session.locked, timeout=5000):
        assert desktop.send(signal(mine, login, "Lock"))
    assert seen == [True]
    for path, name in (("/org/freedesktop/ScreenSaver", saver), ("/x", "org.gnome.ScreenSaver")):
        with qtbot.waitSignal(session.locked, timeout=5000):
            assert desktop.send(signal(path, name, "ActiveChanged", True))
    assert len(seen) == 3


def test_a_locked_workstation_locks_the_window(
    drive: Start, office: FakeOffice, bus: PrivateBus
) -> None:
    driver = drive(sample.AGENT)
    desktop, ours = bus.connect("desktop"), bus.connect("ours")
    assert desktop.registerService("org.freedesktop.ScreenSaver")
    session = DesktopSession(ours, ours, "", driver.window)
    session.locked.connect(lambda: driver.window.lock(LockReason.WORKSTATION))
    saver = "org.freedesktop.ScreenSaver"
    assert desktop.send(signal("/ScreenSaver", saver, "ActiveChanged", True))
    driver.qtbot.waitUntil(lambda: driver.window.shell is None)
    driver.settle()
    assert logged(office, Action.LOCKED) == [{"why": "workstation"}]


def test_the_idle_monitor_of_gnome_is_asked_without_waiting(qtbot: QtBot, bus: PrivateBus) -> None:
    told: list[float | None] = []
    source = MutterIdle(bus.connect("ours"))
    source.ask(told.append)
    assert told == [], "nothing waits for an answer"
    qtbot.waitUntil(lambda: bool(told))
    assert told == [None], "nobody has that name on this bus"


def test_systems_that_know_nothing_say_so(qapp: QApplication) -> None:
    told: list[float | None] = []
    WindowsIdle().ask(told.append)
    XIdle().ask(told.append)
    assert told == [None, None]
    assert all(not isinstance(s, XIdle) for s in idle_sources())
