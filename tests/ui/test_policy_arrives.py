"""A policy that comes by synchronisation: an open window follows at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QDialog

from softphone.domain.events import HistoryChanged
from softphone.domain.permissions import Permission
from softphone.ui.pages.contacts import ContactsPage
from tests.fakes import sample
from tests.fakes.office import FakeOffice
from tests.ui.conftest import Driver
from tests.ui.test_pages import open_page, world_of

Start = Callable[..., Driver]


def arrives(driver: Driver, office: FakeOffice, without: Permission) -> None:
    """Take a right from everybody, as a newer policy of the fleet does."""
    policy = world_of(office).policy
    roles = tuple(
        replace(role, grants=tuple(g for g in role.grants if g.permission is not without))
        for role in policy.roles
    )
    world_of(office).policy = replace(policy, version=policy.version + 1, roles=roles)
    office.bus.publish(HistoryChanged(frozenset({"policy", "audit"})))
    driver.settle()


def test_buttons_and_pages_follow(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.SUPERVISOR)
    page = open_page(driver, "contacts")
    assert isinstance(page, ContactsPage)
    assert page.add.isEnabled()
    before = driver.shell
    arrives(driver, office, Permission.CONTACTS_EDIT)
    driver.qtbot.waitUntil(lambda: driver.shell is not before)
    driver.settle()
    shown = driver.shell.stack.currentWidget()
    assert isinstance(shown, ContactsPage)
    assert not shown.add.isEnabled()
    assert shown.add.toolTip()
    arrives(driver, office, Permission.AUDIT_READ)
    driver.qtbot.waitUntil(lambda: "audit" not in {p.key for p in driver.shell.places})


def test_what_changes_nothing_here_leaves_the_window_alone(
    drive: Start, office: FakeOffice
) -> None:
    driver = drive(sample.SUPERVISOR)
    before = driver.shell
    policy = world_of(office).policy
    world_of(office).policy = replace(policy, version=policy.version + 1)
    office.bus.publish(HistoryChanged(frozenset({"policy"})))
    driver.settle()
    assert driver.shell is before


def test_an_open_dialog_is_not_torn_away(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.SUPERVISOR)
    driver.window.show()
    before = driver.shell
    dialog = QDialog(driver.shell)
    dialog.open()
    arrives(driver, office, Permission.CONTACTS_EDIT)
    assert driver.shell is before
    assert dialog.isVisible()
    dialog.accept()
    driver.qtbot.waitUntil(lambda: driver.shell is not before)


def test_a_call_goes_on_in_the_new_window(drive: Start, office: FakeOffice) -> None:
    driver = drive(sample.SUPERVISOR)
    call = driver.talk()
    arrives(driver, office, Permission.CONTACTS_EDIT)
    driver.settle()
    assert driver.shell.panel.call is not None
    assert driver.shell.panel.call.id == call


def test_the_forms_of_the_settings_are_left_before_the_window_follows(
    drive: Start, office: FakeOffice
) -> None:
    driver = drive(sample.SUPERVISOR)
    open_page(driver, "settings")
    before = driver.shell
    arrives(driver, office, Permission.CONTACTS_EDIT)
    assert driver.shell is before
    open_page(driver, "contacts")
    driver.qtbot.waitUntil(lambda: driver.shell is not before)
    driver.settle()
    shown = driver.shell.stack.currentWidget()
    assert isinstance(shown, ContactsPage)
    assert not shown.add.isEnabled()
