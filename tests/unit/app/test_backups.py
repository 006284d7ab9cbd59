from __future__ import annotations

from pathlib import Path

import pytest

from softphone.app.backups import make_backup, replay_erasures
from softphone.domain.audit import Action
from softphone.domain.errors import ConnectionRefused, Refused
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
