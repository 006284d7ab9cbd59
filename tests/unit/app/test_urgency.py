from __future__ import annotations

import os
import subprocess
import threading

import pytest

from softphone.app import urgency


def test_asking_never_fails():
    before = os.sched_getscheduler(0)
    try:
        assert urgency.be_prompt() in (True, False)
    finally:
        os.sched_setscheduler(0, before, os.sched_param(0))


def test_without_the_right_everything_goes_on(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    assert urgency.be_prompt() is False


def test_where_there_is_no_such_thing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(os, "sched_setscheduler")
    assert urgency.be_prompt() is False


def test_threads_that_a_library_made_are_found_and_asked_for():
    done = threading.Event()
    before = urgency.threads_here()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        made = urgency.threads_here() - before
        assert made == {thread.native_id}
        granted = urgency.make_prompt(made)
        scheduled = os.sched_getscheduler(thread.native_id or 0)
        assert bool(scheduled & ~os.SCHED_RESET_ON_FORK == os.SCHED_RR) is bool(granted)
    finally:
        done.set()
        thread.join(timeout=5)


def test_what_has_ended_meanwhile_is_left_alone():
    gone = subprocess.Popen(["true"])
    gone.wait(timeout=5)
    assert urgency.make_prompt([gone.pid]) == 0
