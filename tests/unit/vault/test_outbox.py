from __future__ import annotations

from pathlib import Path

import pytest

from softphone.app.ports import Enrolment, LeafBatch, Vault
from softphone.domain.audit import Action, AuditFilter
from softphone.domain.ed25519 import P
from softphone.domain.errors import ProofInvalid, ServerMisbehaved
from softphone.domain.merkle import Frontier, leaf_hash
from softphone.domain.note import (
    COSIGNATURE_V1,
    Checkpoint,
    SignedNote,
    VerifierKey,
    cosign,
    format_checkpoint,
    format_note,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
    sign,
    verify,
)
from softphone.vault.crypto import public_key, signer, verifies
from tests.unit.vault.rig import ADMIN, Rig, draft

SEED = b"w" * 32
PLAIN = VerifierKey("witness.example", public_key(SEED))
TIMED = VerifierKey("witness.example", public_key(SEED), COSIGNATURE_V1)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    made = Rig(tmp_path)
    made.create()
    return made


@pytest.fixture
def vault(rig: Rig):
    opened = rig.open(ADMIN)
    opened.save_enrolment(Enrolment("https://sync.example", "token", str(PLAIN)))
    yield opened
    opened.close()


def cosigned(note: str, key: VerifierKey = PLAIN, seed: bytes = SEED) -> str:
    parsed = parse_note(note)
    if key.type == COSIGNATURE_V1:
        made = cosign(parsed.text, key, signer(seed), 1_790_000_000)
    else:
        made = sign(parsed.text, key, signer(seed))
    return format_note(SignedNote(parsed.text, (*parsed.signatures, made)))


def everything(vault: Vault) -> LeafBatch:
    batch = vault.unsent_leaves(10_000)
    assert batch is not None
    return batch


def test_leaves_rebuild_the_root_that_the_device_signed(vault: Vault):
    key = parse_verifier_key(vault.log_key)
    frontier = Frontier()
    first = 0
    while (batch := vault.unsent_leaves(4)) is not None:
        assert batch.first == first
        for leaf in batch.leaves:
            frontier = frontier.append(leaf_hash(leaf))
        note = parse_note(batch.checkpoint)
        verify(note, key, verifies)
        assert parse_checkpoint(note.text) == Checkpoint(key.name, frontier.size, frontier.root())
        first += len(batch.leaves)
        vault.confirm_leaves(first, cosigned(batch.checkpoint))
    assert vault.waiting() == 0
    verdict = vault.verify_audit()
    assert (verdict.holds, verdict.witnessed_up_to) == (True, first)
    assert all(row.witnessed for row in vault.audit_rows(AuditFilter(), 99, 0))


def test_asking_again_gives_the_same_batch(vault: Vault):
    assert vault.unsent_leaves(3) == vault.unsent_leaves(3)


def test_a_timed_cosignature_is_taken_too(rig: Rig, vault: Vault):
    vault.save_enrolment(Enrolment("https://sync.example", "token", str(TIMED)))
    batch = everything(vault)
    vault.confirm_leaves(len(batch.leaves), cosigned(batch.checkpoint, TIMED))
    assert vault.unsent_leaves(1) is None


def forged(vault: Vault, **changes: object) -> str:
    """A checkpoint with the device's true signature over something else."""
    device = vault._stores.core.device
    head = parse_checkpoint(parse_note(everything(vault).checkpoint).text)
    values = {"origin": head.origin, "size": head.size, "root": head.root} | changes
    text = format_checkpoint(Checkpoint(**values))
    made = sign(text, device.log_vkey, signer(device.log_key))
    return cosigned(format_note(SignedNote(text, (made,))))


@pytest.mark.parametrize(
    "lie",
    ["not signed", "wrong witness", "other root", "other size", "other log", "text", "too large"],
)
def test_a_confirmation_that_does_not_hold_is_refused_and_audited(vault: Vault, lie: str):
    batch = everything(vault)
    size = len(batch.leaves)
    answers = {
        "not signed": (size, batch.checkpoint),
        "wrong witness": (size, cosigned(batch.checkpoint, seed=b"x" * 32)),
        "other root": (size, forged(vault, root=b"r" * 32)),
        "other size": (size - 1, cosigned(batch.checkpoint)),
        "other log": (size, forged(vault, origin="softphone/another")),
        "text": (size, "what?"),
        "too large": (size + 5, forged(vault, size=size + 5)),
    }
    with pytest.raises(ServerMisbehaved):
        vault.confirm_leaves(*answers[lie])
    (row,) = vault.audit_rows(AuditFilter(action=Action.SERVER_MISBEHAVED), 9, 0)
    assert row.detail["why"]
    assert vault.verify_audit().witnessed_up_to == 0


def test_confirmations_never_go_back(vault: Vault):
    small = vault.unsent_leaves(2)
    assert small is not None
    batch = everything(vault)
    vault.confirm_leaves(len(batch.leaves), cosigned(batch.checkpoint))
    with pytest.raises(ServerMisbehaved):
        vault.confirm_leaves(2, cosigned(small.checkpoint))


def test_without_a_server_nothing_is_confirmed(rig: Rig):
    alone = rig.open(ADMIN)
    batch = everything(alone)
    with pytest.raises(ServerMisbehaved):
        alone.confirm_leaves(len(batch.leaves), cosigned(batch.checkpoint))
    alone.close()


def test_the_enrolment_is_kept_and_audited(rig: Rig, vault: Vault):
    enrolment = Enrolment("https://sync.example", "token-2", str(PLAIN), "ca.pem")
    vault.save_enrolment(enrolment)
    assert vault.enrolment() == enrolment
    assert vault.audit_count(AuditFilter(action=Action.DEVICE_ENROLLED)) == 2
    rows = vault.audit_rows(AuditFilter(action=Action.DEVICE_ENROLLED), 9, 0)
    assert "token-2" not in repr(rows)
    with pytest.raises(ProofInvalid):
        vault.save_enrolment(Enrolment("https://sync.example", "t", "not a key"))


def test_an_old_vault_without_the_servers_confirmations_is_noticed(rig: Rig, vault: Vault):
    batch = everything(vault)
    vault.confirm_leaves(len(batch.leaves), cosigned(batch.checkpoint))
    vault._stores.core.connection.execute("DELETE FROM cosigned")
    verdict = vault.verify_audit()
    assert not verdict.holds
    assert "server confirmed" in verdict.why
    vault.append_audit(draft(vault))


@pytest.mark.parametrize("y", [0, 1, P - 1, P + 1])
def test_a_weak_witness_key_is_refused_at_enrolment(tmp_path: Path, y: int):
    rig = Rig(tmp_path)
    rig.create()
    vault = rig.open(ADMIN)
    weak = str(VerifierKey("witness.example", y.to_bytes(32, "little"), COSIGNATURE_V1))
    with pytest.raises(ProofInvalid, match="weak key"):
        vault.save_enrolment(Enrolment("https://sync.example", "token", weak))
    assert vault.enrolment() is None
    vault.close()
