"""Headset buttons on devices that the kernel takes for real, in a guest: this one has no uhid."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.e2e.guest.boot import Guest

ROOT = Path(__file__).parents[2]
guest = Guest(ROOT / "build" / "guest")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(420),
    pytest.mark.skipif(bool(guest.missing), reason=guest.missing),
]


def test_buttons_lamps_and_replugging_on_hidraw(tmp_path: Path):
    command = [
        "env", "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1", sys.executable, "-m", "pytest", "-q",
        "-c", "tests/e2e/guest/pytest.ini", "tests/e2e/guest/headsets_on_uhid.py",
    ]  # fmt: skip
    done = guest.run(command, ROOT, tmp_path, within_s=400)
    assert done.code == 0, done.console
    [passed] = re.findall(r"^(\d+) passed", done.console, re.MULTILINE)
    assert int(passed) >= 34
    assert "skipped" not in done.console
