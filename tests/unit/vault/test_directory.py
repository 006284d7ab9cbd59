from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softphone.app.ports import NewMember, Vault
from softphone.domain.audit import Action
from softphone.domain.consent import ConsentSource, DoNotCallList
from softphone.domain.contact_import import ImportRun, RunState
from softphone.domain.duplicates import merged
from softphone.domain.errors import NotFound, Refused
from softphone.domain.ids import new_id
from softphone.domain.privacy import ErasureReason, Restriction, RestrictionKind
from tests.contract.contact_contract import ContactContract, a_consent, did, saved
from tests.contract.vault_contract import NUMBER, OTHER, a_call, a_contact, a_note
from tests.fakes.clock import FakeClock
from tests.unit.vault.rig import PASSWORD, SUPERVISOR, Rig

OFFICER = NewMember("Dora Privacy", PASSWORD, "data protection officer", "office")


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR)
    return made


@pytest.fixture
def clock(rig: Rig) -> FakeClock:
    return rig.clock


class TestFileVault(ContactContract):
    pass


def begun(vault: Vault, clock: FakeClock) -> ImportRun:
    run = ImportRun(new_id(), clock.now(), vault.user.name, "csv", RunState.RUNNING)
    vault.directory.begin_import(run, did(Action.IMPORT_BEGUN))
    return run


def test_a_run_that_a_crash_cut_off_is_undone_at_the_next_sign_in(rig: Rig, clock: FakeClock):
    vault = rig.open(SUPERVISOR)
    run = begun(vault, clock)
    vault.directory.put_batch(run.id, [a_contact()], [], [])
    vault.close()
    again = rig.open(SUPERVISOR)
    assert again.directory.count() == 0
    assert again.directory.import_runs(9)[0].state is RunState.UNDONE
    assert again.verify_audit().holds
    again.close()


def test_undoing_leaves_what_somebody_worked_with(vault: Vault, clock: FakeClock):
    run = begun(vault, clock)
    people = [a_contact(f"Person {n}", f"+49301234560{n}") for n in range(4)]
    vault.directory.put_batch(run.id, people, [], [])
    vault.directory.finish_import(run.id, did(Action.CONTACTS_IMPORTED))
    clock.advance(60)
    saved(vault, replace(people[0], company="Changed"))
    vault.save_note(a_note(vault, clock, "called", contact=people[1].id), did(Action.NOTE_SAVED))
    vault.consents.record((a_consent(vault, clock, people[2].id),), did(Action.CONSENT_GIVEN))
    undone = vault.directory.undo_import(run.id, did(Action.IMPORT_UNDONE))
    assert (undone.removed, len(undone.kept)) == (1, 3)
    assert {c.name for c, _ in vault.directory.every()} == {"Person 0", "Person 1", "Person 2"}


def test_undoing_takes_consents_of_the_file_back(vault: Vault, clock: FakeClock):
    ada = saved(vault, a_contact())
    run = begun(vault, clock)
    consent = a_consent(vault, clock, ada.id, source=ConsentSource.IMPORT)
    vault.directory.put_batch(run.id, [], [ada], [], [consent])
    vault.directory.undo_import(run.id, did(Action.IMPORT_UNDONE))
    assert list(vault.consents.history(ada.id)) == []


def test_nothing_of_an_erased_person_is_left_in_merges_imports_and_consents(
    vault: Vault, clock: FakeClock
):
    run = begun(vault, clock)
    twin = replace(
        a_contact("Adeline Lovelace", OTHER), email="adeline@secret.example", tags=("hers",)
    )
    vault.directory.put_batch(run.id, [twin], [], [])
    vault.directory.finish_import(run.id, did(Action.CONTACTS_IMPORTED))
    ada = saved(vault, replace(a_contact("Ada Lovelace"), other_emails=()))
    vault.add_call(a_call(vault, clock, OTHER), did(Action.CALL_ENDED))
    said = "said by the window of the mill"
    vault.consents.record((a_consent(vault, clock, twin.id, note=said),), did(Action.CONSENT_GIVEN))
    vault.directory.merge(merged(ada, twin), twin.id, did(Action.CONTACTS_MERGED))
    receipt = vault.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    assert receipt.remains_found == 0
    for needle in ("Adeline Lovelace", "adeline@secret.example", OTHER, NUMBER, said, "Lovelace"):
        assert vault.search_remains([needle]) == 0, needle
    with pytest.raises(NotFound):
        saved(vault, twin)


def test_a_restricted_contact_is_not_merged(tmp_path: Path):
    rig = Rig(tmp_path)
    rig.create(SUPERVISOR, OFFICER)
    vault, clock = rig.open(SUPERVISOR), rig.clock
    ada, twin = saved(vault, a_contact()), saved(vault, a_contact("Ada Lovelace", OTHER))
    held = Restriction(twin.id, RestrictionKind.HELD, clock.now(), "Dora", "a law suit")
    vault.restrictions.restrict(held, did(Action.CONTACT_SAVED))
    with pytest.raises(Refused):
        vault.directory.merge(merged(ada, twin), twin.id, did(Action.CONTACTS_MERGED))
    assert vault.directory.count() == 2
    vault.close()


def test_erasing_one_of_two_who_share_leaves_the_other(vault: Vault, clock: FakeClock):
    ada = saved(vault, replace(a_contact("Ada Lovelace"), email="office@engines.example"))
    charles = saved(vault, replace(a_contact("Charles Babbage"), email="office@engines.example"))
    receipt = vault.erase_contact(ada.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    assert receipt.remains_found == 0
    assert vault.find_contact(NUMBER) == charles


def test_a_contact_who_is_a_colleague_is_erased_and_the_colleague_stays(vault: Vault):
    sam = saved(vault, a_contact(SUPERVISOR.name))
    receipt = vault.erase_contact(sam.id, ErasureReason.SUBJECT_REQUEST, lambda _step: None)
    assert receipt.remains_found == 0
    assert vault.policy.member(vault.user.id) is not None


def test_a_do_not_call_list_names_nobody(vault: Vault, clock: FakeClock):
    made = DoNotCallList(new_id(), "Robinson", clock.now(), 0)
    vault.do_not_call.add_list(made, ["+442079461234"], did(Action.DO_NOT_CALL_CHANGED))
    assert vault.search_remains(["+442079461234"]) == 0
    assert vault.do_not_call.on_lists(["+442079461234"]) == ("Robinson",)


def test_a_list_that_cannot_be_read_to_its_end_leaves_nothing(vault: Vault, clock: FakeClock):
    def broken():
        yield NUMBER
        raise ValueError("the file ended")

    made = DoNotCallList(new_id(), "Robinson", clock.now(), 0)
    with pytest.raises(ValueError, match="ended"):
        vault.do_not_call.add_list(made, broken(), did(Action.DO_NOT_CALL_CHANGED))
    assert list(vault.do_not_call.lists()) == []


def test_keys_of_names_saved_before_there_were_any_are_filled(vault: Vault):
    saved(vault, a_contact("Ada Lovelace"))
    saved(vault, a_contact("Ada Lovelace", OTHER))
    vault._stores.core.connection.execute("UPDATE contacts SET name_key = ''")
    assert len(vault.directory.duplicates(9)) == 1
