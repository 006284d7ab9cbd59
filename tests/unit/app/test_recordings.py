from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyrage
import pytest

from softphone.app.ports import ExportFormat, ExportOrder, NewMember, RecordingFilter
from softphone.domain.audit import Action
from softphone.domain.errors import Cancelled, Damaged, InvalidInput, NotFound, Refused
from softphone.vault.journal import payload_path
from tests.unit.app.rig import ADMIN, AGENT, LEAD, SUPERVISOR, DeskRig, log_of
from tests.unit.vault.rig import AUDIO, PASSWORD

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
    groups.pop("listen/sales/2")
    with pytest.raises(Refused, match="listen/sales/2"):
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


PHRASE = "nine purple lilies"


@pytest.fixture
def order(tmp_path: Path) -> ExportOrder:
    return ExportOrder(ExportFormat.AGE, tmp_path / "out.age", "complaint 12", passphrase=PHRASE)


def test_whoever_has_the_right_hands_a_recording_out_with_a_reason(
    office: DeskRig, recording, order: ExportOrder
):
    desk = office.sign_in(LEAD)
    assert desk.recordings.may_download(recording) == ""
    desk.recordings.export(recording, order)
    assert pyrage.passphrase.decrypt(order.destination.read_bytes(), PHRASE) == AUDIO
    (row,) = log_of(desk, Action.RECORDING_EXPORTED)
    assert row.detail == {"reason": "complaint 12", "format": "age"}
    assert row.entry.object_id == recording


def test_nobody_else_hands_one_out(office: DeskRig, recording, order: ExportOrder):
    for member in (SUPERVISOR, AGENT, ADMIN):
        desk = office.sign_in(member)
        with pytest.raises(Refused, match="Download recordings"):
            desk.recordings.export(recording, order)
        assert log_of(desk, Action.RECORDING_EXPORTED)[0].entry.result == "refused"
    assert not order.destination.exists()


def test_an_export_needs_a_reason_and_a_passphrase_that_is_not_guessed(
    office: DeskRig, recording, order: ExportOrder
):
    desk = office.sign_in(LEAD)
    for bad in (
        replace(order, reason=" "),
        replace(order, passphrase="password1234"),
        replace(order, format=ExportFormat.OGG),
    ):
        with pytest.raises(InvalidInput):
            desk.recordings.export(recording, bad)
    assert log_of(desk, Action.RECORDING_EXPORTED) == []


def test_a_cancelled_export_leaves_an_entry_and_no_file(
    office: DeskRig, recording, order: ExportOrder
):
    desk = office.sign_in(LEAD)
    with pytest.raises(Cancelled):
        desk.recordings.export(recording, order, lambda _done, _size: False)
    assert [r.entry.result for r in log_of(desk, Action.RECORDING_EXPORTED)] == ["failed", "done"]
    assert not order.destination.exists()


def test_an_altered_recording_is_not_handed_out(office: DeskRig, recording, order: ExportOrder):
    path = payload_path(office.rig.profile.recordings, recording)
    path.write_bytes(path.read_bytes()[:-5])
    desk = office.sign_in(LEAD)
    with pytest.raises(Damaged, match="not exported"):
        desk.recordings.export(recording, order)
    assert len(log_of(desk, Action.RECORDING_MISMATCHED)) == 1
    assert not order.destination.exists()


@pytest.fixture
def cut_off(office: DeskRig):
    desk = office.sign_in(AGENT)
    office.phone.waiting.append(office.rig.seal(desk.session.vault, NUMBER, cut_off=True))
    (taken,) = desk.calls.take_in_recordings()
    return taken


def test_listening_closes_what_a_crash_cut_off_with_its_measured_length(office: DeskRig, cut_off):
    desk = office.sign_in(SUPERVISOR)
    reader = desk.recordings.open(cut_off)
    assert reader.read_at(0, len(AUDIO) + 1) == AUDIO
    reader.close()
    row = desk.session.vault.recording(cut_off)
    assert (row.complete, row.audio_ms) == (True, 7000)
    (entry,) = log_of(desk, Action.RECORDING_CLOSED)
    assert entry.entry.object_id == cut_off
    desk.recordings.open(cut_off).close()
    assert len(log_of(desk, Action.RECORDING_CLOSED)) == 1


def test_what_cannot_be_measured_is_heard_all_the_same(office: DeskRig, cut_off):
    office.meter.error = Damaged("The length cannot be measured.")
    desk = office.sign_in(SUPERVISOR)
    desk.recordings.open(cut_off).close()
    assert not desk.session.vault.recording(cut_off).complete


def test_who_neither_calls_nor_listens_sees_no_recordings(office: DeskRig):
    billing = NewMember("Bob Bill", PASSWORD, "billing", "office")
    office.sign_in(ADMIN).people.add_member(billing)
    desk = office.sign_in(AGENT)
    office.phone.waiting = [office.rig.seal(desk.session.vault, NUMBER)]
    desk.calls.take_in_recordings()
    assert desk.recordings.count(RecordingFilter()) == 1
    desk = office.sign_in(billing)
    assert desk.recordings.page(RecordingFilter(), 9, 0) == []
    assert desk.recordings.count(RecordingFilter()) == 0
