from __future__ import annotations

import pytest

from softphone.app.ports import RecordingFilter
from softphone.app.recording_commands import RECORDING_COMMANDS
from softphone.domain.audit import Action
from softphone.domain.errors import InvalidInput, Refused
from tests.unit.app.rig import AGENT, SUPERVISOR, DeskRig, log_of


@pytest.fixture
def recording(office: DeskRig):
    desk = office.sign_in(AGENT)
    office.phone.waiting.append(office.rig.seal(desk.session.vault, "+442079460000"))
    (taken,) = desk.calls.take_in_recordings()
    return taken


def test_tags_are_plain_words_each_once(office: DeskRig, recording):
    desk = office.sign_in(SUPERVISOR)
    kept = desk.tagging.put(recording, [" upset ", "order  status", "upset", ""])
    assert kept == ("upset", "order status")
    assert desk.tagging.known() == ["order status", "upset"]
    assert [r.id for r in desk.recordings.page(RecordingFilter(tag="upset"), 9, 0)] == [recording]
    assert log_of(desk, Action.RECORDING_TAGGED)[0].detail == {"tags": "upset, order status"}


@pytest.mark.parametrize("tags", [["x" * 41], [str(n) for n in range(21)]])
def test_tags_stay_short_and_few(office: DeskRig, recording, tags: list[str]):
    desk = office.sign_in(SUPERVISOR)
    with pytest.raises(InvalidInput, match="at most"):
        desk.tagging.put(recording, tags)


def test_whoever_may_not_listen_tags_nothing_and_sees_no_tags(office: DeskRig, recording):
    run = RECORDING_COMMANDS["tag-recording"][0]
    assert run(office.sign_in(SUPERVISOR), [recording, "upset"]) == {"tags": ["upset"]}
    desk = office.sign_in(AGENT)
    with pytest.raises(Refused):
        desk.tagging.put(recording, ["mine"])
    assert desk.tagging.known() == []
