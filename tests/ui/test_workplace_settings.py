from __future__ import annotations

from collections.abc import Callable

from softphone.domain.workplace import WorkplaceRules
from softphone.ui.pages.settings import SettingsPage
from softphone.ui.pages.settings_workplace import WorkplaceSection
from tests.fakes import sample
from tests.ui.conftest import Driver

Drive = Callable[..., Driver]


def section_of(driver: Driver) -> WorkplaceSection:
    driver.shell.show_page("settings")
    driver.settle()
    page = driver.shell.pages["settings"]
    assert isinstance(page, SettingsPage)
    page.show_section("workplace")
    section = page.sections["workplace"]
    assert isinstance(section, WorkplaceSection)
    return section


def test_the_life_of_keys_in_backups_is_published_with_the_other_rules(drive: Drive):
    driver = drive(sample.ADMINISTRATOR)
    section = section_of(driver)
    assert (section.lock.value(), section.keys.value()) == (15, 35)
    section.lock.set_value(5)
    section.keys.set_value(9999)
    section.submit()
    driver.settle()
    desk = driver.shell.work.desk
    assert desk.session.vault.policy.workplace == WorkplaceRules(5, (), 400)
    assert section.keys.value() == 400
    assert "Published" in section.problem.text.text()


def test_whoever_does_not_manage_the_policy_sees_it_and_changes_nothing(drive: Drive):
    section = section_of(drive())
    assert not section.keys.isEnabled()
    assert not section.save.isEnabled()
