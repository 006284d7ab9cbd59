from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.app.ports import NewMember, RecordingFilter, Vault
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.errors import Damaged, NotFound, Refused, Truncated
from softphone.domain.permissions import Grant, Permission, Role, Scope
from softphone.vault.database import open_database
from softphone.vault.journal import payload_path
from softphone.vault.recipients import HybridIdentity, NotForMe, parse_identity
from tests.unit.vault.rig import ADMIN, AGENT, AUDIO, PASSWORD, SUPERVISOR, Rig, draft

NUMBER = "+4930555123456"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR, AGENT)
    return made


def take_in(rig: Rig, vault: Vault, **changes: object):
    sealed = rig.seal(vault, NUMBER, **changes)
    vault.take_in(sealed, draft(vault, Action.RECORDING_SEALED))
    return sealed


def recorded(rig: Rig, **changes: object):
    vault = rig.open(AGENT)
    sealed = take_in(rig, vault, **changes)
    vault.close()
    return sealed


def test_the_plaintext_comes_back_from_anywhere(rig: Rig):
    sealed = recorded(rig)
    vault = rig.open(SUPERVISOR)
    reader = vault.open_recording(sealed.manifest.recording, draft(vault))
    assert (reader.size, reader.problem) == (len(AUDIO), "")
    assert reader.read_at(70_000, 10) == AUDIO[70_000:70_010]
    assert reader.read_at(0, len(AUDIO)) == AUDIO
    reader.close()
    vault.close()


def test_one_cut_off_by_a_crash_opens_with_its_tail(rig: Rig):
    sealed = recorded(rig, cut_off=True)
    assert not sealed.manifest.complete
    vault = rig.open(SUPERVISOR)
    row = vault.recording(sealed.manifest.recording)
    assert not row.complete
    reader = vault.open_recording(row.id, draft(vault))
    assert (reader.read_at(0, len(AUDIO) + 1), reader.problem) == (AUDIO, "")
    reader.close()
    vault.close()


def test_gaps_and_the_manifest_are_in_the_log(rig: Rig):
    sealed = recorded(rig)
    vault = rig.open(SUPERVISOR)
    assert vault.recording(sealed.manifest.recording).gaps == sealed.manifest.gaps
    (entry,) = vault.audit_rows(AuditFilter(action=Action.RECORDING_SEALED), 9, 0)
    assert entry.detail["payload_sha256"] == sealed.manifest.payload_sha256
    assert "card_payment" in entry.detail["gaps"]
    vault.close()


def test_a_refusal_says_which_right_or_which_group(rig: Rig):
    sealed = recorded(rig)
    vault = rig.open(AGENT)
    with pytest.raises(Refused, match="Listen to recordings"):
        vault.open_recording(sealed.manifest.recording, draft(vault))
    vault.close()
    vault = rig.open(ADMIN)
    late = NewMember("Late Sup", PASSWORD, "supervisor", "sales")
    vault.add_member(late, draft(vault))
    vault.close()
    vault = rig.open(late)
    (row,) = vault.recordings(RecordingFilter(), 9, 0)
    assert "listen/sales/1" in row.refused
    with pytest.raises(Refused, match="sealed for sales listeners"):
        vault.open_recording(row.id, draft(vault, Action.RECORDING_LISTENED))
    assert vault.audit_count(AuditFilter(action=Action.RECORDING_LISTENED)) == 0
    newer = take_in(rig, vault)
    vault.open_recording(newer.manifest.recording, draft(vault)).close()
    vault.close()
    vault = rig.open(SUPERVISOR)
    for recording in (sealed, newer):
        vault.open_recording(recording.manifest.recording, draft(vault)).close()
    vault.close()


def test_the_administrator_who_grants_listening_cannot_listen(rig: Rig):
    sealed = recorded(rig)
    vault = rig.open(ADMIN)
    with pytest.raises(Refused):
        vault.open_recording(sealed.manifest.recording, draft(vault))
    for identity in vault._stores.core.groups.values():
        with pytest.raises(NotForMe):
            identity.unwrap(sealed.stanzas)
    vault.close()


def test_the_printed_recovery_key_opens_every_recording(rig: Rig):
    sealed = recorded(rig)
    identity = parse_identity(rig.recovery_key)
    assert isinstance(identity, HybridIdentity)
    assert len(identity.unwrap(sealed.stanzas)) == 16


def test_a_team_without_listeners_is_sealed_for_recovery_alone(rig: Rig):
    vault = rig.open(ADMIN)
    assert [t.group for t in vault.seal_targets("office")] == ["recovery/1"]
    assert [t.group for t in vault.seal_targets("sales")] == ["listen/sales/1", "recovery/1"]
    sealed = take_in(rig, vault)
    assert sealed.group == "recovery/1"
    (row,) = vault.recordings(RecordingFilter(), 9, 0)
    assert row.refused
    vault.close()


def test_swapped_payloads_are_reported(rig: Rig):
    first, second = recorded(rig), recorded(rig, audio=AUDIO[:50_000])
    folder = rig.profile.recordings
    shutil.copy(
        payload_path(folder, second.manifest.recording),
        payload_path(folder, first.manifest.recording),
    )
    vault = rig.open(SUPERVISOR)
    reader = vault.open_recording(first.manifest.recording, draft(vault))
    assert reader.problem
    assert reader.size == 0
    with pytest.raises(Truncated):
        reader.read_at(0, 10)
    reader.close()
    vault.close()


