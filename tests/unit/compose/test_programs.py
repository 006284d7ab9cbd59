from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from softphone.compose.programs import ProgramRunner

APPENDS = "import sys; open(sys.argv[1], 'a').write(sys.argv[2])"
SLOW = f"import threading; threading.Event().wait(0.5); {APPENDS}"


def settled(runner: ProgramRunner) -> None:
    assert runner._before.wait(10)


def test_programs_are_started_in_turn_though_the_first_is_slow(tmp_path: Path):
    said, runner = tmp_path / "said", ProgramRunner()
    for program, word in ((SLOW, "ring "), (APPENDS, "answer "), (APPENDS, "end ")):
        runner.start((sys.executable, "-c", program, str(said), word))
    settled(runner)
    assert said.read_text() == "ring answer end "


def test_one_that_does_not_start_keeps_nobody_waiting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    said, runner = tmp_path / "said", ProgramRunner()
    runner.start((str(tmp_path / "missing"), "+4930"))
    runner.start((sys.executable, "-c", APPENDS, str(said), "end"))
    settled(runner)
    assert said.read_text() == "end"
    assert "did not start" in caplog.text
    assert "+4930" not in caplog.text


def test_one_that_hangs_is_left_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("softphone.compose.programs.IN_TURN_S", 0.2)
    said, runner = tmp_path / "said", ProgramRunner()
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    runner.start((sys.executable, "-c", "import sys; open(sys.argv[1]).read()", str(gate)))
    runner.start((sys.executable, "-c", APPENDS, str(said), "end"))
    for _ in range(200):
        if said.exists() and said.read_text() == "end":
            break
        threading.Event().wait(0.05)
    gate.write_text("")  # it ends
    assert said.read_text() == "end"
