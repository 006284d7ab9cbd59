from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softphone.app.ports import RecordingFilter, Vault
from softphone.domain.audit import Action
from softphone.domain.contact import Contact
from softphone.domain.errors import Damaged, NotFound, Refused
from softphone.domain.ids import ContactId, new_id
from softphone.domain.privacy import ErasureReason, Restriction, RestrictionKind
from softphone.domain.recording import SealedRecording
from softphone.domain.tombstone import sign_tombstone
from softphone.vault.age_format import parse_header
from softphone.vault.crypto import signer
from softphone.vault.headers import open_header
from softphone.vault.subjects import Subjects
from tests.contract.vault_contract import Device
from tests.unit.vault.rig import (
    ADMIN,
    PASSWORD,
    SUPERVISOR,
    NewMember,
    Rig,
    call,
    contact,
    draft,
)

OFFICER = NewMember("Dora Privacy", PASSWORD, "data protection officer", "office")
NUMBER = "+493012345678"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR, OFFICER)
    return made


def recorded(rig: Rig) -> tuple[Contact, SealedRecording]:
    vault = rig.open(SUPERVISOR)
    ada = contact("Ada Lovelace", NUMBER)
    vault.save_contact(ada, draft(vault))
    sealed = rig.seal(vault, NUMBER)
    vault.take_in(sealed, draft(vault))
    vault.close()
    return ada, sealed


def restrict(rig: Rig, vault: Vault, who: ContactId, kind=RestrictionKind.RESTRICTED) -> int:
    made = Restriction(who, kind, rig.clock.now(), vault.user.name, "disputed")
    return vault.restrictions.restrict(made, draft(vault, Action.PERSON_RESTRICTED))


def release(vault: Vault, who: ContactId, kind=RestrictionKind.RESTRICTED) -> int:
    return vault.restrictions.release(who, kind, draft(vault, Action.PERSON_RELEASED))


def hear(vault: Vault, sealed: SealedRecording) -> None:
    vault.open_recording(sealed.manifest.recording, draft(vault)).close()


def test_a_restricted_recording_cannot_be_decrypted_by_its_listeners(rig: Rig):
    ada, sealed = recorded(rig)
    officer = rig.open(OFFICER)
    assert restrict(rig, officer, ada.id) == 1
    officer.close()
    vault = rig.open(SUPERVISOR)
    with pytest.raises(Refused, match="restricted"):
        hear(vault, sealed)
    assert "restricted" in vault.recordings(RecordingFilter(), 9, 0)[0].refused
    # Not only the button: with the database in hand and every key of the listener, no header.
    core = vault._stores.core
    row = core.connection.execute("SELECT header FROM recordings").fetchone()
    core.connection.execute("UPDATE recordings SET restricted_for = ''")
    with pytest.raises(Damaged):
        open_header(core, Subjects(core), sealed.manifest.recording)
    with pytest.raises(Damaged):
        parse_header(bytes(row[0]))
    vault.close()


def test_an_officer_ends_it_and_the_listeners_hear_again(rig: Rig):
    ada, sealed = recorded(rig)
    officer = rig.open(OFFICER)
    restrict(rig, officer, ada.id)
    assert release(officer, ada.id) == 1
    hear(officer, sealed)
    officer.close()
    vault = rig.open(SUPERVISOR)
    hear(vault, sealed)
    vault.close()


def test_who_is_no_officer_cannot_end_it(rig: Rig):
    ada, _ = recorded(rig)
    officer = rig.open(OFFICER)
    restrict(rig, officer, ada.id)
    officer.close()
    vault = rig.open(SUPERVISOR)
    with pytest.raises(Refused, match="your key is not among theirs"):
        release(vault, ada.id)
    assert len(vault.restrictions.of_contact(ada.id)) == 1
    vault.close()


def test_with_two_reasons_it_ends_with_the_last(rig: Rig):
    ada, sealed = recorded(rig)
    officer = rig.open(OFFICER)
    restrict(rig, officer, ada.id)
    assert restrict(rig, officer, ada.id, RestrictionKind.HELD) == 0
    assert release(officer, ada.id) == 0
    with pytest.raises(Refused):
        hear(officer, sealed)
    assert release(officer, ada.id, RestrictionKind.HELD) == 1
    hear(officer, sealed)
    with pytest.raises(NotFound):
        release(officer, ada.id)
    officer.close()


