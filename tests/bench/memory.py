"""Memory of the idle, registered program: window and engine, beside linphone-desktop."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import psutil

from demo import acts
from demo.peers.processes import Process
from demo.report import Report
from demo.stage import AGENT, Stage
from softphone.engine.door import door_file
from softphone.paths import Profile
from tests.bench.result import Figure
from tests.bench.rig import look

SETTLE_S = 12.0


def _pss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _tree_mb(pid: int) -> float:
    process = psutil.Process(pid)
    return sum(_pss_mb(p.pid) for p in (process, *process.children(recursive=True)))


def _linphone(stage: Stage) -> float:
    """Return linphone-desktop's PSS after it has settled, without an account (its best case)."""
    program = shutil.which("linphone")
    if program is None or shutil.which("dbus-run-session") is None:
        return 0.0
    home = stage.folder / "linphone-home"
    home.mkdir(mode=0o700)
    environment = {
        **stage.environment,
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "QT_QUICK_BACKEND": "software",
    }
    arguments = ["dbus-run-session", "--", program]
    process = Process(arguments, stage.folder / "linphone.log", env=environment)
    try:
        look(SETTLE_S)
        children = psutil.Process(process.pid).children(recursive=True)
        return sum(_tree_mb(child.pid) for child in children if child.name() == "linphone")
    finally:
        process.stop()


def idle_pss_mb() -> Figure:
    """PSS of window and engine, registered and idle."""
    stage = Stage()
    try:
        stage.start_display()
        stage.start_registrar()
        acts.set_up(stage, Report(), stage.start_server(), locks=False)
        theirs = _linphone(stage)
        window = stage.open_window(AGENT)
        acts.until(stage, window, lambda s: s["user"] and acts.registered(s), 60)
        look(SETTLE_S)
        engine = json.loads(door_file(Profile(stage.profile)).read_text())["pid"]
        parts = (_pss_mb(window.pid), _pss_mb(engine))
        stage.command("quit")
        window.popen.wait(timeout=20)
    finally:
        stage.close()
    version = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", "linphone-desktop"],
        capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    return Figure(
        "idle_pss_mb", round(sum(parts), 1), "MB", f"linphone-desktop {version or '(missing)'}",
        round(theirs, 1), "lower", 1,
        f"window {parts[0]:.0f} + engine {parts[1]:.0f}; linphone without an account; "
        f"{os.cpu_count()} cores",
    )  # fmt: skip
