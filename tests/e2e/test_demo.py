"""``make demo`` as a person runs it: to its end, and stopped in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def start(temporary: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "demo"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def left_over(temporary: Path) -> list[str]:
    """Return what still runs on the demo's folder, and what is left in it."""
    running = []
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if str(temporary) in line and process.pid != os.getpid():
            running.append(line)
    return running + [str(p) for p in temporary.iterdir() if p.name.startswith("softphone")]


@pytest.fixture
def temporary():
    # AF_UNIX paths are short: not below pytest's deep folders.
    with tempfile.TemporaryDirectory(prefix="e2e-") as folder:
        yield Path(folder)


def test_every_check_is_true(temporary: Path):
    demo = start(temporary)
    output, _ = demo.communicate(timeout=380)
    report = json.loads((ROOT / "build/demo/report.json").read_text("utf-8"))
    assert demo.returncode == 0, output[-3000:]
    assert len(report["checks"]) >= 24
    assert all(report["checks"].values())
    assert left_over(temporary) == []


@pytest.mark.parametrize("moment", ["Registrar on loopback", "Call established", "kill -9"])
def test_ctrl_c_at_any_time_leaves_nothing(temporary: Path, moment: str):
    demo = start(temporary)
    assert demo.stdout is not None
    for line in demo.stdout:
        if moment in line:
            break
    demo.send_signal(signal.SIGINT)
    output, _ = demo.communicate(timeout=90)
    assert demo.returncode == 130, output[-2000:]
    assert left_over(temporary) == []
