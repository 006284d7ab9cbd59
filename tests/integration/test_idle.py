"""How long nobody touched anything: asked of a real X server, and of a GNOME that answers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import ClassInfo, QObject, Slot
from PySide6.QtDBus import QDBusConnection
from pytestqt.qtbot import QtBot

from softphone.ui.system_idle import MutterIdle
from tests.integration.test_toast import display
from tests.ui.test_locking import PrivateBus, bus

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]
ROOT = Path(__file__).parents[2]
ASKING = """
import sys
from PySide6.QtWidgets import QApplication
from softphone.ui.system_idle import XIdle, idle_sources
a = QApplication([])
assert any(isinstance(s, XIdle) for s in idle_sources()), "nobody asks X"
source = XIdle()
for _line in sys.stdin:
    source.ask(lambda idle: print(-1 if idle is None else idle, flush=True))
"""


@pytest.fixture
def asking(display: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    child = subprocess.Popen(
        [sys.executable, "-c", ASKING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=environment, cwd=ROOT,
    )  # fmt: skip
    yield child
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.close()
    child.stdout.close()
    child.wait(timeout=20)


def idle(child: subprocess.Popen[str]) -> float:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write("\n")
    child.stdin.flush()
    return float(child.stdout.readline())


def test_a_key_pressed_in_any_program_counts(asking: subprocess.Popen[str], display: str):
    before = idle(asking)
    assert before >= 0
    while idle(asking) < before + 0.3:
        continue  # nobody touches anything: the count grows by itself
    subprocess.run(
        ["xdotool", "key", "a"], env={**os.environ, "DISPLAY": display}, check=True, timeout=20
    )
    assert idle(asking) < before + 0.3


@ClassInfo({"D-Bus Interface": "org.gnome.Mutter.IdleMonitor"})
class Mutter(QObject):
    """What GNOME's compositor says."""

    @Slot(result="qulonglong")
    def GetIdletime(self) -> int:
        return 90_500


def test_gnome_tells_milliseconds(qtbot: QtBot, bus: PrivateBus):
    gnome, ours = bus.connect("gnome"), bus.connect("ours")
    monitor = Mutter()
    exported = QDBusConnection.RegisterOption.ExportAllSlots
    assert gnome.registerObject("/org/gnome/Mutter/IdleMonitor/Core", monitor, exported)
    assert gnome.registerService("org.gnome.Mutter.IdleMonitor")
    told: list[float | None] = []
    source = MutterIdle(ours)
    source.ask(told.append)
    qtbot.waitUntil(lambda: bool(told))
    # An object that is gone must not be found by a message on its way.
    gnome.unregisterObject("/org/gnome/Mutter/IdleMonitor/Core")
    assert told == [90.5]


__all__ = ["bus", "display"]
