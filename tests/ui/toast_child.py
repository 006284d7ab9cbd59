"""The phone's window behind another program, and a call that comes in: run by a test.

A line on standard input lets it ring. Prints ``ready``; ``toast X Y`` where its answer button is;
``active`` whenever a window of ours takes the focus from then on; ``answered``, and ends.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QPoint, QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication

from softphone.ui.application import open_window
from tests.fakes import sample
from tests.fakes.office import FakeOffice


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


class Child:
    def __init__(self, settings: Path) -> None:
        self.application = QApplication([])
        self.office = FakeOffice()
        self.office.world = sample.world(self.office.clock)
        self.window = open_window(
            self.office,
            self.application,
            sign_in=(sample.AGENT, sample.PASSWORD),
            settings=settings,
        )
        self._said: set[str] = set()
        self._watch = QTimer()
        self._watch.timeout.connect(self._look)
        self._watch.start(30)
        self._stdin = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
        self._stdin.activated.connect(self._ring)

    def _ring(self) -> None:
        self._stdin.setEnabled(False)
        sys.stdin.readline()
        self.application.focusWindowChanged.connect(
            lambda window: say("active") if window is not None else None
        )
        self.office.phone.ring("+48225550147")

    def _once(self, word: str, *more: object) -> None:
        if word not in self._said:
            self._said.add(word)
            say(word, *more)

    def _look(self) -> None:
        shell = self.window.shell
        if shell is None or shell.toast is None:
            return
        self._once("ready")
        button = shell.toast.answer
        if shell.toast.isVisible():
            middle = button.mapToGlobal(QPoint(button.width() // 2, button.height() // 2))
            self._once("toast", middle.x(), middle.y())
        if any(call.established_at for call in self.office.phone.calls.values()):
            self._once("answered")
            self.application.quit()


if __name__ == "__main__":
    child = Child(Path(sys.argv[1]))
    sys.exit(child.application.exec())
