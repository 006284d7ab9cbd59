"""How soon there is a window and a registration, beside linphone-desktop on the same display."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil

from demo import acts
from demo.peers.linphone import CONFIG
from demo.peers.processes import Process, free_port
from demo.report import Report
from demo.stage import AGENT, DOMAIN, Stage
from softphone.domain.errors import EngineLost
from softphone.engine.control import send_command
from softphone.paths import Profile
from tests.bench.result import Figure
from tests.bench.rig import look, until

RUNS = 5
WITHIN_S = 60.0
SETTLE_S = 2.0
REGISTERED = "LinphoneRegistrationOk"
WITHOUT = "linphone-desktop (missing)"


def _seen(stage: Stage, window: str) -> bool:
    """Whether a window with this in its name is on the screen."""
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--name", window],
        env={**os.environ, **stage.environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return bool(found.stdout.strip())


def _linphone(stage: Stage, number: int) -> Process:
    """Start linphone-desktop with an account at the stage's registrar, its sound off."""
    home = stage.folder / f"linphone-{number}"
    (home / ".config").mkdir(parents=True, mode=0o700)
    assert stage.registrar is not None
    config = home / "linphonerc"
    config.write_text(
        CONFIG.format(
            port=free_port(), rtp=free_port() & ~1, ca_file=stage.authority.ca_file, user="anna",
            password=stage.passwords["customer"], domain=DOMAIN,
            server=stage.registrar.server.replace("localhost", "127.0.0.1"),
        )
    )  # fmt: skip
    return Process(
        ["dbus-run-session", "--", "linphone", "--config", str(config), "--verbose"],
        stage.folder / f"linphone-{number}.log",
        env={
            **stage.environment, "HOME": str(home), "XDG_RUNTIME_DIR": str(home),
            "QT_QUICK_BACKEND": "software",
        },
    )  # fmt: skip


def _end(stage: Stage, process: Process) -> None:
    """End it with what it started: the program outlives the session bus it was started with."""
    started = psutil.Process(process.pid).children(recursive=True)
    process.stop()
    for one in started:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    until(lambda: not _seen(stage, "Linphone"), WITHIN_S)


def _theirs(stage: Stage) -> tuple[list[float], list[float]]:
    """Return its times to a window and to a registration (s); empty where it is not installed."""
    windows: list[float] = []
    registered: list[float] = []
    if shutil.which("linphone") is None or shutil.which("dbus-run-session") is None:
        return windows, registered
    for number in range(RUNS + 1):
        began = time.monotonic()
        process = _linphone(stage, number)
        try:
            until(lambda: _seen(stage, "Linphone"), WITHIN_S)
            windows.append(time.monotonic() - began)
            until(lambda p=process: REGISTERED in p.output(), WITHIN_S)  # type: ignore[misc]
            registered.append(time.monotonic() - began)
            look(SETTLE_S)
        finally:
            _end(stage, process)
    return windows[1:], registered[1:]  # the first was cold


def _registered(profile: Path) -> bool:
    """Ask through the phone's door: a command of its own would take a core from the start."""
    try:
        return acts.registered(send_command(Profile(profile), "state", [], within_s=WITHIN_S))
    except EngineLost:
        return False


def _ours(stage: Stage) -> tuple[list[float], list[float]]:
    windows: list[float] = []
    registered: list[float] = []
    for _ in range(RUNS + 1):
        began = time.monotonic()
        window = stage.open_window(AGENT)
        until(lambda: _seen(stage, "Softphone"), WITHIN_S)
        windows.append(time.monotonic() - began)
        until(lambda: _registered(stage.profile), WITHIN_S)
        registered.append(time.monotonic() - began)
        stage.command("quit")
        window.popen.wait(timeout=20)
        look(SETTLE_S)
    return windows[1:], registered[1:]


def _both() -> tuple[tuple[list[float], list[float]], tuple[list[float], list[float]]]:
    stage = Stage()
    try:
        stage.start_display()
        stage.start_registrar()
        acts.set_up(stage, Report(), stage.start_server(), locks=False)
        return _ours(stage), _theirs(stage)
    finally:
        stage.close()


def _figure(name: str, ours: list[float], theirs: list[float], note: str) -> Figure:
    return Figure(
        name, round(statistics.median(ours), 2), "s",
        "linphone-desktop, same display and registrar" if theirs else WITHOUT,
        round(statistics.median(theirs), 2) if theirs else 0.0, "lower", RUNS, note,
    )  # fmt: skip


def start_to_window_s() -> Figure:
    """From the start of the process to a window on the screen, warm."""
    (ours, _), (theirs, _) = _both()
    return _figure("start_to_window_s", ours, theirs, "the vault is unlocked after that")


def start_to_registered_s() -> Figure:
    """From the start of the process to registered, with the window open, warm."""
    (_, ours), (_, theirs) = _both()
    return _figure(
        "start_to_registered_s", ours, theirs,
        "ours with the vault unlocked (Argon2id) and the engine started",
    )  # fmt: skip
