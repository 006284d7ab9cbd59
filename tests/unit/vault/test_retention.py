from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.app.ports import RecordingFilter, Vault
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.contact import Note
from softphone.domain.ids import NoteId, new_id
from softphone.domain.privacy import Restriction, RestrictionKind
from softphone.domain.request import RequestKind, closed, received
from softphone.domain.retention import DataClass, RetentionRule, RetentionRun
from tests.unit.vault.rig import ADMIN, PASSWORD, SUPERVISOR, NewMember, Rig, call, contact, draft

OFFICER = NewMember("Dora Privacy", PASSWORD, "data protection officer", "office")
OLD = timedelta(days=400)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR, OFFICER)
    return made


def old_person(rig: Rig, vault: Vault, name: str, number: str):
    """Return a contact of long ago, with a call, a recording and a note."""
    at = rig.clock.now() - OLD
    person = replace(contact(name, number), created_at=at)
    vault.save_contact(person, draft(vault))
    entry = call(vault, number, at)
    vault.add_call(entry, draft(vault, Action.CALL_ENDED))
    vault.take_in(rig.seal(vault, number, at=at), draft(vault))
    note = Note(NoteId(new_id()), vault.user.id, "Sam", at, f"about {name}", contact=person.id)
    vault.save_note(note, draft(vault))
    return person


def rule(data: DataClass, days: int = 30) -> tuple[RetentionRule, ...]:
    return (RetentionRule(data, days),)


def before(rig: Rig, days: int = 30):
    return rig.clock.now() - timedelta(days=days)


def test_rules_are_part_of_the_signed_policy(rig: Rig):
    vault = rig.open(ADMIN)
    rules = (RetentionRule(DataClass.RECORDINGS, 90, "quality"),)
    vault.set_retention(rules, draft(vault, Action.RETENTION_CHANGED))
    vault.close()
    vault = rig.open(SUPERVISOR)
    assert vault.policy.retention == rules
    vault.close()


@pytest.mark.parametrize("data", list(DataClass))
def test_nothing_young_goes(rig: Rig, data: DataClass):
    vault = rig.open(SUPERVISOR)
    old_person(rig, vault, "Ada Lovelace", "+493012345678")
    (seen,) = vault.retention.preview(rule(data, 500), rig.clock.now())
    assert (seen.due, seen.held, seen.oldest) == (0, 0, None)
    assert vault.retention.delete_before(data, before(rig, 500), 99) == 0
    vault.close()


def test_recordings_go_with_their_keys_and_the_others_are_told(rig: Rig):
    vault = rig.open(SUPERVISOR)
    old_person(rig, vault, "Ada Lovelace", "+493012345678")
    vault.take_in(rig.seal(vault, "+493012345678"), draft(vault))
    (seen,) = vault.retention.preview(rule(DataClass.RECORDINGS), rig.clock.now())
    assert seen.due == 1
    assert seen.oldest == rig.clock.now() - OLD
    assert vault.retention.delete_before(DataClass.RECORDINGS, before(rig), 99) == 1
    assert vault.recordings_count(RecordingFilter()) == 1
    assert len(list(rig.profile.recordings.rglob("*.pay"))) == 1
    (tombstone,) = vault.unsent_tombstones()
    assert len(tombstone.recordings) == 1
    assert vault.history_count("") == 1
    vault.close()


def test_a_call_stays_while_its_recording_does(rig: Rig):
    vault = rig.open(SUPERVISOR)
    at = rig.clock.now() - OLD
    kept, gone = (call(vault, "+493012345678", at) for _ in range(2))
    for entry in (kept, gone):
        vault.add_call(entry, draft(vault, Action.CALL_ENDED))
    vault.take_in(rig.seal(vault, "+493012345678", at=at, call_id=kept.call), draft(vault))
    assert vault.retention.delete_before(DataClass.CALLS, before(rig), 99) == 1
    assert [e.call for e in vault.history("", 9, 0)] == [kept.call]
    vault.close()


def test_contacts_without_activity_go_with_all_that_is_theirs(rig: Rig):
    vault = rig.open(SUPERVISOR)
    ada = old_person(rig, vault, "Ada Lovelace", "+493012345678")
    bob = old_person(rig, vault, "Bob Babbage", "+442079460000")
    vault.add_call(call(vault, "+442079460000", rig.clock.now()), draft(vault, Action.CALL_ENDED))
    assert vault.retention.delete_before(DataClass.CONTACTS, before(rig), 99) == 1
    assert [c.id for c in vault.contacts("", 9, 0)] == [bob.id]
    assert ada.id not in {e.contact for e in vault.history("", 9, 0)}
    assert vault.search_remains(["Ada Lovelace", "about Ada"]) == 0
    vault.close()


