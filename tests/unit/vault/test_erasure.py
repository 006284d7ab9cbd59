from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softphone.app.ports import RecordingFilter, Vault
from softphone.domain.audit import Action, AuditFilter, Result
from softphone.domain.contact import Contact, Note
from softphone.domain.errors import Damaged, NotFound, StorageFailed
from softphone.domain.ids import ErasureId, NoteId, new_id
from softphone.domain.note import parse_checkpoint, parse_note, verify
from softphone.domain.privacy import STEP_ORDER, ErasureReason, ErasureStep, Tombstone
from softphone.domain.recording import SealedRecording
from softphone.domain.tombstone import sign_tombstone, tombstone_verifies
from softphone.vault.crypto import signer, verifies
from softphone.vault.remains import decrypted_frames, decrypted_pages
from tests.unit.vault.rig import AGENT, AUDIO, SUPERVISOR, Rig, call, contact, draft

NAME = "Zebedee Quixotrepol"
NUMBER = "+4930555123456"
TEXT = "Wants the zyzzyva brochure sent to the summer house"
EMAIL = "zebedee@quixotrepol.example"
NEEDLES = (NAME, NUMBER, TEXT, EMAIL, "Quixotrepol", "quixotrepol", "zyzzyva", NUMBER[1:])


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR, AGENT)
    return made


def plant(rig: Rig, vault: Vault) -> tuple[Contact, SealedRecording]:
    """Put a person everywhere a person can be."""
    person = replace(contact(NAME, NUMBER), email=EMAIL)
    vault.save_contact(person, draft(vault, Action.CONTACT_SAVED, object_id=person.id, name=NAME))
    entry = call(vault, NUMBER, rig.clock.now(), contact_name=NAME, note=TEXT)
    vault.add_call(entry, draft(vault, Action.CALL_ENDED, object_id=entry.call))
    sealed = rig.seal(vault, NUMBER, call_id=entry.call)
    vault.take_in(sealed, draft(vault, Action.RECORDING_SEALED))
    member = vault.user
    vault.save_note(
        Note(NoteId(new_id()), member.id, member.name, rig.clock.now(), TEXT + "!", person.id),
        draft(vault, Action.NOTE_SAVED, text=TEXT),
    )
    # An entry about another object that tells the name in its detail.
    vault.append_audit(draft(vault, Action.CONTACT_READ, object_id=new_id(), who=f"about {NAME}"))
    for number in range(30):
        other = f"+44207946{number:04}"
        vault.add_call(call(vault, other, rig.clock.now()), draft(vault, Action.CALL_ENDED))
    return person, sealed


