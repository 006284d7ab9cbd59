from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.contact import Note
from softphone.domain.ids import new_id
from tests.unit.vault.rig import SUPERVISOR, Rig, call, contact, draft


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR)
    return made


def note(rig: Rig, vault, text: str, **about: object) -> Note:
    rig.clock.advance(1)
    made = Note(new_id(), vault.user.id, vault.user.name, rig.clock.now(), text, **about)
    vault.save_note(made, draft(vault))
    return made


def test_a_contacts_notes_are_those_about_it_and_about_its_calls(rig: Rig, vault):
    ada = contact()
    vault.save_contact(ada, draft(vault))
    entry = call(vault, ada.numbers[0], rig.clock.now())
    vault.add_call(entry, draft(vault))
    mine = [
        note(rig, vault, "about her", contact=ada.id),
        note(rig, vault, "about the call", call=entry.call),
    ]
    note(rig, vault, "about nobody", recording="r")
    assert vault.notes(contact=ada.id) == mine
    assert [entry.note for entry in vault.history("", 9, 0)] == ["about the call"]


def test_a_moment_of_a_recording_is_kept(rig: Rig, vault):
    made = note(rig, vault, "rude", recording="r1", at_ms=1500)
    assert vault.notes(recording="r1") == [made]
    assert vault.notes(recording="r2") == []
    assert vault.notes() == []
