from __future__ import annotations

from pathlib import Path

import pytest

from softphone.app.ports import Enrolment, Vault
from softphone.domain.audit_bundle import check_bundle
from softphone.domain.errors import NotFound
from softphone.domain.merkle import leaf_hash, verify_inclusion
from softphone.domain.note import (
    SignedNote,
    cosign,
    format_note,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
    verify,
)
from softphone.vault.crypto import signer, verifies
from tests.fakes.bundles import WITNESS, WITNESS_SEED
from tests.unit.vault.rig import ADMIN, Rig, contact, draft

NUMBER = "+493012345678"


@pytest.fixture
def vault(tmp_path: Path):
    rig = Rig(tmp_path)
    rig.create()
    opened = rig.open(ADMIN)
    person = contact("Ada Lovelace", NUMBER)
    opened.save_contact(person, draft(opened, object_id=person.id, why="Ada rang"))
    yield opened
    opened.close()


def witness(vault: Vault, count: int) -> int:
    """Let the witness see the oldest entries; returns how many it has seen."""
    batch = vault.unsent_leaves(count)
    assert batch is not None
    parsed = parse_note(batch.checkpoint)
    made = cosign(parsed.text, WITNESS, signer(WITNESS_SEED), 1_790_000_000)
    size = batch.first + len(batch.leaves)
    vault.confirm_leaves(size, format_note(SignedNote(parsed.text, (*parsed.signatures, made))))
    return size


def test_a_bundle_holds_and_names_nobody(vault: Vault):
    vault.save_enrolment(Enrolment("https://sync.example", "secret-token", str(WITNESS)))
    seen = witness(vault, 4)
    bundle = vault.audit_bundle()
    leaves = list(bundle.leaves)
    verdict = check_bundle(
        vault.audit_bundle(), verifies, log_key=vault.log_key, witness_key=str(WITNESS)
    )
    assert (verdict.holds, verdict.entries, verdict.witnessed_up_to) == (True, len(leaves), seen)
    assert verdict.root_hash == vault.verify_audit().root_hash
    everything = b"".join(leaves) + repr(bundle.checkpoints).encode()
    for personal in ("Ada", "Lovelace", NUMBER[1:], ADMIN.name, "secret-token", vault.user.id):
        assert personal.encode() not in everything


def test_a_log_longer_than_a_page_comes_whole(vault: Vault):
    for _ in range(1100):
        vault.append_audit(draft(vault))
    bundle = vault.audit_bundle()
    assert check_bundle(bundle, verifies).holds
    assert bundle.entries > 1100
    assert bundle.witness_key == ""


def checked(vault: Vault, index: int) -> int:
    """Check a proof as a stranger does; returns the size of the log that it is about."""
    proof = vault.audit_proof(index)
    note = parse_note(proof.checkpoint)
    verify(note, parse_verifier_key(proof.log_key), verifies)
    head = parse_checkpoint(note.text)
    verify_inclusion(index, head.size, leaf_hash(proof.leaf), proof.path, head.root)
    assert f'"n":{index},'.encode() in proof.leaf
    return head.size


def test_every_entry_is_proved_to_be_in_the_signed_log(vault: Vault):
    vault.sign_checkpoint()
    size = vault.verify_audit().entries
    assert {checked(vault, index) for index in range(size)} == {size}


def test_a_proof_is_under_the_newest_checkpoint_that_the_witness_saw(vault: Vault):
    vault.save_enrolment(Enrolment("https://sync.example", "token", str(WITNESS)))
    witness(vault, 2)
    seen = witness(vault, 2)
    assert checked(vault, 0) == seen
    assert checked(vault, seen) == vault.verify_audit().entries


@pytest.mark.parametrize("index", [-1, 100_000])
def test_an_entry_that_is_not_there_has_no_proof(vault: Vault, index: int):
    with pytest.raises(NotFound):
        vault.audit_proof(index)
