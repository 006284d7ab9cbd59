from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softphone.app.ports import Vault
from tests.unit.vault.rig import SUPERVISOR, Rig, call, contact, draft

NUMBER = "+493012345678"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR)
    return made


def test_one_person_has_one_spelling(rig: Rig, vault: Vault):
    for spelling in ("+49 30 12345678", "+4930-12345678", NUMBER):
        vault.add_call(call(vault, spelling, rig.clock.now()), draft(vault))
    ada = contact("Ada Lovelace", "+49 (30) 12345678")
    vault.save_contact(ada, draft(vault))
    assert {entry.contact for entry in vault.history("", 9, 0)} == {ada.id}
    found = vault.find_contact("+49 30 1234 5678")
    assert found is not None
    assert found.numbers == (NUMBER,)


def test_a_removed_number_unlinks_its_calls(rig: Rig, vault: Vault):
    ada = contact("Ada Lovelace", NUMBER, "+442079460000")
    vault.save_contact(ada, draft(vault))
    vault.add_call(call(vault, NUMBER, rig.clock.now(), contact_name="shown"), draft(vault))
    vault.save_contact(replace(ada, numbers=("+442079460000",)), draft(vault))
    (entry,) = vault.history("", 9, 0)
    assert (entry.contact, entry.contact_name) == (None, "shown")
    assert vault.history_count("lovelace") == 0
    assert vault.history_count("shown") == 1


def test_the_newest_contact_of_a_number_is_found(vault: Vault):
    vault.save_contact(contact("Old Owner", NUMBER), draft(vault))
    newer = contact("New Owner", NUMBER)
    vault.save_contact(newer, draft(vault))
    assert vault.find_contact(NUMBER) == newer
