from __future__ import annotations

from collections.abc import Callable

from softphone.ui.pages.privacy import PrivacyPage
from tests.fakes import sample
from tests.ui.conftest import Driver

Start = Callable[..., Driver]


def open_privacy(driver: Driver) -> PrivacyPage:
    driver.shell.show_page("privacy")
    driver.settle()
    page = driver.shell.pages["privacy"]
    assert isinstance(page, PrivacyPage)
    return page


def test_the_page_opens_at_the_requests(drive: Start) -> None:
    driver = drive(sample.OFFICER)
    page = open_privacy(driver)
    assert page.current == "requests"
    assert page.items["requests"].isChecked()


def test_an_agent_has_no_privacy_page(drive: Start) -> None:
    driver = drive(sample.AGENT)
    driver.shell.show_page("privacy")
    assert "privacy" not in driver.shell.rail.items
    assert "privacy" not in driver.shell.pages


def test_an_unknown_section_changes_nothing(drive: Start) -> None:
    driver = drive(sample.OFFICER)
    page = open_privacy(driver)
    page.show_section("no such section")
    assert page.current == "requests"
