from __future__ import annotations

import os

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
