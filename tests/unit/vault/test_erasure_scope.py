from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.contact import Note
from softphone.domain.ids import ErasureId, new_id
from softphone.domain.privacy import ErasureReason, ErasureStep
from softphone.vault.erasure_job import CONTACT, RECORDING, Job
from softphone.vault.erasure_scope import Scope, exclusive_numbers
from tests.unit.vault.rig import ADMIN, Rig, call, contact, draft

SHARED, OWN = "+442079460000", "+442079460001"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create()
    return made


@pytest.fixture
def vault(rig: Rig):
    opened = rig.open(ADMIN)
    yield opened
    opened.close()


def job(kind: str = CONTACT, **changes: object) -> Job:
    return Job(
        ErasureId(new_id()),
        kind,
        ErasureStep.INTENT_LOGGED,
        ErasureReason.SUBJECT_REQUEST,
        "",
        0,
        **changes,
    )


def test_only_numbers_of_nobody_else_are_the_persons_own(vault):
    ada, bob = contact("Ada Lovelace", OWN, SHARED), contact("Bob Builder", SHARED)
    for each in (ada, bob):
        vault.save_contact(each, draft(vault))
    core = vault._stores.core
    assert exclusive_numbers(core, [ada.id]) == (OWN,)
    assert exclusive_numbers(core, [bob.id]) == ()
    assert exclusive_numbers(core, [ada.id, bob.id]) == (OWN, SHARED)


def test_needles_are_what_only_this_person_left(rig: Rig, vault):
    ada = contact("Ada Lovelace", OWN)
    vault.save_contact(ada, draft(vault))
    now = rig.clock.now()
    for number, shown in ((OWN, "Lovelace, Ada"), (OWN, "Anonymous"), (SHARED, "Anonymous")):
        vault.add_call(call(vault, number, now, contact_name=shown), draft(vault))
    member = vault.user
    for text in ("rings back on Monday", "short", member.name):
        note = Note(new_id(), member.id, member.name, now, text, ada.id)
        vault.save_note(note, draft(vault))
    scope = Scope(vault._stores.core, job(contacts=(ada.id,), numbers=(OWN,)))
    # Every call of the contact shows its name; the name it came with is searched for as well.
    assert set(scope.needles()) == {
        OWN, "Ada Lovelace", "Lovelace, Ada", "rings back on Monday",
    }  # fmt: skip
    assert dict(scope.counts())["calls"] == 2
    assert dict(scope.counts())["notes"] == 3


def test_a_recordings_scope_is_the_recording_and_its_notes(rig: Rig, vault):
    ada = contact("Ada Lovelace", OWN)
    vault.save_contact(ada, draft(vault))
    one, two = rig.seal(vault, OWN), rig.seal(vault, OWN)
    for sealed in (one, two):
        vault.take_in(sealed, draft(vault))
    vault.add_call(call(vault, OWN, rig.clock.now()), draft(vault))
    scope = Scope(
        vault._stores.core, job(RECORDING, recordings=(one.manifest.recording, "unknown"))
    )
    assert scope.recordings == [one.manifest.recording]
    assert (scope.calls, scope.notes) == ([], [])
