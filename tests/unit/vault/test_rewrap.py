from __future__ import annotations

from pathlib import Path

import pytest

from softphone.app.ports import NewMember
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.errors import Refused
from softphone.vault.headers import open_header
from softphone.vault.recipients import NotForMe, parse_identity
from tests.unit.vault.rig import ADMIN, AGENT, AUDIO, PASSWORD, SUPERVISOR, Rig, draft


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR, AGENT)
    return made


def record(rig: Rig, count: int = 3) -> list[str]:
    vault = rig.open(AGENT)
    sealed = [rig.seal(vault, f"+49301234567{n}") for n in range(count)]
    for one in sealed:
        vault.take_in(one, draft(vault, Action.RECORDING_SEALED))
    vault.close()
    return [one.manifest.recording for one in sealed]


def rekey(rig: Rig) -> int:
    vault = rig.open(ADMIN)
    count = vault.replace_group_keys(draft(vault, Action.KEYS_REPLACED))
    vault.close()
    return count


def test_every_team_with_listeners_gets_new_keys(rig: Rig):
    assert rekey(rig) == 1
    vault = rig.open(AGENT)
    assert [t.group for t in vault.seal_targets("sales")] == ["listen/sales/2", "recovery/1"]
    assert vault.audit_count(AuditFilter(action=Action.KEYS_REPLACED)) == 1
    with pytest.raises(Refused, match="policy key"):
        vault.replace_group_keys(draft(vault))
    vault.close()


def test_headers_move_to_the_new_keys_and_old_keys_open_nothing(rig: Rig):
    recordings = record(rig)
    rekey(rig)
    vault = rig.open(SUPERVISOR)
    old = vault._stores.core.groups["listen/sales/1"]
    assert vault.rewrap_recordings(draft(vault, Action.KEYS_REPLACED), 2) == 2
    assert vault.rewrap_recordings(draft(vault, Action.KEYS_REPLACED), 2) == 1
    assert vault.rewrap_recordings(draft(vault, Action.KEYS_REPLACED), 2) == 0
    told = [r.detail for r in vault.audit_rows(AuditFilter(action=Action.KEYS_REPLACED), 9, 0)]
    assert [d.get("rewrapped") for d in told] == ["1", "2", None]
    recovery = parse_identity(rig.recovery_key)
    for recording in recordings:
        assert vault.recording(recording).group == "listen/sales/2"
        header = open_header(vault._stores.core, vault._stores.rewrapper._subjects, recording)
        header.verify(recovery.unwrap(header.stanzas))
        with pytest.raises(NotForMe):
            old.unwrap(header.stanzas)
        reader = vault.open_recording(recording, draft(vault))
        assert reader.read_at(0, len(AUDIO)) == AUDIO
        reader.close()
    vault.close()


def test_a_listener_added_later_hears_what_was_rewrapped_for_them(rig: Rig):
    (recording,) = record(rig, 1)
    late = NewMember("Late Sup", PASSWORD, "supervisor", "sales")
    vault = rig.open(ADMIN)
    vault.add_member(late, draft(vault))
    vault.close()
    vault = rig.open(late)
    assert vault.rewrap_recordings(draft(vault), 9) == 0
    with pytest.raises(Refused):
        vault.open_recording(recording, draft(vault))
    vault.close()
    vault = rig.open(SUPERVISOR)
    assert vault.rewrap_recordings(draft(vault), 9) == 1
    vault.close()
    vault = rig.open(late)
    vault.open_recording(recording, draft(vault)).close()
    vault.close()


def test_a_rewrapped_recording_is_erased_like_any_other(rig: Rig):
    (recording,) = record(rig, 1)
    rekey(rig)
    vault = rig.open(SUPERVISOR)
    vault.rewrap_recordings(draft(vault), 9)
    receipt = vault.delete_recording(recording, draft(vault, Action.RECORDING_DELETED))
    assert dict(receipt.counts)["recordings"] == 1
    vault.close()


def test_whoever_hears_nothing_rewraps_nothing(rig: Rig):
    record(rig, 1)
    rekey(rig)
    for member in (ADMIN, AGENT):
        vault = rig.open(member)
        assert vault.rewrap_recordings(draft(vault), 9) == 0
        vault.close()


def test_a_damaged_header_does_not_stop_the_others(rig: Rig):
    recordings = record(rig)
    rekey(rig)
    vault = rig.open(SUPERVISOR)
    vault._stores.core.connection.execute(
        "UPDATE recordings SET header = zeroblob(100) WHERE id = ?", (recordings[0],)
    )
    assert vault.rewrap_recordings(draft(vault, Action.KEYS_REPLACED), 9) == 3
    assert vault.rewrap_recordings(draft(vault, Action.KEYS_REPLACED), 9) == 0
    (row, *_) = vault.audit_rows(AuditFilter(action=Action.KEYS_REPLACED), 9, 0)
    assert row.detail == {"rewrapped": "2", "damaged": "1"}
    for recording in recordings[1:]:
        vault.open_recording(recording, draft(vault)).close()
    vault.close()
