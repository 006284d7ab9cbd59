from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from softphone.ui.application import open_window
from softphone.ui.shell import Shell
from softphone.ui.window import MainWindow
from tests.fakes import sample
from tests.fakes.office import FakeOffice

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The offscreen platform says this at every minimum size, and of a window that stays on top.
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", r"support raise\(\)"))


@pytest.fixture
def office() -> FakeOffice:
    made = FakeOffice()
    made.world = sample.world(made.clock)
    return made


class Driver:
    """The window of one person, with short words for what tests do to it."""

    def __init__(self, qtbot: QtBot, office: FakeOffice, window: MainWindow) -> None:
        self.qtbot = qtbot
        self.office = office
        self.window = window

    @property
    def shell(self) -> Shell:
        assert self.window.shell is not None
        return self.window.shell

    @property
    def commands(self) -> list[tuple[object, ...]]:
        return [c for c in self.office.phone.commands if c[0] != "set_account"]

    def settle(self) -> None:
        """Let everything that is queued arrive."""
        seen: list[bool] = []
        self.window.dispatcher.post(lambda: seen.append(True))
        self.qtbot.waitUntil(lambda: bool(seen))
        self.window.dispatcher.post(lambda: seen.append(True))
        self.qtbot.waitUntil(lambda: len(seen) == 2)
        self.window.dispatcher.post(lambda: seen.append(True))
        self.qtbot.waitUntil(lambda: len(seen) == 3)

    def talk(self, number: str = "+48225550147") -> str:
        call = self.office.phone.ring(number)
        self.office.phone.answer(call.id)
        self.office.phone.commands.clear()
        self.settle()
        return call.id


@pytest.fixture
def drive(
    qtbot: QtBot, qapp: QApplication, office: FakeOffice, tmp_path: Path
) -> Callable[..., Driver]:
    def start(
        who: str | None = sample.SUPERVISOR, *, shape: str = "desk", theme: str = "light"
    ) -> Driver:
        settings = tmp_path / "settings.ini"
        if not settings.exists():
            settings.write_text(f"theme={theme}\nlanguage=en\n")
        sign_in = (who, sample.PASSWORD) if who else None
        window = open_window(office, qapp, sign_in=sign_in, start_in=shape, settings=settings)
        qtbot.addWidget(window)
        driver = Driver(qtbot, office, window)
        driver.settle()
        if who:
            qtbot.waitUntil(lambda: window.shell is not None)
            driver.settle()
        return driver

    return start