def test_what_belongs_to_held_people_stays(rig: Rig):
    vault = rig.open(OFFICER)
    ada = old_person(rig, vault, "Ada Lovelace", "+493012345678")
    hold = Restriction(ada.id, RestrictionKind.HELD, rig.clock.now(), "Dora", "lawsuit 7")
    vault.restrictions.restrict(hold, draft(vault, Action.PERSON_RESTRICTED))
    for data in (
        DataClass.RECORDINGS,
        DataClass.CALLS,
        DataClass.NOTES,
        DataClass.CONTACTS,
    ):
        (seen,) = vault.retention.preview(rule(data), rig.clock.now())
        assert seen.due == 0, data
        assert vault.retention.delete_before(data, before(rig), 99) == 0
    assert vault.recordings_count(RecordingFilter()) == 1
    vault.close()


def test_a_hold_keeps_the_recordings_of_others_in_which_the_person_is_heard(rig: Rig):
    vault = rig.open(OFFICER)
    at = rig.clock.now() - OLD
    for name, number in (("Ada Lovelace", "+493012345678"), ("Bob Babbage", "+442079460000")):
        vault.save_contact(replace(contact(name, number), created_at=at), draft(vault))
    ada, bob = vault.contacts("", 9, 0)
    sealed = rig.seal(vault, ada.numbers[0], at=at)
    vault.take_in(sealed, draft(vault))
    joined = call(vault, bob.numbers[0], at, recording=sealed.manifest.recording)
    vault.add_call(joined, draft(vault, Action.CALL_ENDED))
    hold = Restriction(bob.id, RestrictionKind.HELD, rig.clock.now(), "Dora", "lawsuit 7")
    vault.restrictions.restrict(hold, draft(vault, Action.PERSON_RESTRICTED))
    for data in (DataClass.RECORDINGS, DataClass.CALLS, DataClass.CONTACTS):
        (seen,) = vault.retention.preview(rule(data), rig.clock.now())
        assert seen.due == 0, data
        assert vault.retention.delete_before(data, before(rig), 99) == 0
    vault.restrictions.release(bob.id, RestrictionKind.HELD, draft(vault, Action.PERSON_RELEASED))
    assert vault.retention.delete_before(DataClass.RECORDINGS, before(rig), 99) == 1
    assert vault.retention.delete_before(DataClass.CALLS, before(rig), 99) == 1
    vault.close()


def test_notes_and_closed_requests_go_by_age(rig: Rig):
    vault = rig.open(OFFICER)
    old_person(rig, vault, "Ada Lovelace", "+493012345678")
    at = rig.clock.now() - OLD
    opened = received("r1", RequestKind.ACCESS, "Ada", "letter", at, "Dora")
    vault.requests.save(opened, draft(vault, Action.REQUEST_SAVED))
    vault.requests.save(
        closed(received("r2", RequestKind.ACCESS, "Bob", "letter", at, "Dora"), "sent", at, "Dora"),
        draft(vault, Action.REQUEST_SAVED),
    )
    assert vault.retention.delete_before(DataClass.NOTES, before(rig), 99) == 1
    assert vault.retention.delete_before(DataClass.REQUESTS, before(rig), 99) == 1
    assert vault.requests.get("r1") == opened
    vault.close()


def test_audit_detail_goes_and_the_proof_stays(rig: Rig):
    vault = rig.open(SUPERVISOR)
    kept = rig.seal(vault, "+493012345678")
    vault.take_in(kept, draft(vault, Action.RECORDING_SEALED, object_id=kept.manifest.recording))
    vault.save_contact(contact(), draft(vault, why="typed reason"))
    rig.clock.advance(40 * 86400)
    assert vault.retention.delete_before(DataClass.AUDIT_DETAIL, before(rig), 999) > 0
    rows = vault.audit_rows(AuditFilter(action=Action.CONTACT_SAVED), 9, 0)
    assert [row.detail for row in rows] == [{}]
    assert vault.verify_audit().holds
    # What says that the payload is the sealed one is still there.
    reader = vault.open_recording(kept.manifest.recording, draft(vault))
    assert reader.problem == ""
    reader.close()
    vault.close()


def test_reports_are_kept(rig: Rig):
    vault = rig.open(SUPERVISOR)
    run = RetentionRun(rig.clock.now(), "Dora", ((DataClass.CALLS, 3),))
    vault.retention.finish_run(run, draft(vault, Action.RETENTION_RUN))
    assert list(vault.retention.runs(9)) == [run]
    vault.close()