def test_an_altered_payload_is_reported(rig: Rig):
    sealed = recorded(rig)
    path = payload_path(rig.profile.recordings, sealed.manifest.recording)
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    vault = rig.open(SUPERVISOR)
    reader = vault.open_recording(sealed.manifest.recording, draft(vault))
    assert "exchanged or altered" in reader.problem
    with pytest.raises(Damaged):
        reader.read_at(0, 10)
    reader.close()
    vault.close()


def test_a_shortened_and_a_missing_payload_are_reported(rig: Rig):
    sealed = recorded(rig)
    path = payload_path(rig.profile.recordings, sealed.manifest.recording)
    path.write_bytes(path.read_bytes()[:-100])
    vault = rig.open(SUPERVISOR)
    reader = vault.open_recording(sealed.manifest.recording, draft(vault))
    assert "ends early" in reader.problem
    assert reader.read_at(0, 10) == AUDIO[:10]
    reader.close()
    path.unlink()
    before = vault.audit_count(AuditFilter())
    with pytest.raises(Damaged, match="missing"):
        vault.open_recording(sealed.manifest.recording, draft(vault))
    assert vault.audit_count(AuditFilter()) == before
    vault.close()


def test_a_header_moved_to_another_row_does_not_open(rig: Rig):
    first, second = recorded(rig), recorded(rig)
    vault = rig.open(SUPERVISOR)
    vault._stores.core.connection.execute(
        "UPDATE recordings SET header = (SELECT header FROM recordings WHERE id = ?) WHERE id = ?",
        (second.manifest.recording, first.manifest.recording),
    )
    with pytest.raises(Damaged):
        vault.open_recording(first.manifest.recording, draft(vault))
    vault.close()


def test_a_group_key_swapped_in_the_database_is_refused(rig: Rig):
    vault = rig.open(SUPERVISOR)
    key = vault._stores.core.vault_key
    vault.close()

    connection = open_database(rig.profile.vault / "vault.db", key)
    connection.execute("UPDATE group_wraps SET sealed = zeroblob(length(sealed))")
    connection.close()
    with pytest.raises(Damaged, match="listeners' group"):
        rig.open(SUPERVISOR)


def test_an_anonymous_caller_is_recorded_too(rig: Rig):
    vault = rig.open(SUPERVISOR)
    sealed = rig.seal(vault, "")
    vault.take_in(sealed, draft(vault))
    vault.open_recording(sealed.manifest.recording, draft(vault)).close()
    vault.close()


def test_unknown_recordings_are_not_found(rig: Rig):
    vault = rig.open(SUPERVISOR)
    for ask in (vault.recording, lambda r: vault.mark_reviewed(r, draft(vault))):
        with pytest.raises(NotFound):
            ask("00000000-0000-4000-8000-000000000000")
    vault.close()


def test_search_and_paging(rig: Rig):
    vault = rig.open(SUPERVISOR)
    for _ in range(3):
        take_in(rig, vault)
    assert len(vault.recordings(RecordingFilter(text="4930555"), 2, 1)) == 2
    assert vault.recordings_count(RecordingFilter(text="+49 30 555")) == 3
    assert vault.recordings_count(RecordingFilter(text="Sam")) == 3
    assert vault.recordings_count(RecordingFilter(text='"*(')) == 0
    vault.close()


def test_a_right_given_later_does_not_open_what_was_sealed_before(rig: Rig):
    """The policy lets the agent hear their own calls now; the old header has no stanza for them."""
    sealed = recorded(rig)
    vault = rig.open(ADMIN)
    own = Role("agent", (Grant(Permission.RECORDINGS_LISTEN, Scope.OWN),))
    roles = tuple(own if role.name == "agent" else role for role in vault.policy.roles)
    people = vault._stores.people
    people._publish(people._next(replace(vault.policy, roles=roles)), None)
    vault.close()
    vault = rig.open(AGENT)
    with pytest.raises(Refused, match="sealed for sales listeners"):
        vault.open_recording(sealed.manifest.recording, draft(vault))
    newer = take_in(rig, vault)
    vault.open_recording(newer.manifest.recording, draft(vault)).close()
    vault.close()


def test_a_payload_and_its_row_changed_together_contradict_the_log(rig: Rig):
    """Whoever holds the vault key can make row and file agree; the log still knows the truth."""
    vault = rig.open(AGENT)
    sealed = rig.seal(vault, NUMBER)
    recording = sealed.manifest.recording
    vault.take_in(sealed, draft(vault, Action.RECORDING_SEALED, object_id=recording))
    vault.close()
    path = payload_path(rig.profile.recordings, recording)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    vault = rig.open(SUPERVISOR)
    connection = vault._stores.core.connection
    forged = hashlib.sha256(data).hexdigest()
    connection.execute("UPDATE recordings SET payload_sha256 = ?", (forged,))
    reader = vault.open_recording(recording, draft(vault))
    assert "exchanged or altered" in reader.problem
    reader.close()
    connection.execute(
        "UPDATE audit_details SET detail = CAST(replace(detail, ?, ?) AS BLOB)",
        (sealed.manifest.payload_sha256, forged),
    )
    reader = vault.open_recording(recording, draft(vault))
    assert "exchanged or altered" in reader.problem
    reader.close()
    assert not vault.verify_audit().holds
    vault.close()
