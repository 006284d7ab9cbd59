from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.app.ports import Vault
from softphone.domain.contact import Note
from softphone.domain.ids import NoteId, new_id
from softphone.domain.privacy import ErasureReason
from tests.unit.vault.rig import SUPERVISOR, Rig, contact, draft


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR)
    return made


@pytest.fixture
def vault(rig: Rig) -> Iterator[Vault]:
    opened = rig.open(SUPERVISOR)
    yield opened
    opened.close()


def write(rig: Rig, vault: Vault, text: str, person=None) -> Note:
    note = Note(
        NoteId(new_id()), vault.user.id, vault.user.name, rig.clock.now(), text, contact=person
    )
    vault.save_note(note, draft(vault))
    return note


def test_notes_of_others_that_mention_the_person_are_suggested(rig: Rig, vault: Vault):
    ada = contact("Ada Lovelace", "+493012345678")
    bob = contact("Bob Babbage", "+442079460000")
    for person in (ada, bob):
        vault.save_contact(person, draft(vault))
    own = write(rig, vault, "Ada Lovelace likes tea", ada.id)
    named = write(rig, vault, "married to LOVELACE of the engine", bob.id)
    rung = write(rig, vault, "ring 030 / 1234-5678 instead", bob.id)
    write(rig, vault, "Lovelaced shoes, 555", bob.id)
    found = {m.note: m.found for m in vault.plan_erasure(ada.id).mentions}
    assert found == {named.id: "Lovelace", rung.id: "+49 30 12345678"}
    assert own.id not in found


def test_only_what_a_human_chose_goes_besides(rig: Rig, vault: Vault):
    ada = contact("Ada Lovelace", "+493012345678")
    bob = contact("Bob Babbage", "+442079460000")
    for person in (ada, bob):
        vault.save_contact(person, draft(vault))
    kept = write(rig, vault, "a cousin is called Lovelace as well", bob.id)
    gone = write(rig, vault, "ask Ada Lovelace about the engine", bob.id)
    receipt = vault.erase_contact(
        ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None, (gone.id,)
    )
    assert receipt.remains_found == 0
    assert [n.id for n in vault.notes(contact=bob.id)] == [kept.id]


def test_it_says_what_stays_and_why(vault: Vault):
    ada = contact("Ada Lovelace", "+493012345678")
    eve = contact("Eve Lovelace", "+493012345678")
    for person in (ada, eve):
        vault.save_contact(person, draft(vault))
    stays = {kept.what: kept for kept in vault.plan_erasure(ada.id).stays}
    assert stays["Numbers that somebody else has as well"].count == 1
    assert "Art. 17(3)" in stays["Audit entries, without names and numbers"].why


def test_a_sip_address_is_found_in_notes(rig: Rig, vault: Vault):
    ada = contact("Al", "sip:ada@example.com")
    vault.save_contact(ada, draft(vault))
    note = write(rig, vault, "write to SIP:ADA@EXAMPLE.COM", None)
    assert [m.note for m in vault.plan_erasure(ada.id).mentions] == [note.id]