def test_nothing_of_the_person_is_left_anywhere(rig: Rig, vault: Vault):
    person, sealed = plant(rig, vault)
    assert vault.search_remains(NEEDLES) > 10
    details = vault.plan_erasure(person.id).audit_details
    receipt = vault.erase_contact(person.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    assert vault.search_remains(NEEDLES) == 0
    assert receipt.remains_found == 0
    assert details >= 3
    assert dict(receipt.counts) == {
        "calls": 1, "notes": 2, "recordings": 1, "audit_details": details,
    }  # fmt: skip
    assert not list(rig.profile.recordings.rglob("*.pay"))
    assert vault.history_count("") == 30
    assert vault.verify_audit().holds
    vault.close()
    opened = rig.open(SUPERVISOR)
    assert opened.search_remains(NEEDLES) == 0
    # The engine still has the recording in its journal: it does not come back.
    opened.take_in(sealed, draft(opened))
    assert opened.recordings_count(RecordingFilter()) == 0
    opened.close()


def test_the_search_would_find_them_without_secure_delete(tmp_path: Path):
    """The negative control: the same erasure with secure_delete off leaves remains."""
    rig = Rig(tmp_path, secure_delete=False)
    rig.create(SUPERVISOR, AGENT)
    vault = rig.open(SUPERVISOR)
    person, _ = plant(rig, vault)
    receipt = vault.erase_contact(person.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    assert receipt.remains_found > 0
    assert vault.search_remains(NEEDLES) > 0
    (row,) = vault.audit_rows(AuditFilter(action=Action.ERASURE_DONE), 9, 0)
    assert row.entry.result == Result.FAILED
    vault.close()


def test_keys_of_the_person_are_found_before_and_gone_after(rig: Rig, vault: Vault):
    person, sealed = plant(rig, vault)
    core = vault._stores.core
    recording = sealed.manifest.recording
    keys = [
        bytes(core.connection.execute(sql, (value,)).fetchone()[0])
        for sql, value in (
            ("SELECT recording_key FROM recording_keys WHERE recording_id = ?", recording),
            ("SELECT subject_key FROM subjects WHERE number = ?", NUMBER),
        )
    ]
    vault.sign_checkpoint()
    database = rig.profile.vault / "vault.db"

    def found(key: bytes) -> int:
        pages = decrypted_pages(database, core.vault_key)
        frames = decrypted_frames(database, core.vault_key)
        return b"".join((*pages, *frames)).count(key)

    assert all(found(key) for key in keys)
    vault.erase_contact(person.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    assert not any(found(key) for key in keys)


class Crash(BaseException):
    """The process dies."""


@pytest.mark.parametrize("step", STEP_ORDER[:-1])
def test_a_crash_after_any_step_is_resumed_at_the_next_sign_in(rig: Rig, step: ErasureStep):
    vault = rig.open(SUPERVISOR)
    person, _ = plant(rig, vault)

    def crash(reached: ErasureStep) -> None:
        if reached is step:
            raise Crash

    with pytest.raises(Crash):
        vault.erase_contact(person.id, ErasureReason.SUBJECT_REQUEST, crash)
    vault._stores.core.connection.close()
    opened = rig.open(SUPERVISOR)
    assert opened.search_remains(NEEDLES) == 0
    (row,) = opened.audit_rows(AuditFilter(action=Action.ERASURE_DONE), 9, 0)
    assert row.entry.result == Result.DONE
    assert len(opened.unsent_tombstones()) == 1
    assert opened.resume_erasures() == 0
    assert opened.verify_audit().holds
    opened.close()


def test_while_it_is_under_way_the_person_is_hidden(rig: Rig):
    vault = rig.open(SUPERVISOR)
    person, sealed = plant(rig, vault)

    def look(step: ErasureStep) -> None:
        if step is ErasureStep.RESTRICTED:
            assert vault.find_contact(NUMBER) is None
            assert list(vault.contacts("", 9, 0)) == []
            assert vault.history_count("") == 30
            with pytest.raises(NotFound):
                vault.recording(sealed.manifest.recording)

    vault.erase_contact(person.id, ErasureReason.SUBJECT_REQUEST, look)
    vault.close()


def test_a_reader_that_holds_the_log_open_stops_the_erasure_until_it_is_gone(rig: Rig):
    vault = rig.open(SUPERVISOR)
    person, _ = plant(rig, vault)
    other = rig.open(SUPERVISOR)
    core = other._stores.core
    vault._stores.core.connection.execute("PRAGMA busy_timeout=50")
    core.connection.execute("BEGIN")
    core.connection.execute("SELECT count(*) FROM calls").fetchone()
    with pytest.raises(StorageFailed, match="not finished"):
        vault.erase_contact(person.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    assert vault.resume_erasures() == 0
    core.connection.execute("COMMIT")
    other.close()
    assert vault.resume_erasures() == 1
    assert vault.search_remains(NEEDLES) == 0
    vault.close()


def test_a_number_that_others_share_keeps_its_recordings(rig: Rig, vault: Vault):
    """Two people behind one switchboard: erasing one must not destroy the other's."""
    ada, bob = contact("Ada Lovelace", NUMBER, "+493011111111"), contact("Bob Builder", NUMBER)
    vault.save_contact(ada, draft(vault))
    vault.save_contact(bob, draft(vault))
    shared, own = rig.seal(vault, NUMBER), rig.seal(vault, "+493011111111")
    for sealed in (shared, own):
        vault.take_in(sealed, draft(vault))
    vault.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    (left,) = vault.recordings(RecordingFilter(), 9, 0)
    assert left.id == shared.manifest.recording
    reader = vault.open_recording(left.id, draft(vault))
    assert reader.read_at(0, 100) == AUDIO[:100]
    reader.close()
    (tombstone,) = vault.unsent_tombstones()
    assert len(tombstone.subjects) == 1


def test_a_name_that_another_person_has_too_is_no_remain(rig: Rig, vault: Vault):
    first, second = contact("John Smithson", NUMBER), contact("John Smithson", "+442079460001")
    vault.save_contact(first, draft(vault))
    vault.save_contact(second, draft(vault))
    receipt = vault.erase_contact(first.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    assert receipt.remains_found == 0
    assert vault.contact(second.id) == second


def test_the_receipt_and_the_tombstone_prove_themselves(rig: Rig, vault: Vault):
    person, sealed = plant(rig, vault)
    receipt = vault.erase_contact(person.id, ErasureReason.CONSENT_WITHDRAWN, lambda _step: None)
    device = vault._stores.core.device
    note = parse_note(receipt.checkpoint)
    verify(note, device.log_vkey, verifies)
    assert parse_checkpoint(note.text).size > receipt.entry_index
    (tombstone,) = vault.unsent_tombstones()
    assert tombstone_verifies(tombstone, device.log_vkey.public_key, verifies)
    assert tombstone.recordings == (sealed.manifest.recording,)
    assert NAME not in repr((receipt, tombstone))
    assert NUMBER not in repr((receipt, tombstone))


def test_the_key_goes_before_the_payload(rig: Rig, vault: Vault):
    _, sealed = plant(rig, vault)
    recording = sealed.manifest.recording
    connection = vault._stores.core.connection
    connection.execute("DELETE FROM recording_keys WHERE recording_id = ?", (recording,))
    with pytest.raises(Damaged, match="destroyed"):
        vault.open_recording(recording, draft(vault))


# tombstones from other devices


def fleet(tmp_path: Path) -> tuple[Rig, Rig]:
    rigs = (
        Rig(tmp_path / "one", fleet_key=b"f" * 32),
        Rig(tmp_path / "two", fleet_key=b"f" * 32),
    )
    for rig in rigs:
        rig.create(SUPERVISOR)
    for rig, other in (rigs, rigs[::-1]):
        rig.endorse(other.device()[1])
    return rigs


def test_an_erasure_on_one_device_is_carried_out_on_the_other(tmp_path: Path):
    one, two = fleet(tmp_path)
    here, there = one.open(SUPERVISOR), two.open(SUPERVISOR)
    person, _ = plant(one, here)
    plant(two, there)
    late = two.seal(there, NUMBER)
    here.erase_contact(person.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    (tombstone,) = here.unsent_tombstones()
    assert there.apply_tombstone(tombstone, 7)
    assert there.search_remains(NEEDLES) == 0
    assert there.tombstone_cursor() == 7
    assert not there.apply_tombstone(tombstone, 7)
    assert not there.unsent_tombstones()
    (row,) = there.audit_rows(AuditFilter(action=Action.TOMBSTONE_APPLIED), 9, 0)
    assert row.who == "This workstation"
    # Remove wins over what was recorded before and arrives after.
    there.take_in(late, draft(there))
    there.add_call(call(there, NUMBER, two.clock.now()), draft(there))
    assert there.recordings_count(RecordingFilter()) == 0
    assert there.history_count("") == 30
    # A new call of the same person is new data.
    two.clock.advance(60)
    there.add_call(call(there, NUMBER, two.clock.now()), draft(there))
    assert there.history_count("") == 31
    assert not here.apply_tombstone(tombstone, 8)
    assert here.tombstone_cursor() == 8
    here.close()
    there.close()


def test_a_tombstone_for_what_is_not_here_yet_wins_later(rig: Rig, vault: Vault):
    sealed = rig.seal(vault, NUMBER)
    tombstone = Tombstone(
        ErasureId(new_id()), vault.device, ErasureReason.RECORDING_DELETED, rig.clock.now(),
        (sealed.manifest.recording,),
    )  # fmt: skip
    tombstone = sign_tombstone(tombstone, signer(vault._stores.core.device.log_key))
    assert not vault.apply_tombstone(tombstone, 3)
    vault.take_in(sealed, draft(vault))
    assert vault.recordings_count(RecordingFilter()) == 0
    assert not list(rig.profile.recordings.rglob("*.pay"))
    assert vault.tombstone_cursor() == 3


def test_the_cursor_never_goes_back(rig: Rig, vault: Vault):
    for position in (9, 4):
        tombstone = Tombstone(
            ErasureId(new_id()), new_id(), ErasureReason.SUBJECT_REQUEST, rig.clock.now()
        )
        vault.apply_tombstone(tombstone, position)
    assert vault.tombstone_cursor() == 9


def test_unknown_things_cannot_be_erased(vault: Vault):
    with pytest.raises(NotFound):
        vault.plan_erasure(new_id())
    with pytest.raises(NotFound):
        vault.erase_contact(new_id(), ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    with pytest.raises(NotFound):
        vault.delete_recording(new_id(), draft(vault))


def test_a_recording_that_waits_in_the_journal_is_a_remain_until_it_is_dropped(rig: Rig, vault):
    """An erasure tells the truth: the engine still holds the number; then it is gone too."""
    person = contact(NAME, NUMBER)
    vault.save_contact(person, draft(vault))
    sealed = rig.seal(vault, NUMBER, keep=True)
    receipt = vault.erase_contact(person.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    assert receipt.remains_found > 0
    vault.take_in(sealed, draft(vault))
    rig.forget(vault, sealed)
    assert vault.recordings_count(RecordingFilter()) == 0
    assert vault.search_remains(NEEDLES) == 0
