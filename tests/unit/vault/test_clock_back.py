"""The clock jumps back an hour, as at the end of summer time on a badly set machine."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from softphone.app.ports import RecordingFilter
from softphone.domain.audit import AuditFilter
from softphone.domain.privacy import ErasureReason
from tests.unit.vault.rig import ADMIN, AGENT, SUPERVISOR, Rig, contact, draft
from tests.unit.vault.test_backup import record

NUMBER = "+493012345678"


def test_everything_goes_on_and_the_log_keeps_its_order(tmp_path: Path):
    rig = Rig(tmp_path)
    rig.create(SUPERVISOR, AGENT)
    first = record(rig, NUMBER)
    rig.clock.advance(-3600)
    second = record(rig, NUMBER)
    vault = rig.open(SUPERVISOR)
    rows = vault.audit_rows(AuditFilter(), 999, 0)
    assert [row.entry.index for row in rows] == list(range(len(rows) - 1, -1, -1))
    times = [row.entry.time for row in reversed(rows)]
    assert times != sorted(times), "each entry has the time that the clock said"
    assert vault.verify_audit().holds
    assert {r.id for r in vault.recordings(RecordingFilter(), 9, 0)} == {first, second}
    vault.close()


def test_a_policy_that_was_signed_in_the_hour_that_is_gone_still_holds(tmp_path: Path):
    rig = Rig(tmp_path)
    rig.create(SUPERVISOR)
    rig.clock.advance(-3600)
    vault = rig.open(ADMIN)
    assert vault.policy.issued_at - rig.clock.now() == timedelta(hours=1)
    vault.replace_group_keys(draft(vault))
    assert vault.policy.version == 3
    vault.close()
    rig.open(SUPERVISOR).close()


def test_who_was_erased_does_not_come_back_by_the_clock(tmp_path: Path):
    """What waits in the journal was recorded before the erasure, whatever the clock says now."""
    rig = Rig(tmp_path)
    rig.create(SUPERVISOR, AGENT)
    vault = rig.open(AGENT)
    ada = contact("Ada", NUMBER)
    vault.save_contact(ada, draft(vault))
    waiting = rig.seal(vault, NUMBER, at=rig.clock.now() - timedelta(minutes=5))
    vault.close()
    vault = rig.open(SUPERVISOR)
    vault.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    vault.close()
    rig.clock.advance(-3600)
    vault = rig.open(AGENT)
    vault.take_in(waiting, draft(vault))
    assert vault.recordings_count(RecordingFilter()) == 0
    vault.close()


def test_wrong_passwords_are_not_tried_faster_and_nobody_is_locked_out(tmp_path: Path):
    rig = Rig(tmp_path)
    rig.create(AGENT)
    rig.clock.advance(-3600)
    rig.open(AGENT).close()
    rig.clock.advance(7200)
    rig.open(AGENT).close()
