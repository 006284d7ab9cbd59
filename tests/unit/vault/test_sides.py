from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from softphone.app.ports import Enrolment, Vault
from softphone.domain.contact import Note
from softphone.domain.errors import NotFound, ServerMisbehaved
from softphone.domain.ids import new_id
from softphone.vault.opened import OpenVault
from tests.unit.vault.rig import ADMIN, SUPERVISOR, Rig, contact, draft
from tests.unit.vault.test_outbox import PLAIN, cosigned

NUMBER = "+442079460000"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create(SUPERVISOR)
    return made


def test_the_vault_has_every_method_of_its_port():
    names = {name for name, _ in inspect.getmembers(Vault) if not name.startswith("_")}
    assert names <= set(dir(OpenVault))


def test_a_contacts_file_has_notes_of_recordings_in_order(rig: Rig):
    vault = rig.open(SUPERVISOR)
    ada = contact("Ada Lovelace", NUMBER)
    vault.save_contact(ada, draft(vault))
    sealed = rig.seal(vault, NUMBER)
    vault.take_in(sealed, draft(vault))
    member = vault.user
    texts = []
    for about in ({"recording": sealed.manifest.recording}, {"contact": ada.id}):
        rig.clock.advance(1)
        texts.append(str(about))
        note = Note(new_id(), member.id, member.name, rig.clock.now(), texts[-1], **about)
        vault.save_note(note, draft(vault))
    file = vault.contact_file(ada.id, draft(vault))
    assert [note.text for note in file.notes] == texts
    with pytest.raises(NotFound):
        vault.contact_file(new_id(), draft(vault))
    vault.close()


def test_confirmations_are_remembered_outside_of_the_vault(rig: Rig):
    vault = rig.open(ADMIN)
    vault.save_enrolment(Enrolment("https://sync.example", "t", str(PLAIN)))
    batch = vault.unsent_leaves(1000)
    assert batch is not None
    with pytest.raises(ServerMisbehaved):
        vault.confirm_leaves(len(batch.leaves), "nonsense")
    vault.confirm_leaves(len(batch.leaves), cosigned(batch.checkpoint))
    assert vault._stores.marks.load().cosigned_size == len(batch.leaves)
    vault.close()
