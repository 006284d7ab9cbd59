"""A call rings while somebody types elsewhere: under a real X server, with real keys and clicks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.peers.display import virtual_display
from demo.peers.processes import PeerFailed, wait_for_text

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]

TYPING = """
import sys
from PySide6.QtWidgets import QApplication, QLineEdit
a = QApplication([])
line = QLineEdit()
line.setWindowTitle("somewhere else")
line.textChanged.connect(lambda t: print("typed", t, flush=True))
line.setGeometry(40, 40, 300, 60)
line.show()
sys.exit(a.exec())
"""


@pytest.fixture
def display() -> Iterator[str]:
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.fail("Xvfb or xdotool is missing: run “make system”")
    with virtual_display() as name:
        yield name


class Program:
    """A child with an open standard input, and its output in a file."""

    def __init__(self, arguments: list[str], log: Path, display: str) -> None:
        self.log = log
        environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        self._file = log.open("wb")
        self.popen = subprocess.Popen(
            [sys.executable, *arguments], stdin=subprocess.PIPE, stdout=self._file,
            stderr=subprocess.STDOUT, env=environment, cwd=Path(__file__).parents[2],
        )  # fmt: skip

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def output(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def say(self, line: str) -> None:
        assert self.popen.stdin is not None
        self.popen.stdin.write(line.encode())
        self.popen.stdin.flush()

    def close(self) -> None:
        self.popen.kill()
        self.popen.wait(timeout=10)
        assert self.popen.stdin is not None
        self.popen.stdin.close()
        self._file.close()


def test_who_types_elsewhere_goes_on_typing(display: str, tmp_path: Path):
    def xdotool(*words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env={**os.environ, "DISPLAY": display}, check=True,
            capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        return done.stdout.strip()

    (tmp_path / "s.ini").write_text("theme=light\nlanguage=en\n")
    phone = Program(["-m", "tests.ui.toast_child", str(tmp_path / "s.ini")],
                    tmp_path / "phone.log", display)  # fmt: skip
    other = Program(["-c", TYPING], tmp_path / "other.log", display)
    try:
        wait_for_text(phone, "ready", 30)  # type: ignore[arg-type]
        window = xdotool("search", "--sync", "--onlyvisible", "--name", "somewhere else")
        xdotool("windowfocus", "--sync", window.split()[0])
        xdotool("type", "--delay", "5", "before")
        wait_for_text(other, "typed before\n")  # type: ignore[arg-type]
        phone.say("ring\n")
        said = wait_for_text(phone, "toast ")  # type: ignore[arg-type]
        xdotool("type", "--delay", "5", " and after")
        wait_for_text(other, "typed before and after\n")  # type: ignore[arg-type]
        assert "active" not in phone.output()
        assert xdotool("getwindowfocus") == window.split()[0]
        x, y = said.split("toast ")[1].split()[:2]
        assert (int(x) > 640, int(y) > 600) == (True, True), "not in the lower right corner"
        xdotool("mousemove", x, y, "click", "1")
        wait_for_text(phone, "answered")  # type: ignore[arg-type]
        assert "active" not in phone.output()
    except PeerFailed as error:
        raise AssertionError(f"{error}\n{phone.output()}\n{other.output()}") from error
    finally:
        phone.close()
        other.close()