def test_what_is_recorded_later_or_linked_later_is_sealed_too(rig: Rig):
    ada, _ = recorded(rig)
    officer = rig.open(OFFICER)
    restrict(rig, officer, ada.id)
    officer.close()
    vault = rig.open(SUPERVISOR)
    later = rig.seal(vault, NUMBER)
    vault.take_in(later, draft(vault))
    other = rig.seal(vault, "+442079460000")
    vault.take_in(other, draft(vault))
    hear(vault, other)
    vault.save_contact(replace(ada, numbers=(NUMBER, "+442079460000")), draft(vault))
    for sealed in (later, other):
        with pytest.raises(Refused, match="restricted"):
            hear(vault, sealed)
    vault.close()


def test_new_keys_of_the_listeners_leave_it_alone(rig: Rig):
    ada, sealed = recorded(rig)
    officer = rig.open(OFFICER)
    restrict(rig, officer, ada.id)
    officer.close()
    admin = rig.open(ADMIN)
    admin.replace_group_keys(draft(admin, Action.KEYS_REPLACED))
    admin.close()
    vault = rig.open(SUPERVISOR)
    assert vault.rewrap_recordings(draft(vault, Action.KEYS_REPLACED), 9) == 0
    vault.close()
    officer = rig.open(OFFICER)
    assert release(officer, ada.id) == 1
    hear(officer, sealed)
    officer.close()


def test_unknown_people_and_nobody_in_charge(rig: Rig, tmp_path: Path):
    officer = rig.open(OFFICER)
    with pytest.raises(NotFound):
        restrict(rig, officer, ContactId(new_id()))
    officer.close()
    alone = Rig(tmp_path / "alone")
    alone.create(SUPERVISOR)
    vault = alone.open(SUPERVISOR)
    ada = contact()
    vault.save_contact(ada, draft(vault))
    with pytest.raises(Refused, match="Nobody holds the key"):
        restrict(alone, vault, ada.id)
    assert list(vault.restrictions.of_contact(ada.id)) == []
    vault.close()


def test_a_hold_stops_an_erasure_and_remembers_it(rig: Rig):
    ada, _ = recorded(rig)
    officer = rig.open(OFFICER)
    restrict(rig, officer, ada.id, RestrictionKind.HELD)
    assert officer.plan_erasure(ada.id).hold is not None
    with pytest.raises(Refused, match="Dora Privacy put their data under a legal hold"):
        officer.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    officer.restrictions.queue_erasure(ada.id, draft(officer, Action.ERASURE_INTENDED))
    (hold,) = officer.restrictions.all()
    assert hold.erasure_queued
    assert officer.contact(ada.id) == ada
    release(officer, ada.id, RestrictionKind.HELD)
    officer.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    with pytest.raises(NotFound):
        officer.contact(ada.id)
    with pytest.raises(NotFound):
        officer.restrictions.queue_erasure(ada.id, draft(officer, Action.ERASURE_INTENDED))
    officer.close()


@pytest.fixture
def handed_on(rig: Rig) -> tuple[Contact, Contact, SealedRecording]:
    """A call that was handed on from one person to another, in one recording."""
    ada, sealed = recorded(rig)
    vault = rig.open(SUPERVISOR)
    bob = contact("Bob Babbage", "+442079460000")
    vault.save_contact(bob, draft(vault))
    for person, changes in ((ada, {"call": sealed.call}), (bob, {})):
        entry = call(
            vault, person.numbers[0], rig.clock.now(), recording=sealed.manifest.recording,
            **changes,
        )  # fmt: skip
        vault.add_call(entry, draft(vault, Action.CALL_ENDED))
    vault.close()
    return ada, bob, sealed


def test_who_came_in_by_a_transfer_can_have_the_recording_restricted(rig: Rig, handed_on):
    ada, bob, sealed = handed_on
    officer = rig.open(OFFICER)
    assert restrict(rig, officer, bob.id) == 1
    assert restrict(rig, officer, ada.id) == 0, "it is sealed"
    assert release(officer, ada.id) == 0, "it stays so for the other"
    officer.close()
    vault = rig.open(SUPERVISOR)
    with pytest.raises(Refused, match="restricted"):
        hear(vault, sealed)
    vault.close()
    officer = rig.open(OFFICER)
    assert release(officer, bob.id) == 1
    officer.close()
    vault = rig.open(SUPERVISOR)
    hear(vault, sealed)
    vault.close()


