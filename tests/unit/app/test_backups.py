from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from softphone.app.backups import ReturnedKeys, make_backup, replay_erasures
from softphone.domain.audit import Action
from softphone.domain.errors import ConnectionRefused, InvalidInput, Refused
from softphone.domain.privacy import ErasedBefore
from tests.unit.app.rig import ADMIN, AGENT, SUPERVISOR, DeskRig, log_of


def test_administrators_make_backups_and_nobody_else(office: DeskRig, tmp_path: Path):
    file = tmp_path / "backups" / "desk.age"
    for member in (AGENT, SUPERVISOR):
        desk = office.sign_in(member)
        with pytest.raises(Refused):
            make_backup(desk.session, file)
    desk = office.sign_in(ADMIN)
    assert make_backup(desk.session, file).payloads == 0
    assert file.exists()
    said = [row.entry.result for row in log_of(desk, Action.BACKUP_MADE)]
    assert said == ["done", "refused", "refused"]


def test_the_policy_says_how_long_keys_may_hold(office: DeskRig, tmp_path: Path):
    desk = office.sign_in(ADMIN)
    now = office.rig.clock.now()
    file = tmp_path / "desk.age"
    assert make_backup(desk.session, file).keys_until - now == timedelta(days=35)
    made = make_backup(desk.session, file, tmp_path / "keys", 5)
    assert made.keys_until - now == timedelta(days=5)
    assert log_of(desk, Action.BACKUP_MADE)[0].detail["keys_until"] == made.keys_until.isoformat()
    for days in (0, 36):
        with pytest.raises(InvalidInput, match="1 to 35 days"):
            make_backup(desk.session, file, days=days)


def test_a_keys_file_is_asked_like_a_newer_copy(office: DeskRig):
    desk = office.sign_in(SUPERVISOR)
    now = office.rig.clock.now()
    later = now + timedelta(days=3)
    keys = ReturnedKeys(made_at=later, until=later, erased=ErasedBefore((), ()))
    said = replay_erasures(desk.session.vault, now, None, None, keys)
    assert (said.carried_out, f"{later:%Y-%m-%d}" in said.unknown) == (0, True)
    detail = log_of(desk, Action.BACKUP_RESTORED)[0].detail
    assert detail["keys_until"] == detail["keys_made_at"] == later.isoformat()


def test_a_server_that_cannot_be_asked_stops_the_restore(office: DeskRig):
    def unreachable(_after: int):
        raise ConnectionRefused("The server cannot be reached.")

    desk = office.sign_in(SUPERVISOR)
    with pytest.raises(ConnectionRefused):
        replay_erasures(desk.session.vault, office.rig.clock.now(), unreachable, None)
    assert log_of(desk, Action.BACKUP_RESTORED) == []


def test_what_nobody_could_be_asked_about_is_said(office: DeskRig):
    desk = office.sign_in(SUPERVISOR)
    now = office.rig.clock.now()
    assert "once more" in replay_erasures(desk.session.vault, now, None, None).unknown
    asked = replay_erasures(desk.session.vault, now, lambda _after: ([], False), None)
    assert (asked.carried_out, asked.unknown) == (0, "")
    assert log_of(desk, Action.BACKUP_RESTORED)[0].detail["server_asked"] == "True"
