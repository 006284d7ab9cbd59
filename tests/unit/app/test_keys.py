from __future__ import annotations

import pytest

from softphone.domain.audit import Action
from softphone.domain.errors import Refused
from tests.unit.app.rig import ADMIN, AGENT, SUPERVISOR, DeskRig, log_of


def test_each_does_their_part_and_it_is_logged(office: DeskRig):
    desk = office.sign_in(AGENT)
    office.phone.waiting.append(office.rig.seal(desk.session.vault, "+442079460000"))
    (recording,) = desk.calls.take_in_recordings()
    done = office.sign_in(ADMIN).keys.replace()
    assert (done.epochs, done.rewrapped) == (1, 0)
    desk = office.sign_in(SUPERVISOR)
    done = desk.keys.replace()
    assert (done.epochs, done.rewrapped) == (0, 1)
    assert desk.session.vault.recording(recording).group == "listen/sales/3"
    assert {"policy", "recordings"} <= office.kinds()
    assert [r.entry.result for r in log_of(desk, Action.KEYS_REPLACED)] == ["done", "done"]


def test_an_agent_can_do_neither(office: DeskRig):
    desk = office.sign_in(AGENT)
    with pytest.raises(Refused):
        desk.keys.replace()
    assert [r.entry.result for r in log_of(desk, Action.KEYS_REPLACED)] == ["refused"]