@pytest.mark.parametrize("first", ["the call", "the recording"])
def test_who_comes_into_a_recording_when_restricted_is_restricted_in_it(rig: Rig, first: str):
    vault = rig.open(OFFICER)
    ada, bob = contact("Ada Lovelace", NUMBER), contact("Bob Babbage", "+442079460000")
    for person in (ada, bob):
        vault.save_contact(person, draft(vault))
    restrict(rig, vault, bob.id)
    sealed = rig.seal(vault, NUMBER)
    recording = sealed.manifest.recording
    deeds = {
        "the call": lambda: vault.add_call(
            call(vault, bob.numbers[0], rig.clock.now(), recording=recording), draft(vault)
        ),
        "the recording": lambda: vault.take_in(sealed, draft(vault)),
    }
    for _, deed in sorted(deeds.items(), key=lambda one: one[0] != first):
        deed()
    assert "restricted" in vault.recording(recording).refused
    vault.close()


def test_a_hold_on_who_is_heard_too_keeps_the_recording(rig: Rig, handed_on):
    ada, bob, sealed = handed_on
    officer = rig.open(OFFICER)
    restrict(rig, officer, bob.id, RestrictionKind.HELD)
    assert officer.plan_erasure(ada.id).hold is not None
    with pytest.raises(Refused, match="of somebody who is heard in one of the recordings"):
        officer.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    assert officer.contact(ada.id) == ada
    with pytest.raises(Refused, match="of somebody who is heard"):
        officer.delete_recording(sealed.manifest.recording, draft(officer))
    assert officer.recording(sealed.manifest.recording).heard == (ada.id, bob.id)
    release(officer, bob.id, RestrictionKind.HELD)
    officer.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    with pytest.raises(NotFound):
        officer.recording(sealed.manifest.recording)
    officer.close()


def test_a_restricted_person_can_be_erased(rig: Rig):
    ada, _ = recorded(rig)
    officer = rig.open(OFFICER)
    restrict(rig, officer, ada.id)
    receipt = officer.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    assert receipt.remains_found == 0
    assert list(officer.restrictions.all()) == []
    officer.close()


def test_another_workstations_erasure_waits_for_the_end_of_a_hold(rig: Rig):
    ada, sealed = recorded(rig)
    other = Device()
    rig.endorse(str(other.key))
    officer = rig.open(OFFICER)
    restrict(rig, officer, ada.id, RestrictionKind.HELD)
    whole = replace(
        other.erase(rig.clock, sealed.manifest.recording),
        recordings=(),
        subjects=(Subjects(officer._stores.core).pseudonym(NUMBER),),
        signature="",
    )
    officer.apply_tombstone(sign_tombstone(whole, signer(other.seed)), 5)
    assert officer.contact(ada.id) == ada
    assert officer.tombstone_cursor() == 5
    assert officer.tombstones_done() == 4
    release(officer, ada.id, RestrictionKind.HELD)
    officer.close()
    officer = rig.open(OFFICER)
    with pytest.raises(NotFound):
        officer.contact(ada.id)
    assert officer.tombstones_done() == 5
    officer.close()


def test_a_correction_keeps_what_it_replaced(rig: Rig):
    ada, _ = recorded(rig)
    officer = rig.open(OFFICER)
    right = replace(ada, name="Ada King", company="Engines")
    made = officer.restrictions.rectify(
        right, "married", draft(officer, Action.CONTACT_RECTIFIED, object_id=ada.id)
    )
    assert (made.before, made.after) == (
        {"name": "Ada Lovelace", "company": ""},
        {"name": "Ada King", "company": "Engines"},
    )
    assert list(officer.restrictions.rectifications(ada.id)) == [made]
    assert officer.contact(ada.id).name == "Ada King"
    officer.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    assert officer.search_remains(["Ada Lovelace", "Ada King"]) == 0
    officer.close()
