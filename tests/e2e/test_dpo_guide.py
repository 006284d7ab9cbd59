"""Plays docs/guides/dpo.md word for word: what a ``sh`` block promises must be in its output."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs/guides/dpo.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROMISE = re.compile(r"^# → (.*)$", re.MULTILINE)
MARK = "=== block {n} ==="
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


@dataclass
class Demo:
    """The demo that stays, and what it said."""

    process: subprocess.Popen[str]
    ready: threading.Event
    lines: list[str]


@pytest.fixture
def demo():
    with tempfile.TemporaryDirectory(prefix="e2e-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "demo", "--stay"],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": folder, "COLUMNS": "200"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        made = Demo(process, threading.Event(), [])

        def listen() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                made.lines.append(line)
                if line.startswith("Ready."):
                    made.ready.set()

        threading.Thread(target=listen, daemon=True).start()
        yield made
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        assert process.stdout is not None
        process.stdout.close()


def test_the_guide_does_what_it_says(demo: Demo):
    assert demo.ready.wait(120), "".join(demo.lines)[-3000:]
    blocks = BLOCK.findall(GUIDE.read_text("utf-8"))
    assert len(blocks) >= 7
    script = "set -euo pipefail\n" + "".join(
        f"{block}\necho '{MARK.format(n=n)}'\n" for n, block in enumerate(blocks)
    )
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=240
    )
    said = done.stdout
    for n, block in enumerate(blocks):
        mark = MARK.format(n=n)
        assert mark in said, f"{block}\n{said[-2000:]}\n{done.stderr[-3000:]}"
        part, _, said = said.partition(f"{mark}\n")
        for promise in PROMISE.findall(block):
            assert promise in part, f"“{promise}” is not in:\n{part}"
    assert done.returncode == 0
