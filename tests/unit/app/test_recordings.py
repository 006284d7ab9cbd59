from __future__ import annotations

import pytest

from softphone.app.ports import RecordingFilter
from softphone.domain.audit import Action
from softphone.domain.errors import Damaged, NotFound, Refused
from softphone.vault.journal import payload_path
from tests.unit.app.rig import ADMIN, AGENT, SUPERVISOR, DeskRig, log_of

NUMBER = "+442079460000"


@pytest.fixture
def recording(office: DeskRig):
    desk = office.sign_in(AGENT)
    office.phone.waiting.append(office.rig.seal(desk.session.vault, NUMBER))
    (taken,) = desk.calls.take_in_recordings()
    return taken


def test_listening_is_logged_with_its_reason(office: DeskRig, recording):
    desk = office.sign_in(SUPERVISOR)
    reader = desk.recordings.open(recording, "complaint 12")
    assert reader.size > 0
    reader.close()
    (row,) = log_of(desk, Action.RECORDING_LISTENED)
    assert (row.entry.result, row.detail) == ("done", {"reason": "complaint 12"})


def test_whoever_may_not_listen_is_refused_and_logged(office: DeskRig, recording):
    for member in (AGENT, ADMIN):
        desk = office.sign_in(member)
        with pytest.raises(Refused):
            desk.recordings.open(recording)
        assert log_of(desk, Action.RECORDING_LISTENED)[0].entry.result == "refused"


def test_an_altered_recording_opens_with_its_problem_and_is_logged(office: DeskRig, recording):
    path = payload_path(office.rig.profile.recordings, recording)
    kept = path.read_bytes()
    path.write_bytes(kept[:50] + b"X" + kept[51:])
    desk = office.sign_in(SUPERVISOR)
    reader = desk.recordings.open(recording)
    assert reader.problem
    reader.close()
    assert len(log_of(desk, Action.RECORDING_MISMATCHED)) == 1
    path.unlink()
    with pytest.raises(Damaged):
        desk.recordings.open(recording)
    assert log_of(desk, Action.RECORDING_LISTENED)[0].entry.result == "failed"


def test_a_key_that_is_missing_refuses_although_the_policy_allows(office: DeskRig, recording):
    desk = office.sign_in(SUPERVISOR)
    groups = desk.session.vault._stores.core.groups
    groups.pop("listen/sales/1")
    with pytest.raises(Refused, match="listen/sales/1"):
        desk.recordings.open(recording)
    assert log_of(desk, Action.RECORDING_LISTENED)[0].entry.result == "refused"


def test_reviewing_and_noting(office: DeskRig, recording):
    desk = office.sign_in(SUPERVISOR)
    desk.recordings.mark_reviewed(recording)
    note = desk.recordings.add_note(recording, "Rude", 1500)
    assert desk.recordings.notes(recording) == [note]
    (row,) = desk.recordings.page(RecordingFilter(), 9, 0)
    assert row.reviewed_by == SUPERVISOR.name
    assert desk.recordings.count(RecordingFilter()) == 1
    with pytest.raises(Refused):
        office.sign_in(AGENT).recordings.add_note(recording, "x", 0)


def test_downloading_is_a_right_of_its_own(office: DeskRig, recording):
    assert "Download" in office.sign_in(SUPERVISOR).recordings.may_download(recording)


def test_deleting_needs_the_right(office: DeskRig, recording):
    with pytest.raises(Refused):
        office.sign_in(AGENT).recordings.delete(recording)
    desk = office.sign_in(SUPERVISOR)
    receipt = desk.recordings.delete(recording)
    assert dict(receipt.counts)["recordings"] == 1
    with pytest.raises(NotFound):
        desk.recordings.open(recording)
