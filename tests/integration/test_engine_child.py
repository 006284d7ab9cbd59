"""An engine that is started before anybody signs in: it is taken, replaced, or ended."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from softphone.domain.events import EngineStarted
from softphone.engine.child import EngineChild, start_beforehand
from softphone.engine.door import door_file
from softphone.engine.supervisor import EngineSupervisor
from softphone.paths import Profile

pytestmark = pytest.mark.timeout(60)
SILENT = ["--audio", "none", "--no-headsets"]


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "profile")


@pytest.fixture
def child(profile: Profile) -> Iterator[EngineChild]:
    started = start_beforehand(profile, SILENT)
    assert started is not None
    yield started
    if started.runs:
        started.end()


def attach(profile: Profile, child: EngineChild) -> tuple[EngineSupervisor, EngineStarted]:
    events: queue.Queue[object] = queue.Queue()
    supervisor = EngineSupervisor(profile, events.put, SILENT, child)
    supervisor.start()
    started = events.get(timeout=5)
    assert isinstance(started, EngineStarted)
    return supervisor, started


def ends(pid: int) -> None:
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
    assert not psutil.pid_exists(pid)


def test_it_is_the_engine_that_the_window_gets(profile: Profile, child: EngineChild):
    supervisor, started = attach(profile, child)
    assert (started.pid, started.attached_to_running) == (child.pid, False)
    supervisor.stop(leave_running=False)
    ends(child.pid)


def test_one_that_has_ended_is_replaced(profile: Profile, child: EngineChild):
    child.wait_ready()
    child.end()
    ends(child.pid)
    supervisor, started = attach(profile, child)
    assert started.pid != child.pid
    assert not started.attached_to_running
    supervisor.stop(leave_running=False)
    ends(started.pid)


def test_where_nobody_signs_in_it_ends_with_the_window(profile: Profile, child: EngineChild):
    supervisor = EngineSupervisor(profile, lambda _event: None, SILENT, child)
    child.wait_ready()
    supervisor.stop(leave_running=False)
    ends(child.pid)


def test_none_is_started_where_one_may_run(profile: Profile, child: EngineChild):
    child.wait_ready()
    assert door_file(profile).exists()
    assert start_beforehand(profile, SILENT) is None


def test_one_that_cannot_start_is_told_with_its_code(tmp_path: Path):
    profile = Profile(tmp_path / "profile")
    broken = EngineChild(profile, ["--no-such-option"])
    with pytest.raises(Exception, match=r"Its process ended \(2\)"):
        broken.wait_ready()
