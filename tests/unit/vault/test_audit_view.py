from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from softphone.domain.audit import Action, AuditDraft, AuditFilter, DataCategory
from softphone.vault.audit_view import words
from tests.unit.vault.rig import ADMIN, SUPERVISOR, Rig, call, contact, draft


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR)
    return made


def test_rows_say_who_what_and_about_whom(rig: Rig, vault):
    ada = contact("Ada Lovelace")
    vault.save_contact(ada, draft(vault, object_id=ada.id))
    entry = call(vault, ada.numbers[0], rig.clock.now())
    vault.add_call(entry, draft(vault, Action.CALL_ENDED, DataCategory.CALL, entry.call))
    sealed = rig.seal(vault, ada.numbers[0])
    recording = sealed.manifest.recording
    vault.take_in(sealed, draft(vault, Action.RECORDING_SEALED, DataCategory.RECORDING, recording))
    newest = vault.audit_rows(AuditFilter(), 3, 0)
    assert [row.object_label for row in newest] == ["Ada Lovelace"] * 3
    assert [row.what for row in newest] == [
        "Sealed a recording",
        "Ended a call",
        "Changed a contact",
    ]
    assert {row.who for row in newest} == {SUPERVISOR.name}
    assert len(newest[0].leaf_hash) == 64
    assert not newest[0].witnessed


def test_text_finds_people_actions_details_and_objects(vault):
    entry = vault.append_audit(draft(vault, Action.AUDIT_READ, why="50% off_er"))
    for text in ("50%", "off_er", "read the audit"):
        rows = vault.audit_rows(AuditFilter(text=text), 9, 0)
        assert [row.entry for row in rows] == [entry], text
    assert vault.audit_count(AuditFilter(text="50_")) == 0
    mine = vault.audit_count(AuditFilter(text="sam ea"))
    assert 0 < mine < vault.audit_count(AuditFilter())
    assert vault.audit_count(AuditFilter(text=ADMIN.name)) > 0


def test_times_limit_the_rows(rig: Rig, vault):
    rig.clock.advance(3600)
    later = rig.clock.now()
    vault.append_audit(draft(vault))
    assert vault.audit_count(AuditFilter(since=later)) == 1
    assert vault.audit_count(AuditFilter(until=later)) > 1
    assert vault.audit_count(AuditFilter(since=later + timedelta(seconds=1))) == 0


def test_who_has_left_is_no_name_any_more(vault):
    vault.append_audit(AuditDraft(Action.SIGNED_OUT, DataCategory.SIGN_IN, actor="someone gone"))
    (row,) = vault.audit_rows(AuditFilter(action=Action.SIGNED_OUT), 9, 0)
    assert row.who.startswith("A former colleague")
    assert "someone gone" not in repr(row)


def test_unknown_actions_of_newer_programs_are_shown_as_they_are():
    assert words("contact.saved") == "Changed a contact"
    assert words("something.new") == "something.new"
