from __future__ import annotations

from collections.abc import Callable

from softphone.domain.audit import Action
from softphone.domain.permissions import Permission, Scope
from softphone.domain.roles import find_role, rights_of
from softphone.ui.dialogs.member import ChangeMemberDialog, OneTimePasswordDialog, ResetDialog
from softphone.ui.dialogs.own_password import OwnPasswordPage
from softphone.ui.pages.administration import AdministrationPage
from softphone.ui.pages.people_section import PeopleSection
from softphone.ui.pages.role_rights_section import RoleRightsSection
from tests.fakes import sample
from tests.fakes.office import FakeOffice
from tests.ui.conftest import Driver

Drive = Callable[..., Driver]


def page_of(driver: Driver) -> AdministrationPage:
    driver.shell.show_page("administration")
    driver.settle()
    page = driver.shell.pages["administration"]
    assert isinstance(page, AdministrationPage)
    return page


def people_of(driver: Driver) -> PeopleSection:
    section = page_of(driver).sections["people"]
    assert isinstance(section, PeopleSection)
    return section


def roles_of(driver: Driver) -> RoleRightsSection:
    page = page_of(driver)
    page.show_section("rights")
    driver.settle()
    section = page.sections["rights"]
    assert isinstance(section, RoleRightsSection)
    return section


def select(driver: Driver, section: PeopleSection | RoleRightsSection, title: str) -> None:
    lines = section.list.lines
    at = next(r for r in range(lines.rowCount()) if lines.row(r).title == title)
    section.list.select_row(at)
    driver.settle()


def test_only_who_manages_people_finds_the_page(drive: Drive):
    driver = drive(sample.SUPERVISOR)
    driver.shell.show_page("administration")
    assert "administration" not in driver.shell.pages


def test_an_invitation_leads_to_a_password_of_ones_own(drive: Drive, office: FakeOffice):
    driver = drive(sample.ADMINISTRATOR)
    section = people_of(driver)
    dialog = section.open_invite()
    driver.settle()
    dialog.form.set_value("name", "Nia Petersen")
    dialog.role.setCurrentIndex(dialog.role.findData("supervisor"))
    dialog.submit()
    driver.settle()
    shown = next(d for d in section.children() if isinstance(d, OneTimePasswordDialog))
    once = shown.password.text()
    shown.accept()
    assert office.world is not None
    assert office.world.audit[-1].entry.action == Action.USER_ADDED

    driver.window.lock()
    driver.settle()
    driver.window.sign_in("Nia Petersen", once)
    driver.settle()
    page = driver.window.centralWidget()
    assert isinstance(page, OwnPasswordPage)
    assert driver.window.shell is None
    page.old.line.setText(once)
    for typed, again in (("violet harbour stone", "another"), (once, once)):
        page.password.line.setText(typed)
        page.again.line.setText(again)
        page.submit()
        driver.settle()
        assert page.problem.isVisibleTo(page)
    page.password.line.setText("violet harbour stone")
    page.again.line.setText("violet harbour stone")
    page.submit()
    driver.settle()
    driver.qtbot.waitUntil(lambda: driver.window.shell is not None)
    assert office.world.passwords["Nia Petersen"] == "violet harbour stone"


def test_nobody_changes_their_own_row(drive: Drive):
    driver = drive(sample.ADMINISTRATOR)
    section = people_of(driver)
    select(driver, section, sample.ADMINISTRATOR)
    for button in (section.remove, section.reset, section.change):
        assert not button.isEnabled()
        assert "own rights" in button.toolTip()
    select(driver, section, sample.AGENT)
    assert section.change.isEnabled()


def test_role_and_team_are_changed_and_the_list_follows(drive: Drive, office: FakeOffice):
    driver = drive(sample.ADMINISTRATOR)
    section = people_of(driver)
    select(driver, section, sample.AGENT)
    section.open_chosen()
    driver.settle()
    dialog = next(d for d in section.children() if isinstance(d, ChangeMemberDialog))
    assert dialog.role.currentData() == "agent"
    dialog.role.setCurrentIndex(dialog.role.findData("billing"))
    dialog.form.set_value("team", "South")
    dialog.submit()
    driver.settle()
    assert office.world is not None
    member = next(m for m in office.world.policy.members if m.name == sample.AGENT)
    assert (member.role, member.team) == ("billing", "South")
    driver.qtbot.waitUntil(
        lambda: any(
            "billing" in section.list.lines.row(r).state
            for r in range(section.list.lines.rowCount())
            if section.list.lines.row(r) is not None
        )
    )


def test_a_wrong_recovery_key_is_said_and_the_dialog_stays(drive: Drive, office: FakeOffice):
    driver = drive(sample.ADMINISTRATOR)
    section = people_of(driver)
    select(driver, section, sample.AGENT)
    section.reset.click()
    dialog = next(d for d in section.children() if isinstance(d, ResetDialog))
    dialog.form.set_value("key", "AGE-WRONG")
    dialog.submit()
    driver.settle()
    assert dialog.isVisible()
    assert dialog.problem.isVisibleTo(dialog)
    assert office.world is not None
    dialog.form.set_value("key", office.world.recovery_key)
    dialog.submit()
    driver.settle()
    assert sample.AGENT in office.world.one_time


def test_a_role_is_made_from_a_copy_and_forbidden_pairs_are_explained(
    drive: Drive, office: FakeOffice
):
    driver = drive(sample.ADMINISTRATOR)
    section = roles_of(driver)
    select(driver, section, "supervisor")
    dialog = section.open_role(section._role(), copied=True)
    dialog.form.set_value("name", "coach")
    listen = dialog.reaches[Permission.RECORDINGS_LISTEN]
    listen.setCurrentIndex(listen.findData(Scope.ALL.value))
    manage = dialog.reaches[Permission.USERS_MANAGE]
    manage.setCurrentIndex(1)
    dialog.submit()
    driver.settle()
    assert "gain ears" in dialog.problem.text.text()
    manage.setCurrentIndex(0)
    dialog.submit()
    driver.settle()
    assert office.world is not None
    made = rights_of(find_role(office.world.policy, "coach"))
    assert made[Permission.RECORDINGS_LISTEN] is Scope.ALL
    assert Permission.USERS_MANAGE not in made


def test_ones_own_role_and_untouched_ones_stay(drive: Drive):
    driver = drive(sample.ADMINISTRATOR)
    section = roles_of(driver)
    select(driver, section, "administrator")
    assert not section.change.isEnabled()
    assert section.copy.isEnabled()
    select(driver, section, "supervisor")
    assert section.change.isEnabled()
    assert not section.remove.isEnabled()
    assert section.remove.text() == "Put back"


def test_the_recovery_key_is_tested_and_the_notice_says_what_it_opens(
    drive: Drive, office: FakeOffice
):
    driver = drive(sample.ADMINISTRATOR)
    section = people_of(driver)
    dialog = section.open_drill()
    assert office.world is not None
    dialog.form.set_value("key", office.world.recovery_key)
    dialog.submit()
    driver.settle()
    assert "The recovery key works" in driver.shell.notice.sign.text.text()
    assert "8 people" in driver.shell.notice.sign.text.text()
